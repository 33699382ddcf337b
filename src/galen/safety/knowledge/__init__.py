"""What Galen knows about the safety of medicines: rules from the files beside this one, indexed by ingredient."""

from .compiling import Files, compile_knowledge
from .edition import built_in
from .index import Knowledge
from .persons import PersonFiles, Persons
from .words import RANK, Imported, KnownSubstance, Pair, Rule, RuleKind, Severity

__all__ = [
    "RANK",
    "Files",
    "Imported",
    "Knowledge",
    "KnownSubstance",
    "Pair",
    "PersonFiles",
    "Persons",
    "Rule",
    "RuleKind",
    "Severity",
    "built_in",
    "compile_knowledge",
]
