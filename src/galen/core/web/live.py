"""Live screens: one LISTEN per process, fanned out in memory to every open page of the organisation."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any

import asyncpg
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import URL
from starlette.types import Receive, Scope, Send

from galen.lasting import lasting
from galen.notices import CHANNEL
from galen.settings import settings
from galen.values.clock import CLOCK

from ..actor import Actor
from ..database import SESSION, dsn
from ..errors import Busy, Refusal, SignInNeeded
from .request_context import request_context

SLICE, BACKLOG = 200, 100  # of pages told in one go; of facts kept for a page that does not read them
HEARTBEAT, CHECK = 20.0, 300.0  # seconds: until a line is heard of; until its session is looked at again
ENDED = "ended "  # a session, whose lines are closed and told nothing
router = APIRouter()


class TooManyLines(Refusal):
    status, retry_after, message = 429, 30, "Too many live pages are open from here. Close some, then load this again."


HELD: Counter[str] = Counter()
"""The lines of this process, by whose shares they take."""


@contextmanager
def line_for(actor: Actor, origin: str) -> Iterator[None]:
    """A place for one more line, or socket: its address has so many, its account, displays together, and all."""
    anonymous, most = actor.kind == "anonymous", settings().streams
    shares = {"all": most, f"{anonymous} {origin}": most // (500 if anonymous else 10)}
    shares |= {"displays": most // 50} if anonymous else {f"account {actor.id}": most // 100}
    if any(HELD[share] >= limit for share, limit in shares.items()):
        raise TooManyLines
    HELD.update(shares.keys())
    try:
        yield
    finally:
        HELD.subtract(shares.keys())
        for share in shares.keys() - {share for share, held in HELD.items() if held > 0}:
            del HELD[share]


class Live:
    """Who listens, and what they are told: names of facts, never what they are about."""

    def __init__(self, url: URL) -> None:
        self.dsn = dsn(url)
        self.pages: dict[str, dict[asyncio.Queue[str | None], str]] = defaultdict(dict)  # with their sessions
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
            ended = {fact.removeprefix(ENDED) for fact in facts if fact.startswith(ENDED)}
            message = "".join(f"event: fact\ndata: {fact}\n\n" for fact in facts if not fact.startswith(ENDED))
            for number, (page, session) in enumerate(list(self.pages[organization].items())):
                if page.qsize() < BACKLOG or session in ended:
                    page.put_nowait(None if session in ended else message)
                if number % SLICE == SLICE - 1:
                    await asyncio.sleep(0)

    async def stream(self, request: Request, organization: str, session: str) -> AsyncIterator[str]:
        """Until the server stops, the session ends, or nobody has used it for too long."""
        page: asyncio.Queue[str | None] = asyncio.Queue()
        pages, looked = self.pages[organization], monotonic()
        pages[page] = session
        try:
            yield "retry: 2000\nevent: hello\ndata: \n\n"
            while not self.closing.is_set():
                try:
                    message = await asyncio.wait_for(page.get(), HEARTBEAT)
                except TimeoutError:
                    message = "event: beat\ndata:\n\n"
                if monotonic() - looked > CHECK:
                    message, looked = message if await stands(request) else None, monotonic()
                if message is None:
                    return
                if message:
                    yield message
        finally:
            pages.pop(page)


class LiveLine(StreamingResponse):
    """Takes a place for as long as it is answered, however that ends."""

    def __init__(self, actor: Actor, origin: str, *what: Any, **how: Any) -> None:
        super().__init__(*what, **how)
        self.actor, self.origin = actor, origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with line_for(self.actor, self.origin):
            await super().__call__(scope, receive, send)


async def stands(request: Request) -> bool:
    """Whether whoever listens would still be let in."""
    try:
        async with request_context(request, request.query_params.get("organization", ""), read_only=True):
            del request.state.ctx
            return True
    except Busy:
        return True
    except Refusal:
        return False


@router.get("/live", include_in_schema=False)
async def live(request: Request) -> Response:
    """The stream of fact names for a signed-in page, or for a public display of the organisation it names."""
    live: Live = request.app.state.live
    organization = request.query_params.get("organization", "")
    async with request_context(request, organization, read_only=True) as ctx:
        if ctx.actor.kind == "anonymous" and "organization" not in request.query_params:
            raise SignInNeeded
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    del request.state.ctx  # thousands wait: none keeps what it was recognised with
    stream = live.stream(request, ctx.organization.slug, str(ctx.actor.session_id))
    return LiveLine(ctx.actor, ctx.origin, stream, headers=headers, media_type="text/event-stream")
