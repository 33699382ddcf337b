"""Live screens: one LISTEN per process, fanned out in memory to every open page of the organisation."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncpg
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import URL

from galen.lasting import lasting
from galen.values.clock import CLOCK

from ..database import SESSION, dsn
from ..errors import SignInNeeded
from ..notices import CHANNEL
from .request_context import request_context

SLICE = 200
HEARTBEAT = 20.0
router = APIRouter()


class Live:
    """Who listens, and what they are told: names of facts, never what they are about."""

    def __init__(self, url: URL) -> None:
        self.dsn = dsn(url)
        self.pages: dict[str, set[asyncio.Queue[str | None]]] = defaultdict(set)
        self.closing = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.task = asyncio.create_task(lasting("live", self.listen, self.closing))

    async def stop(self) -> None:
        """End every stream at once: the server waits for them before it goes."""
        self.closing.set()
        for pages in self.pages.values():
            for page in pages:
                page.put_nowait(None)
        if self.task:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    async def listen(self) -> None:
        """On one connection, until that is lost: pages that were open already then look for what they missed."""
        lost, own = asyncio.Event(), {**SESSION, "search_path": "galen"}
        connection = await asyncpg.connect(self.dsn, server_settings=own, timeout=10, command_timeout=10)
        try:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(CHANNEL, lambda *note: asyncio.ensure_future(self.tell(str(note[3]))))
            await self.tell(json.dumps({organization: ["line-restored"] for organization in self.pages}))
            while not lost.is_set():
                CLOCK.set(await connection.fetchval("SELECT clock_timestamp()"))
                with suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), HEARTBEAT)
            raise ConnectionResetError
        finally:
            connection.terminate()

    async def tell(self, note: str) -> None:
        """In slices, so that ten thousand pages do not hold up a single request."""
        for organization, facts in json.loads(note).items():
            message = "".join(f"event: fact\ndata: {fact}\n\n" for fact in facts)
            for number, page in enumerate(list(self.pages[organization])):
                page.put_nowait(message)
                if number % SLICE == SLICE - 1:
                    await asyncio.sleep(0)

    async def stream(self, organization: str) -> AsyncIterator[str]:
        page: asyncio.Queue[str | None] = asyncio.Queue()
        self.pages[organization].add(page)
        try:
            yield "retry: 2000\nevent: hello\ndata: \n\n"
            while not self.closing.is_set():
                try:
                    message = await asyncio.wait_for(page.get(), HEARTBEAT)
                except TimeoutError:
                    message = "event: beat\ndata:\n\n"
                if message is None:
                    return
                yield message
        finally:
            self.pages[organization].discard(page)


@router.get("/live", include_in_schema=False)
async def live(request: Request) -> Response:
    """The stream of fact names for a signed-in page, or for a public display of the organisation it names."""
    async with request_context(request, request.query_params.get("organization", "")) as ctx:
        if ctx.actor.kind == "anonymous" and "organization" not in request.query_params:
            raise SignInNeeded
        organization = ctx.organization.slug
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(
        request.app.state.live.stream(organization), headers=headers, media_type="text/event-stream"
    )
