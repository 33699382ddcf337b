"""How much a request may send: more is refused by its announced length, else as soon as it has come."""

from collections.abc import Mapping
from types import MappingProxyType

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from galen.settings import settings

from ..errors import Refusal
from .problems import refused

MEGABYTE = 1024 * 1024


class TooMuch(Refusal):
    status, message = 413, "This is larger than {limit} MB, the most that may be sent here. Nothing was kept."


class BodyLimit:
    """Plain ASGI. A file's limit and a megabyte for the fields around it; memory holds one piece at a time.

    `larger` has the limits, in megabytes, of the paths that say so in their row (`Route.max_mb`).
    """

    def __init__(self, app: ASGIApp, larger: Mapping[str, int] = MappingProxyType({})) -> None:
        self.app, self.larger = app, larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):  # whose body nobody reads
            return await self.app(scope, receive, send)
        megabytes = self.larger.get(scope["path"].removeprefix("/api/v1"), settings().files_mb)
        limit, came, over, answered = (megabytes + 1) * MEGABYTE, 0, False, False

        async def receive_bounded() -> Message:
            nonlocal came, over
            message = await receive()
            came += len(message.get("body", b""))
            if came > limit:
                over = True
                raise TooMuch(limit=megabytes)
            return message

        async def send_unless_over(message: Message) -> None:
            nonlocal answered
            answered = answered or not over
            if answered:
                await send(message)

        length = dict(scope["headers"]).get(b"content-length", b"0")
        if length.isdigit() and int(length) > limit:
            return await refuse(scope, receive, send, megabytes)
        try:
            await self.app(scope, receive_bounded, send_unless_over)
        except TooMuch:
            if answered:
                raise
        if over and not answered:
            await refuse(scope, receive, send, megabytes)


async def refuse(scope: Scope, receive: Receive, send: Send, megabytes: int) -> None:
    """The connection ends with it: what was not read would be taken for the next request."""
    response = await refused(Request(scope, receive), TooMuch(limit=megabytes))
    response.headers["Connection"] = "close"
    await response(scope, receive, send)
