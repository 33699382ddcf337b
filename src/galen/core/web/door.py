"""The door: from a request to a context, and from its end to a commit."""

import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from .. import guard
from ..context import NOBODY, SYSTEM, Context, Organization
from ..crypto import key
from ..database import Database, unwritten
from ..errors import Forbidden, NotFound, Refusal, SignInNeeded

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
ALGORITHMS = ["HS256"]
assert guard  # importing it makes the session guarded


class NoSuchOrganization(NotFound):
    message = "There is no organisation “{name}” here."


class ForgedForm(Forbidden):
    message = "This form is out of date, or came from another site. Reload the page and send it again."


@dataclass(frozen=True)
class Claim:
    """What a request says about who sent it: not yet believed."""

    organization: str
    token: str
    by: str  # "cookie", "bearer"


Identify = Callable[[Context, Claim], Awaitable[None]]


@dataclass
class House:
    """What every request needs: the database, the organisations, and the way to recognise a person."""

    database: Database
    list_organizations: Callable[[], Awaitable[list[Organization]]]
    identify: Identify
    known: dict[str, Organization] = field(default_factory=dict)
    looked: float = -60.0

    async def organization(self, slug: str) -> Organization:
        """By its short name; the empty name means the first one. The list is read again every few seconds."""
        if slug not in self.known or monotonic() - self.looked > 5:
            listed = await self.list_organizations()
            self.known = {o.slug: o for o in listed}
            if listed:
                self.known[""] = listed[0]
            self.looked = monotonic()
        if slug not in self.known:
            raise NoSuchOrganization(name=slug)
        return self.known[slug]

    @asynccontextmanager
    async def as_system(self, slug: str, verb: str) -> AsyncIterator[Context]:
        """A context for work that no person asked for: jobs, the command line, the demo."""
        organization = await self.organization(slug)
        async with self.database.transaction(organization.slug) as db:
            ctx = Context(db, SYSTEM, organization, verb=verb, origin="system")
            yield ctx
            await ctx.settle()

    async def note_refusal(self, ctx: Context, refusal: Refusal) -> None:
        """A refused attempt leaves its row in a transaction of its own, as its own was rolled back."""
        async with self.database.transaction(ctx.organization.slug) as db:
            note = Context(db, ctx.actor, ctx.organization, ctx.site, ctx.now, ctx.request_id, ctx.origin, ctx.verb)
            said = {k: [None, str(v)] for k, v in refusal.about.items() if k in ("permission", "thing", "username")}
            row = {
                "action": "refused",
                "subject": refusal.code,
                "subject_id": None,
                "patient_id": None,
                "changes": said,
            }
            note.audit.append(row)
            await note.settle()


def cookie_name(request: Request) -> str:
    """`__Host-` pins the cookie to this host and to TLS; plain http on one's own machine cannot have it."""
    return "__Host-galen" if request.url.scheme == "https" else "galen"


def access_key() -> OctKey:
    return OctKey.import_key(key("access token"))


def claim_of(request: Request) -> Claim | None:
    """The bearer token of a client, or the cookie of a browser."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        claim, ends = believed(bearer)
        if ends < datetime.now(UTC).timestamp():  # house: a token's own clock, before there is a ctx
            raise SignInNeeded
        return claim
    organization, _, token = request.cookies.get(cookie_name(request), "").partition(".")
    return Claim(organization, token, "cookie") if token else None


@lru_cache(4096)
def believed(bearer: str) -> tuple[Claim, float]:
    """What an access token claims, and until when; the signature is checked once, the session at every request."""
    try:
        said = jwt.decode(bearer, access_key(), algorithms=ALGORITHMS).claims
    except (JoseError, ValueError):
        raise SignInNeeded from None
    return Claim(said["org"], said["sid"], "bearer"), float(said.get("exp", 0))


def csrf_token(session_token: str) -> str:
    return hmac.new(key("csrf"), session_token.encode(), sha256).hexdigest()


async def refuse_forgery(request: Request, claim: Claim | None) -> None:
    """A browser's unsafe request must come from a page of ours: same site, and with the session's own token."""
    if request.method not in UNSAFE or (claim and claim.by == "bearer"):
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site not in (None, "same-origin", "none") or (origin and urlsplit(origin).netloc != request.headers.get("host")):
        raise ForgedForm(permission="same site")
    if claim:
        given = request.headers.get("x-csrf") or str((await form_of(request)).get("csrf", ""))
        if not hmac.compare_digest(given, csrf_token(claim.token)):
            raise ForgedForm(permission="csrf")


async def form_of(request: Request) -> Any:
    kind = request.headers.get("content-type", "")
    return await request.form() if kind.startswith(("multipart/form-data", "application/x-www-form-urlencoded")) else {}


@asynccontextmanager
async def opened(request: Request, organization: str = "", *, reading: bool = False) -> AsyncIterator[Context]:
    """The context of a request. Leaving it commits; an exception rolls back, and a denial is noted."""
    house: House = request.app.state.house
    claim = claim_of(request)
    await refuse_forgery(request, claim)
    home = await house.organization(claim.organization if claim else organization)
    ctx: Context | None = None
    kept: Refusal | None = None
    try:
        async with house.database.transaction(home.slug, reading=reading) as db:
            origin, request_id = request.client.host if request.client else "", request.state.request_id
            ctx = Context(db, NOBODY, home, request_id=request_id, origin=origin)
            request.state.ctx = ctx
            if claim:
                await house.identify(ctx, claim)
            try:
                yield ctx
            except Refusal as refusal:
                if not refusal.keeps:
                    raise
                kept = refusal
            if ctx.audit or ctx.facts or ctx.opened or ctx.held or unwritten(db):
                await ctx.settle()
        if kept:
            raise kept
    except Refusal as refusal:
        if refusal.audited and ctx is not None:
            await house.note_refusal(ctx, refusal)
        raise
