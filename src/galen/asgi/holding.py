"""How long handlers hold the event loop: while one computes, nobody else is answered. A test mode, off by default."""

from collections.abc import Awaitable, Coroutine, Generator
from time import thread_time
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from galen.logs import log


class Steps(Awaitable[Any]):
    """A coroutine, and the longest that it computed between two of its awaits, in seconds.

    Time of this thread alone is counted, so that a busy machine does not look like a slow handler.
    """

    def __init__(self, work: Coroutine[Any, Any, Any]) -> None:
        self.work, self.longest = work, 0.0

    def __await__(self) -> Generator[Any, Any, Any]:
        steps = self.work.__await__()
        given: Any = None
        thrown: BaseException | None = None
        while True:
            began = thread_time()
            try:
                asked = steps.send(given) if thrown is None else steps.throw(thrown)
            except StopIteration as end:
                return end.value
            finally:
                self.longest = max(self.longest, thread_time() - began)
            given = thrown = None
            try:
                given = yield asked
            except BaseException as error:  # a cancellation, too, is the coroutine's own affair
                thrown = error


class Holding:
    """Tells in the log which route held the loop for longer than so many milliseconds."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app, self.limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        steps = Steps(self.app(scope, receive, send))  # type: ignore[arg-type]
        try:
            await steps
        finally:
            if (held := round(steps.longest * 1000)) >= self.limit:
                route = getattr(scope.get("route"), "path", scope["path"].split("/")[1])
                log.warning("held the loop", method=scope["method"], route=route, ms=held)
