"""What Galen knows about the safety of medicines: rules from the files beside this one, indexed by ingredient."""

from .compiling import Files, compile_knowledge
from .edition import built_in
from .index import Knowledge
from .persons import PersonFiles, Persons
from .words import RANK, Imported, Kind, Pair, Rule, Severity, Substance

__all__ = [
    "RANK",
    "Files",
    "Imported",
    "Kind",
    "Knowledge",
    "Pair",
    "PersonFiles",
    "Persons",
    "Rule",
    "Severity",
    "Substance",
    "built_in",
    "compile_knowledge",
]
