"""What a person is found by: each word of each name, digits, and the small pieces of them that an index answers.

A piece is three letters in a row; `^ma` begins a word, `~KLTRSTN` is how a word sounds, `#himst` what it is made of.
"""

import re
from collections.abc import Iterable

from galen.values import like
from galen.values.search_key import opened, search_key, sounds_like

RESPELT = (("qw", "qu"), ("kw", "qu"))  # Metaphone hears a W here and not there
PIECE, ENOUGH = 3, 4  # letters of a piece; so many pieces of a word narrow down far enough


def sound(name: str) -> str:
    """How a whole name sounds, its words run together: `van der Berg` is `Vanderberg`."""
    key = search_key(name).replace(" ", "")
    for written, heard in RESPELT:
        key = key.replace(written, heard)
    return sounds_like(key)


def letters(name: str) -> str:
    """The letters of a name, each once and in order: what two keys struck in the wrong order leave alike."""
    return "".join(sorted(set(search_key(name).replace(" ", ""))))


def words_of(*names: str) -> list[str]:
    """Every word these names are found by: as written, taken apart at hyphens and apostrophes, and run together."""
    words: list[str] = []
    for name in names:
        key = search_key(name)
        words += [*key.split(), *opened(name).split(), key.replace(" ", "")]
    return [word for word in dict.fromkeys(words) if word]


def found_by(names: Iterable[str], numbers: Iterable[str]) -> tuple[str, str]:
    """The words and the pieces of a record: ` quill mara #0491570006` and `^ma ^qu mar …`."""
    words, numbered = words_of(*names), [number for number in dict.fromkeys(map(digits, numbers)) if number]
    pieces = {piece for word in words for piece in (word_begin(word[:1]), *grams(word_begin(word)), *heard([word]))}
    pieces |= {piece for number in numbered for piece in grams(number)}
    return "".join(f" {word}" for word in words) + "".join(f" #{number}" for number in numbered), " ".join(
        sorted(pieces)
    )


def heard(words: Iterable[str]) -> list[str]:
    """The pieces by which these words are found when they are misspelt."""
    return [piece for word in words for piece in (f"~{sound(word)}".replace(" ", ""), f"#{letters(word)}")]


def word_begin(word: str) -> str:
    return f"^{word}"


def grams(text: str) -> list[str]:
    """Each three signs in a row; a text of two is a piece of its own."""
    if len(text) <= PIECE:
        return [text] if len(text) == PIECE or text.startswith("^") else []
    return [text[at : at + PIECE] for at in range(len(text) - PIECE + 1)]


def wanted(words: Iterable[str], *, inside: bool = False) -> tuple[list[str], list[str]]:
    """The pieces a record must have to hold all these words, and the patterns its words must fit.

    Each begins a word; those of three letters and more may stand `inside` one, and long numbers always may.
    """
    pieces: list[str] = []
    patterns: list[str] = []
    for word in words:
        anywhere = len(word) >= PIECE and (inside or word.isdigit())
        few = grams(word if anywhere else word_begin(word))
        pieces += few if len(few) <= ENOUGH else [few[0], few[len(few) // 3], few[len(few) * 2 // 3], few[-1]]
        patterns.append(like.within(word if anywhere else f" {word}"))
    return pieces, patterns


def after(prefix: str) -> str:
    """The first text that no longer begins with this prefix, in code-point order."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def digits(typed: str) -> str:
    return re.sub(r"[^0-9]", "", typed)
