"""What the fast wing knows of SQLAlchemy beyond its documentation, and of which version it was read."""

import re
from pathlib import Path

import sqlalchemy
from sqlalchemy import select
from sqlalchemy.orm import InstanceState, Session
from sqlalchemy.orm.mapper import Mapper
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

import galen
from galen.patients import Patient

READ_IN = "2.1"
PRIVATE = {
    Session: ("_new", "_deleted", "_dirty_states", "_register_persistent"),
    InstanceState: ("_pending_mutations",),
    Mapper: ("_is_orphan",),
    TypeEngine: ("_has_column_expression", "_has_bind_expression"),
}
ELSEWHERE = (
    "_result_columns",
    "_annotations",
    "_body",
)  # of a compiled statement, of its parts, of Starlette's request
PUBLIC = {"_make", "_asdict", "_replace"}  # of a named tuple


def private_names(text: str) -> set[str]:
    """What is read behind a dot, begins with an underscore, and does not belong to the class itself."""
    own = set(re.findall(r"\b(?:self|cls)\.(_[a-z]\w*)", text))
    return set(re.findall(r"\.(_[a-z]\w*)", text)) - own - PUBLIC


def test_the_version_is_the_one_that_was_read():
    assert sqlalchemy.__version__.startswith(READ_IN), "read the names below again in this version, then change READ_IN"


def test_every_private_name_is_there():
    session = Session()
    compiled: SQLCompiler = select(Patient).compile()
    for kind, names in PRIVATE.items():
        for name in names:
            assert hasattr(session if kind is Session else kind, name), f"{kind.__name__}.{name} is gone"
    assert compiled._result_columns and "parententity" in Patient.family.expression._annotations


def test_private_names_of_others_stand_in_the_fast_wing_alone():
    source = Path(galen.__file__).parent
    wing = source / "core" / "fast"
    known = {name for names in PRIVATE.values() for name in names} | set(ELSEWHERE)
    for file in source.rglob("*.py"):
        found = private_names(file.read_text())
        assert found <= known if file.is_relative_to(wing) else not found & known, f"{file}: {sorted(found)}"


def test_the_search_finds_a_private_name():
    assert private_names("if session._deleted:") == {"_deleted"}
    assert private_names("self._own = 1\nother(self._own)") == set()
