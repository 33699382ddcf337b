"""What every answer carries: security headers, a request id, a line in the log, a count in the metrics."""

from collections.abc import Iterator
from functools import lru_cache
from time import perf_counter
from typing import Any

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..logs import log
from ..record import uuid7

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types galen default"
)
FIXED = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
TLS_ONLY = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
PLAIN = [(name.lower().encode(), value.encode()) for name, value in FIXED.items()]
TLS = [*PLAIN, *((name.lower().encode(), value.encode()) for name, value in TLS_ONLY.items())]
REQUESTS = Counter("galen_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("galen_request_seconds", "Time to answer", ["method", "route"])


class Headers:
    """Plain ASGI, as it stands before every request. The id it gives is that of the context and of its audit rows."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started, status, request_id = perf_counter(), 500, uuid7()
        scope.setdefault("state", {})["request_id"] = request_id

        async def dress(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *missing(scope, {name for name, _ in message["headers"]})]
            await send(message)

        try:
            await self.app(scope, receive, dress)
        finally:
            note(scope, status, perf_counter() - started, str(request_id))


def missing(scope: Scope, there: set[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """What an answer does not say for itself."""
    for name, value in TLS if scope["scheme"] == "https" else PLAIN:
        if name not in there:
            yield name, value
    if b"cache-control" not in there and not scope["path"].startswith("/static/"):
        yield b"cache-control", b"no-store"
    yield b"x-request-id", str(scope["state"]["request_id"]).encode()


def carried(scope: Scope) -> dict[str, str]:
    """The headers of every answer; the last resort, which stands outside of `Headers`, asks for them itself."""
    safe = FIXED | TLS_ONLY if scope["scheme"] == "https" else FIXED
    return {**safe, "X-Request-Id": str(scope["state"]["request_id"])}


@lru_cache(4096)
def counted(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(method, route, status), SECONDS.labels(method, route)


def note(scope: dict[str, Any] | Any, status: int, seconds: float, request_id: str) -> None:
    """By route template, never by path: a path may hold an id."""
    route = getattr(scope.get("route"), "path", "unknown")
    requests, histogram = counted(scope["method"], route, status)
    requests.inc()
    histogram.observe(seconds)
    if status >= 500:
        log.error("failed", method=scope["method"], route=route, status=status, request=request_id)
