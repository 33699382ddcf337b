"""A sealed file opens whole, in its own place, or not at all."""

import io
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from galen.core import crypto
from galen.core.crypto import Undecipherable
from galen.files import sealing
from galen.files.sealing import MARK, PIECE, TAG, NoSuchKey, opened, place_of, sealed, sealed_size, unwrapped, wrapped
from galen.settings import settings as configured
from galen.values.ids import uuid7

KEY, FILE = bytes(range(32)), uuid7()
PLACE = place_of("north", FILE)
EDGES = [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE - 1, 2 * PIECE, 3 * PIECE + 17]
CONTENTS = st.one_of(
    st.binary(max_size=300), st.sampled_from(EDGES).map(lambda n: (b"0123456789abcdef" * (n // 16 + 1))[:n])
)


async def in_blocks(content: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def read(content: bytes, block: int = 10_000, key: bytes = KEY, place: bytes = PLACE) -> bytes:
    return b"".join([piece async for piece in opened(in_blocks(content, block), key, place)])


def seal(content: bytes, key: bytes = KEY, place: bytes = PLACE) -> bytes:
    return b"".join(sealed(io.BytesIO(content), key, place))


def pieces_of(content: bytes) -> list[bytes]:
    body = content[len(MARK) :]
    return [body[n : n + PIECE + TAG] for n in range(0, len(body), PIECE + TAG)]


@given(CONTENTS, st.integers(1, 200_000))
@settings(max_examples=60, deadline=None)
async def test_what_was_sealed_opens_as_it_was_however_it_arrives(content, block):
    closed = seal(content)
    assert len(closed) == sealed_size(len(content))
    assert await read(closed, max(block, len(closed) // 500 + 1)) == content
    assert len(content) < 16 or content[:16] not in closed


@given(CONTENTS, st.data())
@settings(max_examples=80, deadline=None)
async def test_one_bit_anywhere_is_noticed(content, data):
    closed = bytearray(seal(content))
    closed[data.draw(st.integers(0, len(closed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(Undecipherable):
        await read(bytes(closed))


@given(CONTENTS, st.data())
@settings(max_examples=80, deadline=None)
async def test_a_file_that_was_cut_or_added_to_is_noticed(content, data):
    closed = seal(content)
    with pytest.raises(Undecipherable):
        await read(closed[: data.draw(st.integers(0, len(closed) - 1))])
    with pytest.raises(Undecipherable):
        await read(closed + data.draw(st.binary(min_size=1, max_size=PIECE)))


@pytest.mark.parametrize("count", [1, 2, 3])
async def test_pieces_left_off_at_their_edge_are_noticed(count):
    closed = seal(b"x" * 4 * PIECE)
    kept = pieces_of(closed)[:-count]
    with pytest.raises(Undecipherable):
        await read(MARK + b"".join(kept))


async def test_pieces_in_another_order_or_doubled_are_noticed():
    first, second, third = pieces_of(seal(b"a" * PIECE + b"b" * PIECE + b"c" * 5))
    for others in ([second, first, third], [first, first, third], [first, second, second, third], [first, third]):
        with pytest.raises(Undecipherable):
            await read(MARK + b"".join(others))


@given(CONTENTS, st.uuids())
@settings(max_examples=30, deadline=None)
async def test_a_file_opens_in_no_other_place(content, other: UUID):
    closed = seal(content)
    for place in (place_of("south", FILE), place_of("north", other), place_of("northx", FILE)):
        with pytest.raises(Undecipherable):
            await read(closed, place=place)


async def test_without_its_place_bound_in_a_file_would_open_anywhere(monkeypatch):
    """The broken variant: the same swap goes unnoticed when nothing is bound into the pieces."""

    class Unbound:
        def __init__(self, key: bytes) -> None:
            self.cipher = AESGCM(key)

        def encrypt(self, nonce: bytes, data: bytes, bound: bytes) -> bytes:
            return self.cipher.encrypt(nonce, data, None)

        def decrypt(self, nonce: bytes, data: bytes, bound: bytes) -> bytes:
            return self.cipher.decrypt(nonce, data, None)

    monkeypatch.setattr(sealing, "AESGCM", Unbound)
    assert await read(seal(b"of Mara"), place=place_of("south", uuid7())) == b"of Mara"


def test_a_wrapped_key_opens_for_its_own_file_and_organisation_only():
    named, closed = wrapped(KEY, "north", FILE)
    assert unwrapped(closed, named, "north", FILE) == KEY
    for organization, file_id in (("south", FILE), ("north", uuid7())):
        with pytest.raises(Undecipherable):
            unwrapped(closed, named, organization, file_id)
    assert KEY not in closed and wrapped(KEY, "north", FILE)[1] != closed


def test_a_key_of_the_secret_before_opens_until_that_is_taken_away(monkeypatch):
    named, closed = wrapped(KEY, "north", FILE)
    before = crypto.master_secret().decode()
    monkeypatch.setattr(configured(), "secret", SecretStr("another secret, which came after the first one"))
    monkeypatch.setattr(configured(), "former_secret", SecretStr(before))
    assert unwrapped(closed, named, "north", FILE) == KEY
    monkeypatch.setattr(configured(), "former_secret", None)
    with pytest.raises(NoSuchKey):
        unwrapped(closed, named, "north", FILE)
