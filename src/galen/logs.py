"""Structured logs that cannot hold health data: only named, harmless fields pass, and errors never say their words."""

import logging
import sys
import threading
from collections.abc import Iterator, MutableMapping
from traceback import walk_tb
from typing import Any

import structlog

FIELDS = frozenset(
    """
    event level timestamp logger request verb method route status ms job id attempt error organization port
    address count exception seconds worker signal
    """.split()
)


def allow_only(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every field that is not on the list: a name or a number that slips into a call never reaches the log."""
    dropped = [key for key in event if key not in FIELDS]
    for key in dropped:
        del event[key]
    return event


def traced(error: BaseException) -> str:
    """Where something broke and of which kind; not what the error says, which may quote a row or a draft."""
    return "\n".join(steps(error, set()))


def steps(error: BaseException, seen: set[int]) -> Iterator[str]:
    """What led to it first. A chain may name an error twice, or itself; each is told once."""
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        yield from steps(before, seen)
        yield "then"
    yield kind(error)
    for frame, line in walk_tb(error.__traceback__):
        yield f"  {frame.f_code.co_filename}:{line} in {frame.f_code.co_qualname}"
    for part in getattr(error, "exceptions", ()):
        if id(part) not in seen:
            yield from steps(part, seen)


def kind(error: BaseException) -> str:
    """The class of an error; for one of the database also its code and the constraint that was broken."""
    details = [str(word) for name in ("sqlstate", "constraint_name") if (word := getattr(error, name, None))]
    return f"{type(error).__module__}.{type(error).__qualname__}" + (f" ({', '.join(details)})" if details else "")


class Wordless(logging.Formatter):
    """What libraries log: the sentence that stands in their source, without what they would fill in."""

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        head = f"{record.levelname} {record.name}"
        return f"{head} {traced(error)}" if error else f"{head} {str(record.msg).splitlines()[0]}"


def configure(as_json: bool = False) -> None:
    out = logging.StreamHandler(sys.stderr)
    out.setFormatter(Wordless())
    logging.basicConfig(handlers=[out], level=logging.WARNING, force=True)
    sys.excepthook = lambda _, error, __: print(f"galen: {traced(error)}", file=sys.stderr)
    threading.excepthook = lambda of: print(
        f"galen: {traced(of.exc_value) if of.exc_value else of.exc_type.__name__}", file=sys.stderr
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            allow_only,
            structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


log = structlog.get_logger()
