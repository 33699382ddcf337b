"""Keeping files and giving them out. No route leads here: a module keeps files for its own records."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from os import urandom
from typing import BinaryIO
from urllib.parse import quote

from fastapi import UploadFile
from fastapi.responses import StreamingResponse
from sqlalchemy import select

from galen.core.context import Context
from galen.core.crypto import Undecipherable, master_secret
from galen.core.errors import Invalid, Refusal
from galen.i18n import N_
from galen.i18n import gettext as _
from galen.settings import settings
from galen.values.ids import uuid7

from . import kinds, store
from .children import CannotBeRead, Parsed, run_in_child
from .models import StoredFile
from .sealing import key_id, opened, place_of, sealed, sealed_size, unwrapped, wrapped

PREVIEW = "image/webp"
TOO_LARGE = N_("This file is larger than %(limit)s MB, the most that may be sent. Nothing was kept.")
NOT_ALLOWED = N_("This is %(found)s. Send it as one of these: %(allowed)s.")


class KindNotAllowed(Invalid):
    """What was found, and what may be sent instead."""


class FileTooLarge(Invalid):
    """A file alone; what is larger with all around it has been stopped on its way (asgi/limits.py)."""


class FileSpoilt(Refusal):
    status = 500
    message = "This file was altered in the store, or its key is not here, so it is not shown. Tell your administrator."


@dataclass(frozen=True)
class KeptFile:
    """A file that was kept, and the preview of a picture."""

    file: StoredFile
    preview: StoredFile | None = None


async def keep(
    ctx: Context, upload: UploadFile, *, allowed: frozenset[str] = kinds.DOCUMENTS, field: str = "file"
) -> KeptFile:
    """Keep what somebody sent: told by its content, pictures made anew, sealed, stored before its row."""
    source = upload.file
    kind = await asyncio.to_thread(refuse_unfit, source, allowed, field)
    async with AsyncExitStack() as children:
        preview = None
        content = Part(source, 0, size_of(source))
        if kind in kinds.PICTURES:
            parsed = await children.enter_async_context(run_in_child("picture", source, field=field))
            kind, content, preview = picture_of(parsed, field)
        name = kinds.clean_name(upload.filename or "", kind)
        file = await stored(ctx, content, name, kind)
        return KeptFile(file, await stored(ctx, preview, "preview.webp", PREVIEW) if preview else None)


def picture_of(parsed: Parsed, field: str) -> tuple[str, "Part", "Part"]:
    """The kind, the picture and its preview, as the child says; it is believed only as far as it can be checked."""
    size, whole, kind = parsed.said.get("size"), size_of(parsed.made), kinds.kind_of(parsed.made)
    if not isinstance(size, int) or not 0 < size < whole or kind not in kinds.PICTURES:
        raise CannotBeRead(field)
    return kind, Part(parsed.made, 0, size), Part(parsed.made, size, whole)


def refuse_unfit(source: BinaryIO, allowed: frozenset[str], field: str) -> str:
    """The kind of a file that may be kept: neither too large nor empty, and one of those allowed."""
    size, most = size_of(source), settings().files_mb
    if size > most * 1024 * 1024:
        raise FileTooLarge(field, _(TOO_LARGE, limit=most))
    if not size:
        raise Invalid(field, _("This file is empty. Choose another one."))
    kind = kinds.kind_of(source)
    if kind not in allowed:
        found = _(kinds.WORDS.get(kind, kind))
        raise KindNotAllowed(field, _(NOT_ALLOWED, found=found, allowed=kinds.in_words(allowed)))
    return kind


def size_of(source: BinaryIO) -> int:
    size = source.seek(0, 2)
    source.seek(0)
    return size


class Part:
    """A stretch of a file, read once, with the digest of what was read."""

    def __init__(self, source: BinaryIO, start: int, end: int) -> None:
        self.source, self.at, self.end, self.size, self.sha = source, start, end, end - start, sha256()

    def read(self, most: int) -> bytes:
        self.source.seek(self.at)
        piece = self.source.read(min(most, self.end - self.at))
        self.at += len(piece)
        self.sha.update(piece)
        return piece


async def stored(ctx: Context, part: Part, name: str, kind: str) -> StoredFile:
    """Sealed under a key of its own and written to the store; then its row, which stands or falls with the transaction.

    When that fails the file lies in the store without a row, unreadable as its key is gone, until it is swept.
    """
    file_id, key, home = uuid7(), urandom(32), ctx.organization.slug
    pieces = sealed(part, key, place_of(home, file_id))
    await store.write(store.path_of(home, file_id), pieces, sealed_size(part.size))
    named, sealed_key = wrapped(key, home, file_id)
    return ctx.add(
        StoredFile(
            id=file_id,
            name=name,
            kind=kind,
            size=part.size,
            digest=part.sha.digest(),
            wrapped_key=sealed_key,
            key_id=named,
            stored_at=ctx.now,
            stored_by=ctx.actor.id,
        )
    )


async def content(ctx: Context, file: StoredFile) -> AsyncIterator[bytes]:
    """What is in a file, piece by piece; that its beginning is sound is known before the first one."""
    home = ctx.organization.slug
    try:
        key = unwrapped(file.wrapped_key, file.key_id, home, file.id)
        pieces = opened(await store.read(store.path_of(home, file.id)), key, place_of(home, file.id))
        first = await anext(pieces)
    except Undecipherable:
        raise FileSpoilt from None

    async def following() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces:
            yield piece

    return following()


SAFE = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


async def answer(ctx: Context, file: StoredFile, *, inline: bool = False) -> StreamingResponse:
    """A file for a browser: to be saved, but for pictures that were made anew, which may be shown."""
    shown = inline and file.kind in ("image/jpeg", "image/png", PREVIEW)
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in file.name)
    said = (
        f"""{"inline" if shown else "attachment"}; filename="{plain}"; filename*=UTF-8''{quote(file.name, safe="")}"""
    )
    headers = {**SAFE, "Content-Disposition": said, "Content-Length": str(file.size)}
    return StreamingResponse(await content(ctx, file), media_type=file.kind, headers=headers)


async def sweep(ctx: Context) -> int:
    """Remove what lies in the store without a row since more than a day: its transaction was rolled back."""
    home, removed = ctx.organization.slug, 0
    old = [file_id async for file_id in store.older_than(home, ctx.now - timedelta(days=1))]
    for start in range(0, len(old), 500):
        some = old[start : start + 500]
        known = set(await ctx.db.scalars(select(StoredFile.id).where(StoredFile.id.in_(some))))
        for file_id in set(some) - known:
            await store.remove(store.path_of(home, file_id))
            removed += 1
    return removed


async def rewrap(ctx: Context) -> int:
    """Wrap the keys of all files with the master secret of today; the files themselves stay as they are."""
    today, home, done = key_id(master_secret()), ctx.organization.slug, 0
    while some := list(await ctx.db.scalars(select(StoredFile).where(StoredFile.key_id != today).limit(500))):
        for file in some:
            key = unwrapped(file.wrapped_key, file.key_id, home, file.id)
            file.key_id, file.wrapped_key = wrapped(key, home, file.id)
            done += 1
        await ctx.flush()
    return done
