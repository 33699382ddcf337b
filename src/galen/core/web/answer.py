"""From a request to a service function and back: parse, open, do once, draw, commit, answer."""

import asyncio
import inspect
import random
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote

from fastapi import Request, Response
from pydantic import TypeAdapter
from sqlalchemy.orm.exc import StaleDataError

from ..context import Context, name_of
from ..database import RefusedByDatabase, code_of, driver_error, rule_of
from ..errors import Busy, Conflict, Refusal, Stale
from . import once
from .door import opened
from .forms import filled
from .routes import Route, is_draft, request_parameter

RETRIED = {"40001", "40P01"}  # serialisation failure, deadlock
BUSY = {"55P03", "57014"}  # lock timeout, statement timeout
BROKEN = {"23505", "23514", "23P01", "23503", "23000"}
ZERO_BYTE = {"22021", "22P05"}
TOO_FAR = {"22003", "22008"}  # a number, a day
TRIES = 4


class Unwritable(Refusal):
    status, message = 422, "A text in this holds a zero byte, which cannot be kept. Take it out and send it again."


class TooFar(Refusal):
    status, message = 422, "A day or a number in this lies further away than can be reckoned with. Check it."


def answering(route: Route, shape: Literal["json", "html"]) -> Callable[..., Awaitable[Response]]:
    """The endpoint of a route: its signature is the service function's, without `ctx`."""
    draft = route.draft
    reads_form = shape == "html" and draft is not None and route.method != "GET"
    own = [p for p in route.parameters if not (reads_form and is_draft(p.annotation))]

    async def endpoint(request: Request, **given: Any) -> Response:
        if reads_form and draft is not None:
            given[draft.name] = await filled(request, draft.annotation)
        elif shape == "html" and draft is not None:
            given[draft.name] = draft.annotation.model_validate(dict(request.query_params))
        return await perform(request, route, given, shape)

    endpoint.__signature__ = inspect.Signature([request_parameter(), *own])  # type: ignore[attr-defined]
    endpoint.__doc__ = inspect.getdoc(route.does)
    endpoint.__name__ = route.does.__name__
    endpoint.permission = route.permission  # type: ignore[attr-defined]
    endpoint.row = route if shape == "json" else None  # type: ignore[attr-defined]
    return endpoint


async def perform(request: Request, route: Route, given: dict[str, Any], shape: str) -> Response:
    """Done once under its key; what was refused because it had been done already is answered as it was then."""
    organization = organization_named(given, request)
    key = await once.key_of(request) if route.method == "POST" and route.once else ""
    try:
        return await tried(request, route, given, shape, organization, key)
    except Refusal as refusal:
        if not key or refusal.status == 401:
            raise
        async with opened(request, organization, reading=True) as ctx:
            before = await once.recall(ctx, request, key)
        if before is None:
            raise
        return before


async def tried(
    request: Request, route: Route, given: dict[str, Any], shape: str, organization: str, key: str
) -> Response:
    """One transaction, tried again as a whole when the database asks for it."""
    for attempt in range(TRIES):
        try:
            async with opened(request, organization, reading=route.method == "GET" and not route.writes) as ctx:
                return await done(ctx, request, route, given, shape, key)
        except StaleDataError:
            raise Stale(thing="record") from None
        except OverflowError:
            raise TooFar from None
        except RefusedByDatabase as error:
            if code_of(error) not in RETRIED or attempt == TRIES - 1:
                raise in_words(error) from error
            await asyncio.sleep(random.uniform(0.01, 0.05) * 2**attempt)  # noqa: S311 waiting, not secrecy
    raise Busy


async def done(ctx: Context, request: Request, route: Route, given: dict[str, Any], shape: str, key: str) -> Response:
    if match := request.headers.get("if-match", "").strip('W/"'):
        ctx.if_match = int(match) if match.isdigit() else -1
    if shape == "json":
        with ctx.doing(name_of(route.does)):
            response = await drawn(ctx, request, route, given, shape)
            await (once.keep(ctx, request, key, response) if key else ctx.settle())
        return response
    response = await drawn(ctx, request, route, given, shape)
    if key:
        await once.keep(ctx, request, key, response)
    return response


async def drawn(ctx: Context, request: Request, route: Route, given: dict[str, Any], shape: str) -> Response:
    result = await route.does(ctx, **given)
    if isinstance(result, Response):
        return result
    if route.content:
        return Response(result, media_type=route.content, headers={"Cache-Control": "no-store"})
    if shape == "json":
        await ctx.hold()
        return as_json(route, result)
    from .pages import as_page

    return await as_page(ctx, request, route, given, result)


@lru_cache(512)
def adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def as_json(route: Route, result: Any) -> Response:
    view = adapter(route.json)
    if route.json is not dict and result is not None:
        result = view.validator.validate_python(result, from_attributes=True)
    body = view.dump_json(result, by_alias=True)
    status = route.status or (201 if route.method == "POST" else 200)
    version = getattr(result, "version", None)
    return Response(body, status, {"ETag": f'"{version}"'} if version else None, "application/json")


def organization_named(given: dict[str, Any], request: Request) -> str:
    """Where nobody is signed in yet: the organisation that the draft, the path or the address names."""
    for value in given.values():
        if name := getattr(value, "organization", None):
            return str(name)
    asked = request.query_params.get("organization") if request.scope["query_string"] else ""
    return str(given.get("organization") or asked or "")


def in_words(error: Exception) -> Exception:
    """The database's refusal as the sentence that a record's module wrote for that constraint."""
    if (state := code_of(error)) in BUSY:
        return Busy()
    if state in BROKEN:
        refusal: type[Refusal] = Refusal.by_constraint.get(rule_of(error), Conflict)
        return refusal()
    if state in ZERO_BYTE:
        return Unwritable()
    if state in TOO_FAR or isinstance(getattr(driver_error(error), "__cause__", None), OverflowError):
        return TooFar()
    return error


def filled_path(pattern: str, result: Any, given: dict[str, Any]) -> str:
    """`/patients/{id}` with the result's id; `{patient_id}` from the result, else from what was given."""

    class Known(dict[str, Any]):
        def __missing__(self, name: str) -> str:
            value = getattr(result, name, given.get(name, ""))
            return quote(str(value))

    return pattern.format_map(Known())
