"""A Merkle tree (RFC 6962, section 2.1) of which only the edge is kept."""

from collections.abc import Sequence
from hashlib import sha256


class Tree:
    """A Merkle tree that grows leaf by leaf and keeps only its right edge."""

    def __init__(self) -> None:
        self._edge: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        """One more leaf."""
        self._grow(1, sha256(b"\x00" + leaf).digest())

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Many leaves: as many as make a whole tree of their own beside the edge grow together first."""
        level, begin = [sha256(b"\x00" + leaf).digest() for leaf in leaves], 0
        while rest := len(level) - begin:
            size = 1 << rest.bit_length() - 1
            if self._edge:
                size = min(size, self._edge[-1][0])
            tops = level[begin : begin + size]
            while len(tops) > 1:
                pairs = zip(tops[::2], tops[1::2], strict=True)
                tops = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
            self._grow(size, tops[0])
            begin += size

    def _grow(self, size: int, top: bytes) -> None:
        """One more tree, no larger than the last of the edge."""
        edge = self._edge
        while edge and edge[-1][0] == size:
            left_size, left = edge.pop()
            size, top = size + left_size, sha256(b"\x01" + left + top).digest()
        edge.append((size, top))

    @property
    def root(self) -> bytes:
        """The root of all leaves so far; of none, the digest of nothing."""
        if not self._edge:
            return sha256().digest()
        top = self._edge[-1][1]
        for _, left in reversed(self._edge[:-1]):
            top = sha256(b"\x01" + left + top).digest()
        return top
