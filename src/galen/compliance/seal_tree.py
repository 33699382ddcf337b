"""The audit log, sealed: rows into a Merkle tree, its root signed and chained, its anchor kept outside the database.

`verify` needs the rows, the anchors and the public key, nothing else, and names what was damaged.
"""

from __future__ import annotations

import json
import os
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from itertools import pairwise
from operator import lt
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from galen.values.canonical import Row, canonical, encoded

from .tree import Tree

POSITION = "seq"
BEGINNING = bytes(32)
Range = tuple[int, int]
Encode = Callable[[Sequence[Any]], list[bytes]]


def root_of(rows: Iterable[Row]) -> bytes:
    """The Merkle root of rows in the order given."""
    tree = Tree()
    for row in rows:
        tree.add(canonical(row))
    return tree.root


# --- Seals ---


@dataclass(frozen=True, slots=True)
class Seal:
    """A signed root over the rows it covers; every row up to `floor` is sealed by now, or never came to be."""

    log: str
    number: int
    at: datetime
    floor: int
    covers: tuple[Range, ...]
    root: bytes
    previous: bytes
    signature: bytes = b""

    @property
    def count(self) -> int:
        """How many rows it covers."""
        return sum(last - first + 1 for first, last in self.covers)

    @property
    def digest(self) -> bytes:
        """What is signed, and what the next seal is chained to: everything but the signature."""
        covers = [list(span) for span in self.covers]
        body = [self.log, self.number, self.at, self.floor, covers, self.root, self.previous]
        return sha256(b"\x02" + encoded(body)).digest()

    def signed_by(self, public_key: Ed25519PublicKey) -> bool:
        """Whether the signature is that key's, over this very seal."""
        try:
            public_key.verify(self.signature, self.digest)
        except InvalidSignature:
            return False
        return True

    def to_json(self) -> str:
        """One line for the anchor file."""
        fields = {
            "log": self.log,
            "number": self.number,
            "at": self.at.astimezone(UTC).isoformat(),
            "floor": self.floor,
        }
        hexes = {name: getattr(self, name).hex() for name in ("root", "previous", "signature")}
        return json.dumps(fields | {"covers": self.covers} | hexes, separators=(",", ":"))

    @classmethod
    def from_json(cls, line: str) -> Seal:
        """Back from a line of the anchor file; ValueError when it is not one."""
        try:
            found = json.loads(line)
            return cls(
                log=str(found["log"]),
                number=int(found["number"]),
                at=datetime.fromisoformat(found["at"]).astimezone(UTC),
                floor=int(found["floor"]),
                covers=tuple((int(first), int(last)) for first, last in found["covers"]),
                root=bytes.fromhex(found["root"]),
                previous=bytes.fromhex(found["previous"]),
                signature=bytes.fromhex(found["signature"]),
            )
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as wrong:
            raise ValueError("This line is not a seal.") from wrong


def ranges(positions: Iterable[int]) -> tuple[Range, ...]:
    """Ascending positions as ranges, both ends included: 1 2 3 7 8 is (1, 3), (7, 8)."""
    found: list[Range] = []
    for position in positions:
        if found and position == found[-1][1] + 1:
            found[-1] = (found[-1][0], position)
        else:
            found.append((position, position))
    return tuple(found)


def words(found: Iterable[Range]) -> str:
    """Ranges as a person reads them: `1-3, 7`."""
    return ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in found)


def seal(
    rows: Iterable[Row], log: str, at: datetime, floor: int, previous: Seal | None, key: Ed25519PrivateKey
) -> Seal:
    """Seal rows (ascending by position) that no earlier seal covers, and sign."""
    tree, positions = Tree(), []
    for row in rows:
        tree.add(canonical(row))
        positions.append(row[POSITION])
    if not positions:
        raise ValueError("There is nothing to seal.")
    if any(later <= earlier for earlier, later in pairwise(positions)):
        raise ValueError("Rows are sealed in the order of their positions.")
    number, chained = (previous.number + 1, previous.digest) if previous else (1, BEGINNING)
    bare = Seal(log, number, at.astimezone(UTC), floor, ranges(positions), tree.root, chained)
    return replace(bare, signature=key.sign(bare.digest))


# --- Anchors: the same seals, one JSON line each, where the database's administrator cannot write ---


def append_anchor(path: Path, sealed: Seal) -> None:
    """Add one line and wait for the disk; a line torn by an earlier crash is left behind, not continued."""
    with path.open("a+b") as file:
        torn = file.tell() > 0 and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n"
        file.write(b"\n" * torn + sealed.to_json().encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read_anchors(path: Path) -> tuple[list[Seal], list[Damage]]:
    """Every seal of an anchor file, and a damage for every line that is none."""
    seals: list[Seal] = []
    damages: list[Damage] = []
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        if line.strip():
            try:
                seals.append(Seal.from_json(line.decode()))
            except ValueError:
                damages.append(Damage("anchor", f"Line {number} of the anchor file cannot be read."))
    return seals, damages


# --- Verification ---


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong, in a sentence, with the seal and the positions it concerns."""

    kind: str
    sentence: str
    seal: int | None = None
    positions: tuple[Range, ...] = ()

    def __str__(self) -> str:
        return self.sentence


@dataclass(slots=True)
class _Reading:
    """What was read so far of the rows of one seal: their tree's edge, their number, and where they stand."""

    seal: Seal
    tree: Tree = field(default_factory=Tree)
    count: int = 0
    seen: list[Range] = field(default_factory=list)

    def take(self, positions: Sequence[int], leaves: Sequence[bytes]) -> bool:
        """More rows, ascending; true when the last one was among them."""
        self.tree.extend(leaves)
        self.count += len(leaves)
        whole = positions[-1] - positions[0] == len(positions) - 1
        for first, last in [(positions[0], positions[-1])] if whole else ranges(positions):
            if self.seen and self.seen[-1][1] == first - 1:
                self.seen[-1] = (self.seen[-1][0], last)
            else:
                self.seen.append((first, last))
        return self.count == self.seal.count

    def damage(self) -> Damage | None:
        sealed, number = self.seal, self.seal.number
        if self.tree.root == sealed.root and self.count == sealed.count:
            return None
        if missing := without(sealed.covers, self.seen):
            return Damage("missing", f"Rows {words(missing)} of seal {number} are missing.", number, missing)
        sentence = (
            f"Rows {words(sealed.covers)} of seal {number} are not as they were sealed: at least one was changed."
        )
        return Damage("changed", sentence, number, sealed.covers)


def without(covers: Iterable[Range], seen: Iterable[Range]) -> tuple[Range, ...]:
    """What is covered and was not seen; what was seen lies within, ascending."""
    left: list[Range] = []
    rest = list(seen)[::-1]
    for first, last in covers:
        while rest and rest[-1][0] <= last:
            here = rest.pop()
            if here[0] > first:
                left.append((first, here[0] - 1))
            first = here[1] + 1
            if first > last:
                break
        if first <= last:
            left.append((first, last))
    return tuple(left)


class Verification:
    """Rows are given to it one after another; it keeps the seals, and of the rows only what is unfinished."""

    def __init__(
        self,
        seals: Iterable[Seal] | None,
        anchors: Iterable[Seal],
        public_key: Ed25519PublicKey,
        last: int = sys.maxsize,
    ) -> None:
        """`last` is the highest position that the log has given, where that is known."""
        self._last = last
        trusted, self._found = _trusted(anchors, "anchor", public_key)
        if seals is not None:
            trusted, found = _compared(trusted, seals, public_key)
            self._found += found
        chain = [trusted[number] for number in sorted(trusted)]
        self._found += _chain(chain)
        self._spans = sorted((first, last, seal.number) for seal in chain for first, last in seal.covers)
        self._starts = [first for first, _, _ in self._spans]
        self._floor = max((seal.floor for seal in chain), default=0)
        self._readings = {seal.number: _Reading(seal) for seal in chain}
        self._judged: dict[int, Damage] = {}
        self._latest: int | None = None
        self._blind = any(later[0] <= earlier[1] for earlier, later in pairwise(self._spans))
        if self._blind:
            self._found.append(Damage("chain", "Two seals cover the same rows, so their rows cannot be told apart."))

    def take(self, row: Row) -> None:
        """The next row, ascending by position: it goes to the seal that covers it."""
        self.take_all([row.get(POSITION)], [row], lambda rows: list(map(canonical, rows)))

    def take_all(self, positions: Sequence[Any], rows: Sequence[Any], encode: Encode) -> None:
        """The next rows in a shape of their own, with what encodes them: at once where all is in order, else singly."""
        if self._blind or not rows:
            return
        if len(rows) > 1 and not self._in_order(positions):
            for position, row in zip(positions, rows, strict=True):
                self.take_all([position], [row], encode)
        elif type(positions[0]) is not int:
            self._found.append(Damage("unreadable", f"A row has no position: {POSITION} is {positions[0]!r}."))
        elif self._latest is not None and positions[0] <= self._latest:
            here = ((positions[0], positions[0]),)
            self._found.append(Damage("order", f"Row {positions[0]} comes after row {self._latest}.", None, here))
        else:
            self._latest = positions[-1]
            begin = 0
            while begin < len(rows):
                at = bisect_right(self._starts, positions[begin]) - 1
                first, last, number = self._spans[at] if at >= 0 else (0, -1, 0)
                if first <= positions[begin] <= last:
                    end = bisect_right(positions, last, begin)
                    self._read(number, positions[begin:end], rows[begin:end], encode)
                else:
                    end = begin + 1
                    self._uncovered(positions[begin])
                begin = end

    def _in_order(self, positions: Sequence[Any]) -> bool:
        if not all(type(position) is int for position in positions):
            return False
        after = self._latest is None or positions[0] > self._latest
        return after and all(map(lt, positions, positions[1:]))

    def _read(self, number: int, positions: Sequence[int], rows: Sequence[Any], encode: Encode) -> None:
        """Rows that one seal covers; one that cannot be read is named, and the others count."""
        try:
            leaves = encode(rows)
        except (TypeError, ValueError, RecursionError) as wrong:
            if len(rows) > 1:
                for position, row in zip(positions, rows, strict=True):
                    self._read(number, [position], [row], encode)
                return
            here = ((positions[0], positions[0]),)
            self._found.append(Damage("unreadable", f"Row {positions[0]} cannot be read: {wrong}", number, here))
            return
        if self._readings[number].take(positions, leaves):
            self._judge(number)

    def _uncovered(self, position: int) -> None:
        here = ((position, position),)
        if position < 1:
            sentence = f"Row {position} is forged: the log begins with row 1."
            self._found.append(Damage("inserted", sentence, None, here))
        elif position <= self._floor:
            sentence = f"Row {position} was put in after its time: no seal covers it."
            self._found.append(Damage("inserted", sentence, None, here))
        elif position > self._last:
            sentence = f"Row {position} is forged: the log has given no number above {self._last}."
            self._found.append(Damage("inserted", sentence, None, here))

    def _judge(self, number: int) -> None:
        if damage := self._readings.pop(number).damage():
            self._judged[number] = damage

    @property
    def damages(self) -> list[Damage]:
        """Everything that is wrong, when all rows have been given."""
        if not self._blind:
            for number in list(self._readings):
                self._judge(number)
        return self._found + [self._judged[number] for number in sorted(self._judged)]


def verify(
    rows: Iterable[Row], seals: Iterable[Seal] | None, anchors: Iterable[Seal], public_key: Ed25519PublicKey
) -> list[Damage]:
    """Every damage to rows (ascending by position) and seals; none when all is as it was sealed.

    Without `seals` (the database's own copy) the anchors alone are believed. Rows above the last floor await one.
    """
    verification = Verification(seals, anchors, public_key)
    for row in rows:
        verification.take(row)
    return verification.damages


def _trusted(seals: Iterable[Seal], source: str, public_key: Ed25519PublicKey) -> tuple[dict[int, Seal], list[Damage]]:
    """Seals by number whose signature is good; the first of two that share a number."""
    trusted: dict[int, Seal] = {}
    damages: list[Damage] = []
    for seal in seals:
        if not seal.signed_by(public_key):
            sentence = f"The {source} of seal {seal.number} does not carry a good signature."
            damages.append(Damage("signature", sentence, seal.number, seal.covers))
        elif trusted.setdefault(seal.number, seal) != seal:
            damages.append(
                Damage(source, f"There are two different {source}s of seal {seal.number}.", seal.number, seal.covers)
            )
    return trusted, damages


def _compared(
    anchored: dict[int, Seal], seals: Iterable[Seal], public_key: Ed25519PublicKey
) -> tuple[dict[int, Seal], list[Damage]]:
    """The database's seals beside the anchors; the anchors are right where both speak."""
    kept, damages = _trusted(seals, "record", public_key)
    for number in sorted(anchored.keys() | kept.keys()):
        here, outside = kept.get(number), anchored.get(number)
        if here is None and outside:
            sentence = f"Seal {number} is anchored, but missing from the database."
            damages.append(Damage("seal", sentence, number, outside.covers))
        elif outside is None and here:
            damages.append(Damage("unanchored", f"Seal {number} has no anchor.", number, here.covers))
        elif here and here != outside:
            damages.append(Damage("seal", f"Seal {number} differs from its anchor.", number, here.covers))
    return kept | anchored, damages


def _chain(seals: Sequence[Seal]) -> list[Damage]:
    """Each seal follows the one before it, from the first."""
    damages: list[Damage] = []
    number, digest, floor, log = 0, BEGINNING, 0, seals[0].log if seals else ""
    for seal in seals:
        if seal.number != number + 1:
            missing = words([(number + 1, seal.number - 1)])
            damages.append(Damage("chain", f"No sound copy of seal {missing} is left.", seal.number))
        elif seal.previous != digest or seal.log != log or seal.floor < floor:
            damages.append(
                Damage("chain", f"Seal {seal.number} does not follow seal {number}.", seal.number, seal.covers)
            )
        number, digest, floor = seal.number, seal.digest, seal.floor
    return damages
