"""From a request to a service function and back: parse, open a context, perform once, render, commit, answer."""

import asyncio
import inspect
import random
from collections.abc import Awaitable, Callable
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from fastapi import Request, Response
from pydantic import TypeAdapter
from sqlalchemy.orm.exc import StaleDataError

from galen import room

from ..context import Context
from ..database import BUSY, RefusedByDatabase, code_of, driver_error, rule_of
from ..errors import Busy, Conflict, Refusal, Stale
from ..finish import defer, finish
from ..gate import verb_name
from ..shown import patients_in
from . import idempotency
from .forms import country_of, filled, single, typed_day, with_days
from .pages import as_page
from .request_context import request_context
from .routes import Route, is_draft, request_parameter

RETRIED = {"40001", "40P01"}  # serialisation failure, deadlock
FULL = {"53100"}
BROKEN = {"23505", "23514", "23P01", "23503", "23000"}
ZERO_BYTE = {"22021", "22P05"}
TOO_FAR = {"22003", "22008"}  # a number, a day
TRIES = 4


class Unwritable(Refusal):
    status, message = 422, "A text in this holds a zero byte, which cannot be kept. Take it out and send it again."


class DiskFull(Busy):
    message = (
        "The disk of the server is nearly full, so nothing can be saved until somebody makes room. Nothing was "
        "changed; what is kept can be read. Please tell your administrator."
    )


class TooFar(Refusal):
    status, message = 422, "A day or a number in this lies further away than can be reckoned with. Check it."


def make_endpoint(route: Route, shape: Literal["json", "html"]) -> Callable[..., Awaitable[Response]]:
    """The endpoint of a route: its signature is the service function's, without `ctx`."""
    draft = route.draft
    reads_form = (shape == "html" or route.takes_files) and draft is not None and route.method != "GET"
    own = [p for p in route.parameters if not (reads_form and is_draft(p.annotation))]
    days = {p.name for p in own if shape == "html" and single(p.annotation) is date}
    own = [p.replace(annotation=str | None if p.default is None else str) if p.name in days else p for p in own]

    async def endpoint(request: Request, **given: Any) -> Response:
        if reads_form and draft is not None:
            given[draft.name] = await filled(request, draft.annotation)
        elif shape == "html" and draft is not None:
            asked = with_days(draft.annotation, dict(request.query_params), await country_of(request))
            given[draft.name] = draft.annotation.model_validate(asked)
        for name in days & given.keys():
            given[name] = typed_day(name, given[name], await country_of(request))
        return await perform(request, route, given, shape)

    endpoint.__signature__ = inspect.Signature([request_parameter(), *own])  # type: ignore[attr-defined]
    endpoint.__doc__ = inspect.getdoc(route.verb)
    endpoint.__name__ = route.verb.__name__
    endpoint.permission = route.permission  # type: ignore[attr-defined]
    endpoint.row = route if shape == "json" else None  # type: ignore[attr-defined]
    return endpoint


async def perform(request: Request, route: Route, given: dict[str, Any], shape: str) -> Response:
    """Done once under its idempotency key; a request refused because it was done already gets the answer of then."""
    organization = organization_named(given, request)
    key = await idempotency.key_of(request) if route.takes_key else ""
    await request.app.state.services.ahead(request, organization, given)
    try:
        return await in_one_transaction(request, route, given, shape, organization, key)
    except Refusal as refusal:
        if not key or refusal.status == 401:
            raise
        try:
            async with request_context(request, organization, read_only=True) as ctx:
                before = await idempotency.recall(ctx, request, key)
        except Busy:
            raise refusal from None
        if before is None:
            raise
        return before


async def in_one_transaction(
    request: Request, route: Route, given: dict[str, Any], shape: str, organization: str, key: str
) -> Response:
    """One transaction, tried again as a whole when the database asks for it."""
    if route.method != "GET" and route.module != "identity" and room.is_full():  # to read, people sign in
        raise DiskFull
    for attempt in range(TRIES):
        try:
            async with request_context(
                request, organization, read_only=route.method == "GET" and not route.writes
            ) as ctx:
                return await answer(ctx, request, route, given, shape, key)
        except StaleDataError:
            raise Stale(thing="record") from None
        except OverflowError:
            raise TooFar from None
        except RefusedByDatabase as error:
            if code_of(error) not in RETRIED or attempt == TRIES - 1:
                raise (refusal := as_refusal(error)) from (None if refusal is error else error)
            await asyncio.sleep(random.uniform(0.01, 0.05) * 2**attempt)  # noqa: S311 waiting, not secrecy
    raise Busy


async def answer(ctx: Context, request: Request, route: Route, given: dict[str, Any], shape: str, key: str) -> Response:
    if route.needs_key and not key and ctx.actor.may(route.permission):
        raise idempotency.KeyNeeded
    if match := request.headers.get("if-match", "").strip('W/"'):
        ctx.if_match = int(match) if match.isdigit() else -1
    with ctx.doing(verb_name(route.verb), given):
        response = await rendered(ctx, request, route, given, shape)
        await (idempotency.keep(ctx, request, key, response) if key else finish(ctx))
    return response


async def rendered(ctx: Context, request: Request, route: Route, given: dict[str, Any], shape: str) -> Response:
    result = await route.verb(ctx, **given)
    ctx.shown |= patients_in(result)
    if isinstance(result, Response):
        return result
    if route.media_type:
        return Response(result, media_type=route.media_type, headers={"Cache-Control": "no-store"})
    if shape == "json":
        await defer(ctx)
        return as_json(route, result)
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


def as_refusal(error: Exception) -> Exception:
    """The database's refusal as the sentence that a record's module wrote for that constraint."""
    if (state := code_of(error)) in BUSY:
        return Busy()
    if state in FULL:
        return DiskFull()
    if state in BROKEN:
        refusal: type[Refusal] = Refusal.by_constraint.get(rule_of(error), Conflict)
        return refusal()
    if state in ZERO_BYTE:
        return Unwritable()
    if state in TOO_FAR or isinstance(getattr(driver_error(error), "__cause__", None), OverflowError):
        return TooFar()
    return error
