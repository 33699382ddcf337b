"""How medicines are named when they are searched and sorted."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from galen.values.search_key import likeness, search_key

from .rules import name_sound

_MICRO = re.compile(r"(?i)(?:µg|μg|ug|microg(?:ram)?s?|mcgs?)\b")
_GLUED = re.compile(r"(?i)(\d)\s*(mg|mcg|g|ml|l|iu|units?|mmol|dose|tab\w*|cap\w*)\b")

SHAPES = frozenset(
    """
    autoinjector capsule chewable chewing coated cream disintegrating dispersible drop ear effervescent enteric
    extended eye film foam for gel gum immediate implant infusion inhalation inhaler injection intramuscular
    intrauterine intravenous liquid lotion lozenge modified nasal nebuliser nebule ointment ophthalmic oral
    orally patch pen pessary powder prolonged rectal release sachet shampoo slow solution spray subcutaneous
    sublingual suppository suspension sustained syrup system tablet topical transdermal vaginal wafer
    """.split()
)
"""Words for what a medicine looks like and where it goes, which are typed beside its name."""


def search_name(text: str) -> str:
    """A name, strength and form as they are compared: `Amoxil 2.5MG` is `amoxil 2p5 mg`."""
    text = _GLUED.sub(r"\1 \2", _MICRO.sub("mcg", text))
    return search_key(re.sub(r"(?<=\d)[.,](?=\d)", "p", text))


def sort_key(text: str) -> str:
    """From A to Z, and numbers by their size: 5 mg stands before 10 mg."""
    return _padded(search_name(text))


class Named(Protocol):
    """A substance with its other names."""

    name: str
    synonyms: list[str]
    brands: list[str]


class Pack(Protocol):
    """What is known of a product by its texts."""

    generic: str
    brand: str
    strength: str
    form: str


class Key(NamedTuple):
    """One way to a product: the name alone, how it sounds, and the name with all that may be typed behind it."""

    name: str
    sound: str
    key: str


def keys(pack: Pack, ingredients: Sequence[Named]) -> Iterator[Key]:
    """Every name the pack goes by. A brand of one substance does not name its combinations with others."""
    names: list[str] = [pack.brand]
    for ingredient in ingredients:
        names += [ingredient.name, *ingredient.synonyms, *(ingredient.brands if len(ingredients) == 1 else ())]
    known = dict.fromkeys(filter(None, map(search_name, names if ingredients else [*names, pack.generic])))
    rest = f"{pack.strength} {pack.form} {pack.brand} {pack.generic}"
    for name in known:
        yield Key(name, name_sound(name), f"{name} {search_name(rest)}")


def lead(words: Sequence[str]) -> str:
    """The word that names the medicine: the longest one without a digit that is no form, route or release."""
    spoken = [w for w in words if not any(c.isdigit() for c in w)]
    telling = [w for w in spoken if w not in SHAPES and w.removesuffix("s") not in SHAPES]
    return max(telling or spoken, key=len, default=words[0])


def nearest(typed: str, names: Iterable[tuple[str, str]], most: int = 4) -> list[str]:
    """The names (each with its sound) that a misspelt word most likely meant, and none when none is near."""
    sound = name_sound(typed)
    scored = sorted((-_near(typed, sound, name, heard), len(name), name) for name, heard in names)
    return [name for score, _, name in scored if -score >= max(0.85, -scored[0][0] - 0.06)][:most]


def _near(typed: str, sound: str, name: str, heard: str) -> float:
    """How alike they are; a name that begins to sound as typed is near, however much of it is still to come."""
    alike = likeness(typed, name)
    return max(alike, 0.85) if len(sound) > 2 and heard.startswith(sound) else alike


def place(asked: str, name: str, key: str) -> tuple[bool, bool, int, str]:
    """Where a hit stands: the very name first, generics before synonyms and brands, few ingredients before many."""
    exact = asked == name or asked.startswith(f"{name} ")
    return (not exact, not key.endswith(f" {name}"), key.count(" mg"), _padded(key))


def _padded(key: str) -> str:
    return re.sub(r"(?<!\d)(?<!\dp)\d+", lambda number: number[0].zfill(7), key)
