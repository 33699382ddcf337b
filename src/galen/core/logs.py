"""Structured logs that cannot hold health data: only named, harmless fields pass."""

import logging
import sys
from collections.abc import MutableMapping
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


def configure(as_json: bool = False) -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
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
