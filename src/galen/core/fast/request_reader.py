"""Reading a request of the API by the signature of its verb: path, query and JSON body.

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

from ..web.routes import Route, is_draft

REQUIRED = object()
SCALARS = (str, int, float, Decimal, Enum, UUID, date, time, NoneType)
Reader = Callable[[Any], Any]


@dataclass(frozen=True)
class DirectRoute:
    """How one route of the API reads its path, its query and its draft."""

    row: Route
    path: tuple[tuple[str, Reader], ...]
    query: tuple[tuple[str, Reader, Any], ...]
    draft: tuple[str, type[BaseModel]] | None

    async def read(self, request: Request, path_params: dict[str, str]) -> dict[str, Any] | None:
        """The arguments of the verb, or nothing when any of them does not fit."""
        try:
            arguments = {name: parse(path_params[name]) for name, parse in self.path}
            if self.query:
                query = request.query_params if request.scope["query_string"] else {}
                for name, parse, default in self.query:
                    if (text := query.get(name)) is not None:
                        arguments[name] = parse(text)
                    elif default is REQUIRED:
                        return None
                    else:
                        arguments[name] = default
            if self.draft:
                if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
                    return None
                arguments[self.draft[0]] = self.draft[1].model_validate_json(await request.body())
        except ValidationError:
            return None
        return arguments


def direct_route(route: APIRoute) -> DirectRoute | None:
    """None for what is more than a path, a query and a draft."""
    row: Route | None = getattr(route.endpoint, "row", None)
    if row is None or not all(type(kind) is StringConvertor for kind in route.param_convertors.values()):
        return None
    path: list[tuple[str, Reader]] = []
    query: list[tuple[str, Reader, Any]] = []
    draft = None
    for parameter in row.parameters:
        kind, default = parameter.annotation, parameter.default
        required = default is parameter.empty
        if is_draft(kind):
            if row.method == "GET" or not required or draft:
                return None
            draft = parameter.name, kind
        elif parameter.name in route.param_convertors:
            path.append((parameter.name, TypeAdapter(kind).validate_python))
        elif is_scalar(kind):
            query.append((parameter.name, TypeAdapter(kind).validate_python, REQUIRED if required else default))
        else:
            return None
    return DirectRoute(row, tuple(path), tuple(query), draft)


def is_scalar(kind: Any) -> bool:
    """A single word of the query, or none: no list, no draft, no file."""
    parts = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    return all(isinstance(part, type) and issubclass(part, SCALARS) for part in parts)
