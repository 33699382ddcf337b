"""Where sealed files lie: a folder, or a bucket of S3 or of what speaks like it. Bytes only, under names of our own."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import LocalStore, S3Store

from galen.core.errors import Conflict, Refusal
from galen.settings import settings

MEGABYTE = 1024 * 1024
WHOLE = 8 * MEGABYTE
"""Up to this size a file is written in one step; a larger one in parts, of which memory holds two."""
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
PATIENCE: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=8)}
CLIENT: Any = {"connect_timeout": "3s", "timeout": "30s"}


class StoreUnreachable(Refusal):
    status = 503
    message = "The store for files does not answer at the moment. Nothing was kept; please try again in a minute."


class FileMissing(Refusal):
    status, message = 404, "This file is not in the store any more. Tell your administrator: it may be in a backup."


class FileThere(Conflict):
    message = "There is a file under this name already. Nothing was changed."


class OpenStore(Refusal):
    message = "Files would go to {endpoint} without encryption on the way: write https://, or use this machine."


Store = LocalStore | S3Store


def store() -> Store:
    """The store that the settings name."""
    said = settings()
    return store_at(said.files_url or str(said.var / "files"), os.environ.get("AWS_ENDPOINT_URL", ""))


@lru_cache(8)
def store_at(url: str, endpoint: str) -> Store:
    """Address and keys of S3 come from AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY."""
    if not url.startswith("s3://"):
        folder = Path(url).resolve()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LocalStore(folder)
    address, at = urlsplit(url), urlsplit(endpoint)
    plain = at.scheme == "http"
    if plain and at.hostname not in LOOPBACK:
        raise OpenStore(endpoint=endpoint)
    return S3Store(
        address.netloc,
        prefix=address.path.strip("/") or None,
        config={"endpoint": endpoint} if endpoint else {},
        client_options={**CLIENT, "allow_http": plain},
        retry_config=PATIENCE,
    )


def path_of(organization: str, file_id: UUID) -> str:
    return f"{organization}/{file_id}"


@contextmanager
def in_our_words() -> Iterator[None]:
    """What goes wrong in the store, as a sentence; its own words may hold addresses and keys."""
    try:
        yield
    except (NotFoundError, FileNotFoundError):
        raise FileMissing from None
    except (AlreadyExistsError, FileExistsError):
        raise FileThere from None
    except (BaseError, OSError):
        raise StoreUnreachable from None


async def write(path: str, pieces: Iterator[bytes], size: int) -> None:
    """A new file, whole or not at all; one that is there already stays as it is."""
    here = store()
    with in_our_words():
        if size <= WHOLE:
            content = await asyncio.to_thread(b"".join, pieces)
            await obstore.put_async(here, path, content, mode="create")
            return
        if await exists(path):
            raise AlreadyExistsError
        await obstore.put_async(here, path, threaded(pieces), chunk_size=5 * MEGABYTE, max_concurrency=2)


async def threaded(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Blocks of a megabyte, read and sealed outside of the event loop."""

    def block() -> bytes:
        held = bytearray()
        for piece in pieces:
            held += piece
            if len(held) >= MEGABYTE:
                break
        return bytes(held)

    while made := await asyncio.to_thread(block):
        yield made


async def exists(path: str) -> bool:
    try:
        await obstore.head_async(store(), path)
    except (NotFoundError, FileNotFoundError):
        return False
    return True


async def read(path: str) -> AsyncIterator[bytes]:
    """The file, block by block. That it is there is known before the first one."""
    with in_our_words():
        found = await obstore.get_async(store(), path)

    async def blocks() -> AsyncIterator[bytes]:
        with in_our_words():
            async for block in found.stream(min_chunk_size=MEGABYTE // 4):
                yield bytes(block)

    return blocks()


async def older_than(organization: str, day: datetime) -> AsyncIterator[UUID]:
    """An organisation's files that were written before; what has no name of ours is none of ours."""
    with in_our_words():
        async for objects in obstore.list(store(), f"{organization}/"):
            for stored in objects:
                with suppress(ValueError):
                    file_id = UUID(stored["path"].rpartition("/")[2])
                    if stored["path"] == path_of(organization, file_id) and stored["last_modified"] < day:
                        yield file_id


async def remove(path: str) -> None:
    with in_our_words():
        await obstore.delete_async(store(), path)
