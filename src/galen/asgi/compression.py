"""Answers arrive small: what is text goes in the coding that a client takes, when that saves it a packet."""

import gzip
from functools import lru_cache

import brotli
from starlette.types import Message, Scope, Send

TEXTS = (b"text/", b"application/json", b"application/problem+json", b"application/javascript", b"image/svg+xml")
FLOOR = 1_000  # bytes; less fits into the packet that brings the headers
CODINGS = ("br", "gzip")
Header = tuple[bytes, bytes]


def compressing(scope: Scope, send: Send) -> Send:
    """The same `send`, but whole answers are packed on their way; streams such as live events pass as they are."""
    coding = "" if scope["method"] == "HEAD" else accepted(dict(scope["headers"]).get(b"accept-encoding", b""))
    if not coding:
        return send
    start: Message | None = None

    async def pack(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start" and is_worth_it(message["headers"]):
            start = message  # its length is known when the body is there
            return
        if start is not None:
            first, start = start, None
            if not message.get("more_body"):
                body = packed(message["body"], coding)
                first = {**first, "headers": relabelled(first["headers"], coding, len(body))}
                message = {**message, "body": body}
            await send(first)
        await send(message)

    return pack


@lru_cache(256)
def accepted(header: bytes) -> str:
    """The best coding that a client takes; one with a weight of nothing it does not take."""
    wanted: dict[str, bool] = {}
    for part in header.decode("latin-1").lower().split(","):
        name, _, weight = part.replace(" ", "").partition(";")
        wanted[name] = weight.rstrip("0.") != "q="
    return next((coding for coding in CODINGS if wanted.get(coding, wanted.get("*", False))), "")


def is_worth_it(headers: list[Header]) -> bool:
    """Text of some length, which nobody has packed yet."""
    known = dict(headers)
    if int(known.get(b"content-length", 0)) < FLOOR or b"content-encoding" in known:
        return False
    return known.get(b"content-type", b"").startswith(TEXTS)


def packed(body: bytes, coding: str, *, best: bool = False) -> bytes:
    """A page is packed anew each time, so cheaply; a file once, so as well as can be."""
    if coding == "br":
        return bytes(brotli.compress(body, mode=brotli.MODE_TEXT, quality=11 if best else 3))
    return gzip.compress(body, 9 if best else 4, mtime=0)


def relabelled(headers: list[Header], coding: str, length: int) -> list[Header]:
    """The same thing in other bytes: its tag is weak from now on, and a cache keeps the codings apart."""
    known = dict(headers)
    tag, vary = known.get(b"etag", b""), known.get(b"vary", b"")
    own = {
        b"content-length": str(length).encode(),
        b"content-encoding": coding.encode(),
        b"vary": b"%s, Accept-Encoding" % vary if vary else b"Accept-Encoding",
    }
    if tag and not tag.startswith(b"W/"):
        own[b"etag"] = b"W/" + tag
    return [*((name, value) for name, value in headers if name not in own), *own.items()]
