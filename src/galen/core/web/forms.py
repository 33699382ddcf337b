"""Drafts read from form fields: `lines.0.drug` is the drug of the first line."""

import re
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar, get_args, get_origin

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile

from galen.i18n import gettext as _
from galen.i18n import typed

from ..errors import Invalid, NotFound
from .credentials import cookie_name, form_of

D = TypeVar("D", bound=BaseModel)
NUMBER, DEEPEST = re.compile("[0-9]{1,6}"), 8
OURS = {"csrf", "idempotency_key", "organization_hint"}


async def filled(request: Request, draft: type[D]) -> D:
    """Validate a form as a draft. Empty fields count as left out; complaints name their field."""
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        try:
            answer = await request.json()
        except (ValueError, RecursionError):
            fault = {"type": "json_invalid", "loc": ("body",), "msg": "", "input": None}
            raise RequestValidationError([fault]) from None
    else:
        if not kind.startswith("multipart/form-data"):
            await request.body()  # kept, as a form that was read cannot be read again for its fingerprint
        answer = nested([(k, v) for k, v in (await form_of(request)).multi_items() if k not in OURS])
        answer = with_days(draft, answer, await country_of(request))
    try:
        return draft.model_validate(answer)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False)) from None


def nested(fields: list[tuple[str, Any]]) -> Any:
    """Dotted names as nested values; a name that comes twice, or ends in `[]`, is a list."""
    tree: dict[str, Any] = {}
    for name, value in fields:
        if isinstance(value, str) and not value.strip():
            continue
        if isinstance(value, UploadFile) and not value.filename:
            continue
        *path, last = name.removesuffix("[]").split(".", DEEPEST)
        spot = tree
        try:
            for step in path:
                spot = spot.setdefault(step, {})
            if name.endswith("[]"):
                spot.setdefault(last, []).append(value)
            else:
                spot[last] = value
        except (AttributeError, TypeError):  # the same name for a value and for what holds values
            raise Invalid(name[:80], _("This field does not fit the others that were sent.")) from None
    return listed(tree)


def listed(spot: Any) -> Any:
    """Mappings whose keys are all numbers become lists, in the order of those numbers."""
    if not isinstance(spot, dict):
        return spot
    values = {k: listed(v) for k, v in spot.items()}
    numbered = values and all(NUMBER.fullmatch(k) for k in values)
    return [values[k] for k in sorted(values, key=int)] if numbered else values


async def country_of(request: Request) -> str:
    """Whose way of writing dates holds: that of the organisation which the session names, not yet verified."""
    slug = request.cookies.get(cookie_name(request), "").partition(".")[0]
    try:
        return str((await request.app.state.services.organization(slug)).country)
    except NotFound:
        return ""


def with_days(draft: type[BaseModel], answer: Any, country: str) -> Any:
    """Days as people typed them, written as days; what cannot be read stays, for the draft to complain about."""
    if not isinstance(answer, dict):
        return answer
    read = dict(answer)
    for name, kind in days_in(draft).items():
        if name in read:
            read[name] = each(read[name], lambda value, kind=kind: as_day(kind, value, country))
    return read


def each(value: Any, change: Any) -> Any:
    return [change(part) for part in value] if isinstance(value, list) else change(value)


def as_day(kind: type, value: Any, country: str) -> Any:
    if kind is not date:
        return with_days(kind, value, country)
    day = typed.read_day(value, country) if isinstance(value, str) else None
    return day.isoformat() if day else value


@lru_cache(512)
def days_in(draft: type[BaseModel]) -> dict[str, type]:
    """The fields of a draft that are days, or drafts in which there are any."""
    kinds = {
        field.alias or name: date if typed.DAY in field.metadata else single(field.annotation)
        for name, field in draft.model_fields.items()
    }
    return {
        name: kind
        for name, kind in kinds.items()
        if kind is date or (isinstance(kind, type) and issubclass(kind, BaseModel) and days_in(kind))
    }


def single(annotation: Any) -> Any:
    """`list[Line]`, `date | None`: what one value of it is. A text marked as a typed day is a day."""
    if get_origin(annotation) is None:
        return annotation
    parts = get_args(annotation)
    return date if typed.DAY in parts else next((single(part) for part in parts if part is not type(None)), None)


def typed_day(name: str, value: Any, country: str) -> date | None:
    """A day of a page's address, as it was typed into a filter; an empty one is none."""
    if not isinstance(value, str) or not value.strip():
        return value or None
    if (day := typed.read_day(value, country)) is None:
        raise RequestValidationError([{"type": "date_parsing", "loc": ("query", name), "msg": "", "input": value}])
    return day
