"""Who a request says it comes from: the cookie of a browser or the token of a client; and forged forms refused."""

import hmac
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from secrets import token_bytes
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from starlette.datastructures import FormData

from ..crypto import key
from ..errors import Forbidden, SignInNeeded
from ..services import Credentials

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
ALGORITHMS = ["HS256"]
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
MOST_FILES = 10
"""In one request. Each waits in a temporary file, no more than a megabyte of it in memory."""


class ForgedForm(Forbidden):
    message = "This form is out of date, or came from another site. Reload the page and send it again."


def cookie_name(request: Request) -> str:
    """`__Host-` pins the cookie to this host and to TLS; plain http on one's own machine cannot have it."""
    return "__Host-galen" if request.url.scheme == "https" else "galen"


def credentials_of(request: Request) -> Credentials | None:
    """The bearer token of a client, or the cookie of a browser."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        credentials, expires = decode_access_token(bearer)
        if expires < datetime.now(UTC).timestamp():  # house: a token's own clock, before there is a ctx
            raise SignInNeeded
        return credentials
    organization, _, token = request.cookies.get(cookie_name(request), "").partition(".")
    unasked = "x-unasked" in request.headers or request.scope["path"] == "/live"
    return Credentials(organization, token, "cookie", unasked) if token else None


def access_key() -> OctKey:
    return OctKey.import_key(key("access token"))


@lru_cache(4096)
def decode_access_token(bearer: str) -> tuple[Credentials, float]:
    """What an access token says, and until when; its signature is verified once, the session at every request."""
    try:
        claims = jwt.decode(bearer, access_key(), algorithms=ALGORITHMS).claims
        return Credentials(str(claims["org"]), str(UUID(claims["sid"])), "bearer"), float(claims["exp"])
    except (JoseError, ValueError, KeyError, TypeError, AttributeError):
        raise SignInNeeded from None


def csrf_token(session_token: str) -> str:
    """The session's token under a mask that each page has anew: what is compressed may be guessed by its length."""
    mask = token_bytes(sha256().digest_size)
    return (mask + xor(mask, unmasked_csrf(session_token))).hex()


def unmasked_csrf(session_token: str) -> bytes:
    return hmac.digest(key("csrf"), session_token.encode(), sha256)


def xor(mask: bytes, token: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(mask, token, strict=True))


def is_csrf(given: str, session_token: str) -> bool:
    """Whether a page of this session brought that, under whichever mask."""
    try:
        masked = bytes.fromhex(given)
        token = xor(masked[: len(masked) // 2], masked[len(masked) // 2 :])
    except ValueError:
        return False
    return hmac.compare_digest(token, unmasked_csrf(session_token))


async def refuse_forgery(request: Request, credentials: Credentials | None) -> None:
    """A browser's unsafe request must come from a page of ours: same site, and with the session's own token."""
    if request.method not in UNSAFE or (credentials and credentials.by == "bearer"):
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site not in (None, "same-origin", "none") or (origin and urlsplit(origin).netloc != request.headers.get("host")):
        raise ForgedForm(permission="same site")
    if credentials:
        given = request.headers.get("x-csrf") or str((await form_of(request)).get("csrf", ""))
        if not is_csrf(given, credentials.token):
            raise ForgedForm(permission="csrf")


async def form_of(request: Request) -> FormData:
    """The fields of a form; none when the body is no form."""
    return await request.form(max_files=MOST_FILES) if is_form(request) else FormData()


def is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith(FORMS)
