"""Drafts read from form fields: `lines.0.drug` is the drug of the first line."""

from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile

D = TypeVar("D", bound=BaseModel)
OURS = {"csrf", "idempotency_key", "organization_hint"}


async def filled(request: Request, draft: type[D]) -> D:
    """Validate a form as a draft. Empty fields count as left out; complaints name their field."""
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        answer = await request.json()
    else:
        if not kind.startswith("multipart/form-data"):
            await request.body()  # kept, as a form that was read cannot be read again for its fingerprint
        answer = nested([(k, v) for k, v in (await request.form()).multi_items() if k not in OURS])
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
        *path, last = name.removesuffix("[]").split(".")
        spot = tree
        for step in path:
            spot = spot.setdefault(step, {})
        if name.endswith("[]"):
            spot.setdefault(last, []).append(value)
        else:
            spot[last] = value
    return listed(tree)


def listed(spot: Any) -> Any:
    """Mappings whose keys are all numbers become lists, in the order of those numbers."""
    if not isinstance(spot, dict):
        return spot
    found = {k: listed(v) for k, v in spot.items()}
    return [found[k] for k in sorted(found, key=int)] if found and all(k.isdigit() for k in found) else found
