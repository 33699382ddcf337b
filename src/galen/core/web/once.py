"""Idempotency: the same key does the same thing once, and gets the same answer for ever after."""

import json
from hashlib import sha256
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from ..context import Context
from ..errors import Refusal
from ..record import Record


class KeyUsed(Refusal):
    status, message = 422, "This Idempotency-Key was used for something else. Use a new key for a new request."


class StillWorking(Refusal):
    status, message = 409, "The same request is still being worked on. Ask again in a moment; it will be done once."


class OnceKey(Record):
    """A request that was done, and what was answered. It stands and falls with the effect itself."""

    audited, open_to = False, "staff"
    __table_args__ = (UniqueConstraint("actor_id", "key"),)

    key: Mapped[str]
    actor_id: Mapped[UUID]
    fingerprint: Mapped[bytes] = mapped_column(BYTEA)
    status: Mapped[int | None]
    headers: Mapped[str | None]
    body: Mapped[bytes | None] = mapped_column(BYTEA)


TAKE = """
INSERT INTO once_key (id, version, key, actor_id, fingerprint) VALUES (gen_random_uuid(), 1, $1, $2, $3)
ON CONFLICT (actor_id, key) DO NOTHING RETURNING id
"""
RECALL = "SELECT fingerprint, status, headers, body FROM once_key WHERE key = $1 AND actor_id = $2"
KEEP = "UPDATE once_key SET status = $1, headers = $2, body = $3 WHERE id = $4"
SAVED_HEADERS = {"content-type", "location", "hx-redirect", "hx-location", "hx-trigger", "etag"}


async def key_of(request: Request) -> str:
    """From the header, or from a form's hidden field."""
    from .door import form_of

    return request.headers.get("idempotency-key") or str((await form_of(request)).get("idempotency_key", ""))


async def take(ctx: Context, request: Request, key: str) -> UUID | Response:
    """Take the key (waiting for a twin in flight), or give the answer that was given before."""
    body = await request.body() if not request.headers.get("content-type", "").startswith("multipart") else b""
    fingerprint = sha256(b"\0".join([request.method.encode(), request.url.path.encode(), body])).digest()
    taken: UUID | None = await ctx.raw.fetchval(TAKE, key, ctx.actor.id, fingerprint)
    if taken is not None:
        return taken
    before = await ctx.raw.fetchrow(RECALL, key, ctx.actor.id)
    if before["fingerprint"] != fingerprint:
        raise KeyUsed
    if before["status"] is None:
        raise StillWorking
    return Response(before["body"], before["status"], {**json.loads(before["headers"]), "Idempotent-Replay": "true"})


async def keep(ctx: Context, taken: UUID, response: Response) -> None:
    headers = json.dumps({k: v for k, v in response.headers.items() if k in SAVED_HEADERS})
    await ctx.raw.execute(KEEP, response.status_code, headers, bytes(response.body), taken)


async def give_back(ctx: Context, taken: UUID) -> None:
    """Nothing was done under this key: it may be used again."""
    await ctx.raw.execute("DELETE FROM once_key WHERE id = $1", taken)
