"""Drafts and views: what a person may fill in, and what a person may see."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, PlainSerializer
from sqlalchemy import inspect

from galen.values.units import plain

from .record import Record

T = TypeVar("T")
R = TypeVar("R", bound=Record)


Quantity = Annotated[Decimal, PlainSerializer(plain, return_type=str, when_used="json")]


class Draft(BaseModel):
    """What a person may fill in: JSON body, web form and validation in one. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

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
