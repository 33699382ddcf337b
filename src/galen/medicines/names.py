"""How medicines are named when they are searched and sorted."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from typing import NamedTuple, Protocol
from uuid import UUID

from galen.values.search_key import likeness, search_key

from .rules import name_sound, plain

_MICRO = re.compile(r"(?i)(?:µg|μg|ug|microg(?:ram)?s?|mcgs?)\b")
_GLUED = re.compile(r"(?i)(\d)\s*(mg|mcg|g|ml|l|iu|units?|mmol|dose|tab\w*|cap\w*)\b")

_GRAM = re.compile(r"(?i)(?<![a-z])(?:milligram(?:me)?s?|mgs|mgms?|gram(?:me)?s?|gms?)\b")
_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3}),(\d{3})(?![\d.,])(?=\s*(?:mg|mcg|iu|units?)\b)")
_STRENGTH = re.compile(r"(?<![\dp])(\d+(?:p\d+)?)(?: (g|mg|mcg)\b|$)")
_SIZES = {"g": Decimal(1_000_000), "mg": Decimal(1_000), "mcg": Decimal(1)}

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
    text = _GRAM.sub(lambda unit: "mg" if unit[0][:2].casefold() in ("mi", "mg") else "g", _MICRO.sub("mcg", text))
    text = re.sub(r"(?<![\w.,])[.,](?=\d)", "0.", _THOUSANDS.sub(r"\1\2", text))
    return search_key(re.sub(r"(?<=\d)[.,](?=\d)", "p", _GLUED.sub(r"\1 \2", text)))


def writings(asked: str) -> list[str]:
    """What was typed, and the same strength in other units: `0p5 g` is `500 mg`, `0p1 mg` is `100 mcg`."""
    spaced = re.sub(r"([^\W\d]{3,})(?=\d)", r"\1 ", asked)
    written = [asked, spaced]
    written += [_STRENGTH.sub(partial(in_unit, unit), spaced) for unit in _SIZES]
    return [text for text in dict.fromkeys(written) if not re.search(r"\b0p00|\d{6}", text)]


def in_unit(unit: str, found: re.Match[str]) -> str:
    """A strength in another unit; what has none is in milligrams."""
    amount = Decimal(found[1].replace("p", ".")) * _SIZES[found[2] or "mg"] / _SIZES[unit]
    return f"{plain(amount).replace('.', 'p')} {unit}"


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


class NameHit(NamedTuple):
    """A product that was found: by which name, and what it is."""

    product_id: UUID
    name: str
    key: str
    generic: str
    form: str


def ranked(asked: str, picks: Sequence[NameHit]) -> list[NameHit]:
    """The very name first, one ingredient before several, the form most people take before the others, then by size."""
    inhaled = sum("inhal" in pick.form for pick in picks) > sum(_usual(pick.form) < 2 for pick in picks)
    return sorted(picks, key=lambda pick: place(asked, pick, inhaled=inhaled))


def place(asked: str, pick: NameHit, *, inhaled: bool = False) -> tuple[bool, int, int, bool, str]:
    exact = asked == pick.name or asked.startswith(f"{pick.name} ")
    usual = -1 if inhaled and "inhal" in pick.form else _usual(pick.form)
    return (
        not exact,
        pick.generic.count(" + "),
        usual,
        not pick.key.endswith(f" {pick.name}"),
        _padded(pick.key),
    )


def _usual(form: str) -> int:
    """How far a form is from the plain tablet or capsule that a name without a form means."""
    words = form.casefold()
    if words in ("tablet", "capsule", "film-coated tablet", "coated tablet"):
        return 0
    if words.endswith(("tablet", "capsule")) and not words.startswith(("vaginal", "inhalation", "sublingual")):
        return 1
    return 2 if words.startswith("oral") or "syrup" in words or "granules" in words else 3


def _padded(key: str) -> str:
    return re.sub(r"(?<!\d)(?<!\dp)\d+", lambda number: number[0].zfill(7), key)
