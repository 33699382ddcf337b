"""What stands behind directions and says nothing of dose or time: it is kept, shown, and not called understood."""

from __future__ import annotations

from .reasons import harmless
from .words import Words


def remark_of(words: Words, pieces: list[tuple[int, int, str]], unknown: list[str]) -> str:
    """The text behind the last piece that was understood, when it is harmless; it is taken from what is unknown.

    Only where nothing before it is unknown: a remark is behind directions that were read whole.
    """
    at = len(pieces)
    while at and pieces[at - 1][2] != "known":
        at -= 1
    lost = [piece for piece in pieces[at:] if piece[2] == "unknown"]
    if not lost or len(lost) != len(unknown) or not harmless(words.row[lost[0][0] : lost[-1][1]]):
        return ""
    unknown.clear()
    return words.written(lost[0][0], lost[-1][1])
