"""Drafts and views: what a person may fill in, and what a person may see."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, PlainSerializer
from sqlalchemy import inspect

from galen.values.units import plain

from .record import Record

T = TypeVar("T")
R = TypeVar("R", bound=Record)


Quantity = Annotated[Decimal, PlainSerializer(plain, return_type=str, when_used="json")]


BOUNDS: dict[str, dict[str, Any]] = {
    **{kind: {"max_length": 200} for kind in ("list", "set", "dict")},
    "str": {"max_length": 500},
    "int": {"ge": -(2**31), "le": 2**31 - 1},
    "decimal": {"ge": Decimal(-(10**12)), "le": Decimal(10**12)},
    "date": {"ge": date(1880, 1, 1), "le": date(2200, 12, 31)},
    "datetime": {"ge": datetime(1880, 1, 1, tzinfo=UTC), "le": datetime(2200, 12, 31, tzinfo=UTC)},
}
"""What holds for a field of a draft that says nothing narrower, or wider, itself: nothing is without end."""
SAID = {"ge": {"ge", "gt"}, "le": {"le", "lt"}, "max_length": {"max_length"}}


def bounded(part: Any) -> Any:
    """The same core schema with bounds wherever it has none."""
    if isinstance(part, dict):
        for name, bound in BOUNDS.get(str(part.get("type")), {}).items():
            if not SAID[name] & part.keys():
                part[name] = bound
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list | tuple) else ():
        bounded(inner)
    return part


class Draft(BaseModel):
    """What a person may fill in: JSON body, web form and validation in one. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> Any:
        return bounded(handler(source))

    def into(self, model: type[R], **more: Any) -> R:
        """A new record from the fields that it shares with this draft; parts become records of their own."""
        mapper = inspect(model)
        mine = {k: v for k, v in self if k not in more and k in mapper.attrs}
        for name, value in mine.items():
            if name in mapper.relationships:
                mine[name] = [part.into(mapper.relationships[name].mapper.class_) for part in value]
        return model(**mine, **more)

    def onto(self, record: R) -> R:
        """Change only what was said: fields left out stay as they are."""
        mapper = inspect(type(record))
        for name in self.model_fields_set:
            if name in mapper.column_attrs:
                setattr(record, name, getattr(self, name))
        return record


class View(BaseModel):
    """What a person may see."""

    model_config = ConfigDict(from_attributes=True)


class RecordView(View):
    """A record as seen from outside: with its identity, and its version for `If-Match`."""

    id: UUID
    version: int


class Slice(BaseModel, Generic[T]):
    """One page of a list; `next` goes into `after` for the one behind it."""

    model_config = ConfigDict(from_attributes=True, arbitrary_types_allowed=True)
    items: list[T]
    next: str | None = None
    count: int | None = Field(None, exclude=True)  # of the whole list, where a page tells it: see `count_of`


class TimelineEntry(View):
    """One line of a patient's story, written by the module it happened in."""

    at: datetime
    icon: str
    title: str
    detail: str = ""
    href: str = ""


class Found(View):
    """One answer of the search box."""

    title: str
    detail: str = ""
    href: str
    kind: str = ""
