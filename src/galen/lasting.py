"""What lasts longer than any connection to the database: it is begun again on a new one, until it is told to end."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic

from .logs import log

PAUSES = (0.05, 0.2, 0.5, 1.0, 2.0)  # seconds before each new try; the last for ever
STEADY = 30.0  # seconds after which what ends is no longer the same trouble


async def lasting(name: str, work: Callable[[], Awaitable[None]], ended: asyncio.Event) -> None:
    """Whatever ends the work is said once for each try, and a little later it is begun anew."""
    tries = 0
    while not ended.is_set():
        began = monotonic()
        try:
            await work()
        except Exception as error:  # a lost connection shows in many ways, and none of them may end the rest
            tries = 0 if monotonic() - began > STEADY else tries
            log.warning("connection lost, begun again", worker=name, error=type(error).__name__, attempt=tries + 1)
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), PAUSES[min(tries, len(PAUSES) - 1)])
            tries += 1
