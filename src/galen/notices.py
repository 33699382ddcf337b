"""Notices: what was committed, told to screens and workers a few milliseconds later, many commits at a time.

PostgreSQL takes one lock of the whole server for each NOTIFY in a commit, so that writers wait for each other. Here
the commit itself is silent, and each process sends what its commits said in one statement. A notice is a hint and may
be lost with its process: jobs are found within seconds anyway, and a screen asks again when its connection is back.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from galen.logs import log

WINDOW = 0.005  # seconds in which notices gather
LIMIT = 7_000  # bytes of one message; PostgreSQL takes 8,000
CHANNEL = "galen_live"


@dataclass(frozen=True)
class Notice:
    """Which facts became true in which organisation, and whether a job waits for them."""

    organization: str
    facts: tuple[str, ...]
    wakes: bool


class Notices:
    """The notices of one process. `send` is given the messages for screens, and whether workers are to be woken."""

    def __init__(self, send: Callable[[list[str], bool], Awaitable[None]]) -> None:
        self.send = send
        self.waiting: list[Notice] = []
        self.sending: asyncio.Task[None] | None = None

    def add(self, notices: list[Notice]) -> None:
        """After the commit: it is on its way within the window."""
        self.waiting += notices
        if self.waiting and (self.sending is None or self.sending.done()):
            self.sending = asyncio.create_task(self.send_soon())

    async def send_soon(self) -> None:
        while self.waiting:
            await asyncio.sleep(WINDOW)
            await self.flush()

    async def flush(self) -> None:
        """Send now what waits."""
        waiting, self.waiting = self.waiting, []
        if not waiting:
            return
        try:
            await self.send(list(messages(waiting)), any(notice.wakes for notice in waiting))
        except Exception as error:  # whatever it is, the commits stand, and the next notices are tried anew
            log.warning("notices lost", count=len(waiting), error=type(error).__name__)

    async def close(self) -> None:
        if self.sending:
            await self.sending
        await self.flush()


def messages(notices: list[Notice]) -> Iterator[str]:
    """All facts by organisation, each once, in as few messages as their length allows."""
    facts: dict[str, set[str]] = defaultdict(set)
    for notice in notices:
        facts[notice.organization] |= set(notice.facts)
    batch: dict[str, list[str]] = {}
    for organization, names in facts.items():
        if batch and len(json.dumps(batch | {organization: sorted(names)})) > LIMIT:
            yield json.dumps(batch)
            batch = {}
        batch[organization] = sorted(names)
    if batch:
        yield json.dumps(batch)
