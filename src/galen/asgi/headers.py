"""What every answer carries: security headers, a request id, a line in the log, a count in the metrics."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from time import perf_counter
from typing import Any

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from galen.logs import log
from galen.values.ids import uuid7

from .compression import compressing

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "galen default",
}
DEVICES = {"camera": "()", "microphone": "()", "geolocation": "()", "payment": "()"}


@dataclass(frozen=True)
class Allow:
    """What one page may do beyond all others (`Route.allow`); whatever does not say so keeps the strict policy."""

    camera: bool = False
    microphone: bool = False
    forms_to: tuple[str, ...] = ()  # origins to which an answer to its forms may lead
    pictures: tuple[str, ...] = ()  # "blob:"
    styles: tuple[str, ...] = ()  # "'unsafe-inline'"
    workers: tuple[str, ...] = ()  # "'self'": `<meta name="worker">` then registers the one service worker
    markup: bool = False  # no Trusted Types: for a foreign page that writes markup itself

    @cached_property
    def headers(self) -> dict[str, str]:
        """The policies of such a page."""
        more = {
            "img-src": self.pictures,
            "style-src": self.styles,
            "form-action": self.forms_to,
            "worker-src": self.workers,
        }
        strict = {name: rule for name, rule in POLICY.items() if not (self.markup and "trusted-types" in name)}
        policy = strict | {
            name: " ".join(filter(None, (strict.get(name), *extra))) for name, extra in more.items() if extra
        }
        devices = DEVICES | {name: "(self)" for name in ("camera", "microphone") if getattr(self, name)}
        return {
            "Content-Security-Policy": "; ".join(f"{name} {rule}" for name, rule in policy.items()),
            "Permissions-Policy": ", ".join(f"{name}={rule}" for name, rule in devices.items()),
        }


STRICT = Allow()
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TLS_ONLY = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
REQUESTS = Counter("galen_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("galen_request_seconds", "Time to answer", ["method", "route"])


@lru_cache(64)
def carrying(allow: Allow, tls: bool) -> list[tuple[bytes, bytes]]:
    """The headers of every answer, composed once for each page that may do more."""
    every = allow.headers | FIXED | (TLS_ONLY if tls else {})
    return [(name.lower().encode(), value.encode()) for name, value in every.items()]


PLAIN, TLS = carrying(STRICT, False), carrying(STRICT, True)


class Headers:
    """Plain ASGI, as it stands before every request. The id it gives is that of the context and of its audit rows."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started, status, request_id = perf_counter(), 500, uuid7()
        scope.setdefault("state", {})["request_id"] = request_id
        send = compressing(scope, send)

        async def dress(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *missing(scope, status, dict(message["headers"]))]
            await send(message)

        try:
            await self.app(scope, receive, dress)
        finally:
            note(scope, status, perf_counter() - started, str(request_id))


def missing(scope: Scope, status: int, there: dict[bytes, bytes]) -> Iterator[tuple[bytes, bytes]]:
    """What an answer does not say for itself."""
    tls = scope["scheme"] == "https"
    every = TLS if tls else PLAIN
    if status < 400 and there.get(b"content-type", b"").startswith(b"text/html"):
        every = carrying(getattr(scope.get("endpoint"), "allow", STRICT), tls)
    for header in every:
        if header[0] not in there:
            yield header
    if b"cache-control" not in there and not scope["path"].startswith("/static/"):
        yield b"cache-control", b"no-store"
    yield b"x-request-id", str(scope["state"]["request_id"]).encode()


def carried(scope: Scope) -> dict[str, str]:
    """The headers of every answer; the last resort, which stands outside of `Headers`, asks for them itself."""
    safe = STRICT.headers | FIXED | (TLS_ONLY if scope["scheme"] == "https" else {})
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
