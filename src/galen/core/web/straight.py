"""The straight way for clients of the API: what a request gives is read here, and its verb is called.

FastAPI describes the same routes, and answers whatever is not as it should be: what cannot be read here goes its way,
unread, so that every complaint is worded in one place.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin
from uuid import UUID

from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.convertors import StringConvertor

from .routes import Route, is_draft

NEEDED = object()
WORDS = (str, int, float, Decimal, Enum, UUID, date, time, NoneType)
Reader = Callable[[Any], Any]


@dataclass(frozen=True)
class Straight:
    """How one route of the API reads its path, its query and its draft."""

    row: Route
    path: tuple[tuple[str, Reader], ...]
    query: tuple[tuple[str, Reader, Any], ...]
    draft: tuple[str, type[BaseModel]] | None

    async def given(self, request: Request, words: dict[str, str]) -> dict[str, Any] | None:
        """What the verb is called with, or nothing when any of it does not fit."""
        try:
            given = {name: read(words[name]) for name, read in self.path}
            if self.query:
                said = request.query_params if request.scope["query_string"] else {}
                for name, read, otherwise in self.query:
                    if (word := said.get(name)) is not None:
                        given[name] = read(word)
                    elif otherwise is NEEDED:
                        return None
                    else:
                        given[name] = otherwise
            if self.draft:
                if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
                    return None
                given[self.draft[0]] = self.draft[1].model_validate_json(await request.body())
        except ValidationError:
            return None
        return given


def straight(route: APIRoute) -> Straight | None:
    """None for what is more than a path, a query and a draft."""
    row: Route | None = getattr(route.endpoint, "row", None)
    if row is None or not all(type(kind) is StringConvertor for kind in route.param_convertors.values()):
        return None
    path: list[tuple[str, Reader]] = []
    query: list[tuple[str, Reader, Any]] = []
    draft = None
    for parameter in row.parameters:
        kind, otherwise = parameter.annotation, parameter.default
        needed = otherwise is parameter.empty
        if is_draft(kind):
            if row.method == "GET" or not needed or draft:
                return None
            draft = parameter.name, kind
        elif parameter.name in route.param_convertors:
            path.append((parameter.name, TypeAdapter(kind).validate_python))
        elif plain(kind):
            query.append((parameter.name, TypeAdapter(kind).validate_python, NEEDED if needed else otherwise))
        else:
            return None
    return Straight(row, tuple(path), tuple(query), draft)


def plain(kind: Any) -> bool:
    """A single word of the query, or none: no list, no draft, no file."""
    parts = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    return all(isinstance(part, type) and issubclass(part, WORDS) for part in parts)
