"""Envelope encryption of files: each has a random key of its own, wrapped by the organisation's key.

A sealed file is a mark and then pieces of 64 KiB, each AES-256-GCM under the file's key. Its nonce is the number of the
piece and whether it is the last one; organisation, file and the mark are bound into each. So pieces that are missing,
added, altered, moved, or taken from another file or another organisation are noticed before anybody sees them.
"""

import os
from collections.abc import AsyncIterator, Iterator
from functools import lru_cache
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from galen.core.crypto import Undecipherable, derived, master_secret
from galen.settings import settings

MARK = b"GALENF\x00\x01"
PIECE, TAG = 64 * 1024, 16
LAST = 1


class Readable(Protocol):
    """What can be read piece by piece."""

    def read(self, most: int, /) -> bytes: ...


class NoSuchKey(Undecipherable):
    """A file's key that was wrapped with a secret that is not here."""


def place_of(organization: str, file_id: UUID) -> bytes:
    """Where a file belongs: bound into its pieces and into its wrapped key."""
    return MARK + organization.encode() + b"\0" + file_id.bytes


def nonce(number: int, last: bool) -> bytes:
    """A file's key seals one file only, so a counter never comes twice under it."""
    return number.to_bytes(11, "big") + bytes([LAST if last else 0])


def sealed(source: Readable, key: bytes, place: bytes) -> Iterator[bytes]:
    """The file, sealed piece by piece; an empty one is one empty piece."""
    cipher, number = AESGCM(key), 0
    yield MARK
    piece = source.read(PIECE)
    while True:
        following = source.read(PIECE) if len(piece) == PIECE else b""
        yield cipher.encrypt(nonce(number, not following), piece, place)
        if not following:
            return
        piece, number = following, number + 1


async def opened(stream: AsyncIterator[bytes], key: bytes, place: bytes) -> AsyncIterator[bytes]:
    """What was sealed, piece by piece, each verified before it is given out."""
    cipher, number, held = AESGCM(key), 0, bytearray()
    started = False
    async for block in stream:
        held += block
        if not started and len(held) >= len(MARK):
            if held[: len(MARK)] != MARK:
                raise Undecipherable("no sealed file")
            del held[: len(MARK)]
            started = True
        while started and len(held) > PIECE + TAG:  # more follows, so this piece is not the last
            yield opened_piece(cipher, held[: PIECE + TAG], number, False, place)
            del held[: PIECE + TAG]
            number += 1
    yield opened_piece(cipher, held, number, True, place)


def opened_piece(cipher: AESGCM, piece: bytes | bytearray, number: int, last: bool, place: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce(number, last), bytes(piece), place)
    except (InvalidTag, ValueError):
        raise Undecipherable("this file was altered or cut, or does not belong here") from None


def sealed_size(size: int) -> int:
    """How many bytes the sealed file has."""
    return len(MARK) + size + TAG * max(1, -(-size // PIECE))


# The keys of files, wrapped


def secrets_known() -> dict[str, bytes]:
    """The master secret, and the one before it while files are taken over, each by the id that wrapped keys carry."""
    former = settings().former_secret
    known = [master_secret(), *([former.get_secret_value().encode()] if former else [])]
    return {key_id(secret): secret for secret in known}


def key_id(secret: bytes) -> str:
    """Names a secret without revealing it."""
    return derived(secret, "files: name of the key").hex()[:16]


@lru_cache(256)
def wrapping_key(secret: bytes, organization: str) -> bytes:
    return derived(secret, f"files of {organization}")


def wrapped(key: bytes, organization: str, file_id: UUID) -> tuple[str, bytes]:
    """A file's key under the organisation's key of today, and the id of the secret that made it."""
    secret, fresh = master_secret(), os.urandom(12)
    cipher = AESGCM(wrapping_key(secret, organization))
    return key_id(secret), fresh + cipher.encrypt(fresh, key, place_of(organization, file_id))


def unwrapped(sealed_key: bytes, named: str, organization: str, file_id: UUID) -> bytes:
    """A file's key, of today or of the secret before."""
    secret = secrets_known().get(named)
    if secret is None:
        raise NoSuchKey("made with a secret that is not here")
    cipher = AESGCM(wrapping_key(secret, organization))
    try:
        return cipher.decrypt(sealed_key[:12], sealed_key[12:], place_of(organization, file_id))
    except (InvalidTag, ValueError):
        raise Undecipherable("this key does not belong to this file") from None
