"""The way back: how a record stood before a change, sealed for whoever changed it, until something else changes it."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from typing import TypeVar

from pydantic import BaseModel, Field
from sqlalchemy import inspect

from .context import Context
from .crypto import Undecipherable, decrypt, encrypt
from .errors import Conflict
from .record import Record
from .schemas import Draft

LONGEST = timedelta(minutes=10)
S = TypeVar("S", bound=BaseModel)


class TooLateToUndo(Conflict):
    message = "This {thing} has been changed since, or it was long ago. Nothing was undone; look at how it stands now."


class UndoDraft(Draft):
    """What `sealed` made, sent back."""

    before: str = Field(max_length=4000)


def sealed(ctx: Context, record: Record, before: BaseModel) -> str:
    """How this record stood before the change that is about to be saved, or that has just inserted it."""
    saved = (record.version or 0) + inspect(record).modified
    said = f"{ctx.now.isoformat()} {before.model_dump_json()}"
    return urlsafe_b64encode(encrypt(said, place(ctx, record, saved))).decode()


def opened(ctx: Context, record: Record, shape: type[S], draft: UndoDraft) -> S:
    """The same again; refused to somebody else, later, and when the record has been changed since."""
    try:
        said = decrypt(urlsafe_b64decode(draft.before), place(ctx, record, record.version))
        at, _, before = said.partition(" ")
        if ctx.now - datetime.fromisoformat(at) <= LONGEST:
            return shape.model_validate_json(before)
    except (Undecipherable, ValueError):
        pass
    raise TooLateToUndo(thing=record.thing())


def place(ctx: Context, record: Record, version: int) -> str:
    return f"undo {ctx.organization.slug} {ctx.actor.id} {record.id} {version}"
