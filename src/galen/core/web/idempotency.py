"""Idempotency: the same key does the same thing once, and gets the same answer for three days.

The answer is kept in the transaction of the effect, as its last statement. Of two equal requests in flight the second
waits there for the first, finds the key taken, is rolled back whole, and answers what the first one answered.
"""

import json
from hashlib import sha256
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column
from starlette.datastructures import FormData, UploadFile

from ..context import Context
from ..errors import Refusal
from ..finish import Answer, finish
from ..record import Record
from .credentials import form_of, is_form


class KeyUsed(Refusal):
    status, message = 422, "This Idempotency-Key was used for something else. Use a new key for a new request."


class KeyNeeded(Refusal):
    status = 428
    message = (
        "Send an Idempotency-Key with this: a new random word for each new request, the same one to send a request "
        "again. Nothing was done."
    )


class KeyTooLong(Refusal):
    status, message = 422, "An Idempotency-Key has at most {most} characters. Nothing was done."


class DuplicateRequest(Refusal):
    status, message = 409, "The same request was done a moment ago. Ask for what it made instead of sending it again."


class IdempotencyKey(Record):
    """A request that was done, and what was answered. It stands and falls with the effect itself."""

    audited, open_to = False, "staff"
    __table_args__ = (UniqueConstraint("actor_id", "key"),)

    key: Mapped[str]
    actor_id: Mapped[UUID]
    fingerprint: Mapped[bytes] = mapped_column(BYTEA)
    status: Mapped[int]
    headers: Mapped[str]
    body: Mapped[bytes] = mapped_column(BYTEA)


RECALL = "SELECT fingerprint, status, headers, body FROM idempotency_key WHERE key = $1 AND actor_id = $2"
LONGEST = 200
SAVED_HEADERS = {"content-type", "location", "hx-redirect", "hx-refresh", "hx-location", "hx-trigger", "etag"}


async def key_of(request: Request) -> str:
    """From the header, or from a form's hidden field."""
    key = request.headers.get("idempotency-key") or str((await form_of(request)).get("idempotency_key", ""))
    if len(key) > LONGEST:
        raise KeyTooLong(most=LONGEST)
    return key


async def fingerprint_of(request: Request) -> bytes:
    """What was asked for, all of it: method, address, and the body or every part of a form."""
    body = await digest_of(await form_of(request)) if is_form(request) else await request.body()
    address = f"{request.method} {request.url.path}?{request.url.query}"
    return sha256(b"\0".join([address.encode(), body])).digest()


async def digest_of(form: FormData) -> bytes:
    """Of a form: its fields and what is in its files, read piece by piece; not what each page brings anew."""
    said = sha256()
    for name, value in form.multi_items():
        if name in ("csrf", "idempotency_key"):
            continue
        if isinstance(value, UploadFile):
            content = sha256()
            await value.seek(0)
            while piece := await value.read(2**18):
                content.update(piece)
            await value.seek(0)
            value = f"{value.filename} {value.content_type} {content.hexdigest()}"
        said.update(json.dumps([name, value]).encode())
    return said.digest()


async def keep(ctx: Context, request: Request, key: str, response: Response) -> None:
    """Finish, and keep the answer with the effect. A duplicate that was faster makes this one's effect undone."""
    headers = json.dumps({k: v for k, v in response.headers.items() if k in SAVED_HEADERS})
    answer = Answer(key, await fingerprint_of(request), response.status_code, headers, bytes(response.body))
    if not await finish(ctx, answer):
        raise DuplicateRequest


async def recall(ctx: Context, request: Request, key: str) -> Response | None:
    """The answer that was given under this key before."""
    before = await ctx.raw.fetchrow(RECALL, key, ctx.actor.id)
    if before is None:
        return None
    if before["fingerprint"] != await fingerprint_of(request):
        raise KeyUsed
    return Response(before["body"], before["status"], {**json.loads(before["headers"]), "Idempotent-Replay": "true"})
