"""How much a request may send, and how slowly: refused by what it announces, else on its way, before anything reads it.

Memory holds one piece of a body at a time; what is longer than a megabyte is taken only where files are.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from galen.settings import settings

KILO, MEGABYTE = 1024, 1024 * 1024
USUAL, NOBODYS = MEGABYTE, 64 * KILO  # a form or a draft; from somebody who does not even say who they are
ADDRESS, HEADERS = 8 * KILO, 32 * KILO
FIELDS = 5_000  # of one form or draft
SILENCE, SLOWEST = 15.0, 16 * KILO  # seconds without a piece of the body; bytes a second, after a first half minute
SIGNED = (b"authorization", b"cookie")

Refuse = Callable[[Scope, Receive, Send, str, str], Awaitable[None]]
"""Answers a request that is `too_much`, `too_many`, `too_long` or `too_slow`, with the most that is taken."""


@dataclass(frozen=True)
class Larger:
    """A path to which more may be sent: its files, or (`any_kind`) whatever it takes."""

    path: re.Pattern[str]
    megabytes: int  # none: a file's usual limit
    any_kind: bool = False


class OverLimit(Exception):
    """Ends the reading of a request, whoever reads."""

    def __init__(self, why: str, most: str) -> None:
        super().__init__(why)
        self.why, self.most = why, most


class RequestLimits:
    """Plain ASGI, before every route. `larger` has the paths that take more than the usual."""

    def __init__(self, app: ASGIApp, refuse: Refuse, larger: Sequence[Larger] = ()) -> None:
        self.app, self.refuse, self.larger = app, refuse, larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        head = scope["headers"]
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > ADDRESS:
            return await self.end(scope, receive, send, OverLimit("too_long", f"{ADDRESS // KILO} kB"))
        if sum(len(name) + len(value) for name, value in head) > HEADERS:
            return await self.end(scope, receive, send, OverLimit("too_long", f"{HEADERS // KILO} kB"))
        named = dict(head)
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):  # whose body nobody reads
            if typed := named.get(b"x-typed"):  # what a page would not write into its address
                scope["query_string"] = b"&".join(
                    filter(None, (scope["query_string"], b"q=" + typed.replace(b"&", b"")))
                )
            return await self.app(scope, receive, send)
        await self.bounded(scope, receive, send, named)

    async def bounded(self, scope: Scope, receive: Receive, send: Send, head: dict[bytes, bytes]) -> None:
        kind = head.get(b"content-type", b"").partition(b";")[0].strip().lower()
        most, limit = self.most(scope["path"].removeprefix("/api/v1"), kind, head)
        field = {b"application/json": b'":', b"application/x-www-form-urlencoded": b"&"}.get(kind)
        length, loop = head.get(b"content-length", b"0"), asyncio.get_running_loop()
        began, came, fields, whole = loop.time(), 0, 0, False
        over: OverLimit | None = None
        answered = False

        async def receive_bounded() -> Message:
            nonlocal came, fields, whole, over
            if whole:  # what is waited for now is only whether the other side hangs up
                return await receive()
            try:
                async with asyncio.timeout(min(SILENCE, began + 2 * SILENCE + came / SLOWEST - loop.time())):
                    message = await receive()
            except TimeoutError:
                over = OverLimit("too_slow", f"{SILENCE:.0f}")
                raise over from None
            body = message.get("body", b"")
            came, whole = came + len(body), not message.get("more_body", False)
            fields += body.count(field) if field else 0
            if came > limit or fields > FIELDS:
                over = OverLimit("too_much", most) if came > limit else OverLimit("too_many", str(FIELDS))
                raise over
            return message

        async def send_unless_over(message: Message) -> None:
            nonlocal answered
            answered = answered or not over
            if answered:
                await send(message)

        if length.isdigit() and int(length[:20]) > limit:
            return await self.end(scope, receive, send, OverLimit("too_much", most))
        try:
            await self.app(scope, receive_bounded, send_unless_over)
        except OverLimit:
            if answered:
                raise
        if over and not answered:
            await self.end(scope, receive, send, over)

    def most(self, path: str, kind: bytes, head: dict[bytes, bytes]) -> tuple[str, int]:
        """In words, and in bytes with what stands around a file."""
        if not any(name in head for name in SIGNED):
            return f"{NOBODYS // KILO} kB", NOBODYS
        for larger in self.larger:
            if larger.path.match(path) and (larger.any_kind or kind == b"multipart/form-data"):
                megabytes = larger.megabytes or settings().files_mb
                return f"{megabytes} MB", (megabytes + 1) * MEGABYTE
        return f"{USUAL // MEGABYTE} MB", USUAL

    async def end(self, scope: Scope, receive: Receive, send: Send, over: OverLimit) -> None:
        """The connection ends with it: what was not read would be taken for the next request."""
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1009})
        await self.refuse(scope, receive, send, over.why, over.most)
