"""What goes wrong in a command, as one sentence for the person who typed it."""

import os
import shutil

import asyncpg
from pydantic import ValidationError

from galen.core.database import RefusedByDatabase
from galen.core.errors import Invalid, Refusal
from galen.core.web.endpoint import as_refusal
from galen.core.web.problems import place, sentence
from galen.logs import traced
from galen.postgres import PostgresUnavailable
from galen.settings import WrongSetting, settings

LITTLE = 32 * 2**20
"""Bytes below which a database cannot go on: two segments of its log."""


def is_full() -> bool:
    """Whether the disk of the data folder is the reason, whatever the error says."""
    try:
        return not settings().database_url and shutil.disk_usage(settings().var).free < LITTLE
    except OSError:
        return False


def in_a_sentence(error: Exception) -> str:
    """Words for what is known to go wrong; for the rest where it broke, without what the error quotes."""
    if isinstance(error, (*RefusedByDatabase, asyncpg.InterfaceError, OSError)) and is_full():
        return f"No space is left on the disk that holds {settings().var.absolute()}: free some and start again."
    if isinstance(error, RefusedByDatabase):
        error = as_refusal(error)
    match error:
        case Invalid(field=field) if field:
            return f"{field}: {error}"
        case Refusal() | PostgresUnavailable() | WrongSetting():
            return str(error)
        case ValidationError():
            return " ".join(f"{place(e)}: {sentence(e)}" for e in error.errors(include_url=False))
        case PermissionError(filename=str() | bytes() as name):
            return f"{os.fsdecode(name)}: not allowed. Run as its owner, or set GALEN_VAR to a folder of your own."
        case OSError(filename=str() | bytes() as name):
            return f"{os.fsdecode(name)}: {error.strerror}."
        case OSError() | TimeoutError() | asyncpg.InterfaceError():
            return f"The database, or the network to it, does not answer ({type(error).__name__}); is it running?"
    return f"Something broke on our side. Please report it with these lines:\n{traced(error)}"
