"""How much a request may send: more is refused by its announced length, else as soon as it has come."""

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from galen.settings import settings

from ..errors import Refusal
from .problems import refused

MEGABYTE = 1024 * 1024


class TooMuch(Refusal):
    status, message = 413, "This is larger than {limit} MB, the most that may be sent here. Nothing was kept."


class BodyLimit:
    """Plain ASGI. A file's limit and a megabyte for the fields around it; memory holds one piece at a time."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        limit, came, over, answered = (settings().files_mb + 1) * MEGABYTE, 0, False, False

        async def receive_bounded() -> Message:
            nonlocal came, over
            message = await receive()
            came += len(message.get("body", b""))
            if came > limit:
                over = True
                raise refusal()
            return message

        async def send_unless_over(message: Message) -> None:
            nonlocal answered
            answered = answered or not over
            if answered:
                await send(message)

        length = dict(scope["headers"]).get(b"content-length", b"0")
        if length.isdigit() and int(length) > limit:
            return await refuse(scope, receive, send)
        try:
            await self.app(scope, receive_bounded, send_unless_over)
        except TooMuch:
            if answered:
                raise
        if over and not answered:
            await refuse(scope, receive, send)


def refusal() -> TooMuch:
    return TooMuch(limit=settings().files_mb)


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """The connection is closed after it: what was not read would be taken for the next request."""
    response = await refused(Request(scope, receive), refusal())
    response.headers["Connection"] = "close"
    await response(scope, receive, send)
