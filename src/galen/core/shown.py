"""Whom an answer shows: the patients it names, each look at whom stands in the audit log."""

from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import inspect

from .record import Record

PLAIN = (str, bytes, int, float, bool, type(None), UUID, Decimal, date, Enum)
Reader = Callable[[Any], tuple[Any, Iterable[Any]]]


def patients_in(shown: Any) -> set[UUID]:
    """The ids of all patients that a verb's answer names: records, views and lists of them, as deep as they go."""
    found: set[UUID] = set()
    waiting, seen = [shown], dict[int, Any]()  # which holds them: an id is given anew when its value is gone
    while waiting:
        value = waiting.pop()
        read = reader_of(cast(Any, type(value)))
        if read is None or id(value) in seen:
            continue
        seen[id(value)] = value
        patient, parts = read(value)
        if isinstance(patient, UUID):
            found.add(patient)
        waiting.extend(parts)
    return found


@lru_cache(2048)
def reader_of(kind: type) -> Reader | None:
    """How one kind of value tells which patient it is about, and what else it is made of; nothing is loaded for it."""
    if issubclass(kind, PLAIN):
        return None
    if issubclass(kind, dict):
        return lambda value: (value.get("patient_id"), value.values())
    if issubclass(kind, Record):
        own = "id" if kind.__tablename__ == "patient" else "patient_id"
        plain = {attribute.key for attribute in inspect(kind).column_attrs} | {"_sa_instance_state"}
        return lambda record: (record.__dict__.get(own), [v for k, v in record.__dict__.items() if k not in plain])
    if issubclass(kind, BaseModel) or is_dataclass(kind):
        names = [*kind.model_fields] if issubclass(kind, BaseModel) else [field.name for field in fields(kind)]
        return lambda value: (getattr(value, "patient_id", None), [getattr(value, name) for name in names])
    many = issubclass(kind, list | tuple | set | frozenset)
    return lambda value: (getattr(value, "patient_id", None), value if many else ())
