"""Medicines as text: strengths that are safe to read, and look-alike names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from galen.i18n import gettext as _
from galen.values.search_key import search_key, sounds_like

_PART = re.compile(r"(?P<name>\S.*?) (?P<amount>\d+(?:\.\d+)?) (?P<unit>[^\d\s].*)$")


@dataclass(frozen=True, slots=True)
class Strength:
    """How much of one ingredient: `500 mg`, `250 mg/5 mL`, `100 mcg/dose`, `1 %`."""

    ingredient: str
    amount: Decimal
    unit: str

    def __str__(self) -> str:
        return f"{self.ingredient} {plain(self.amount)} {self.unit}"


def plain(number: Decimal) -> str:
    """No trailing zero, a leading zero before the point, no exponent (ISMP error-prone notations): `0.5`, `1000`."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def strengths(text: str) -> tuple[Strength, ...]:
    """The parts of a product, joined by plus signs: `amoxicillin 875 mg + clavulanic acid 125 mg`."""
    return tuple(_strength(part) for part in text.split(" + "))


def _strength(part: str) -> Strength:
    if not (found := _PART.fullmatch(part.strip())):
        raise ValueError(
            _("Write '%(part)s' as ingredient, amount and unit, for example: amoxicillin 500 mg.", part=part)
        )
    return Strength(found["name"], Decimal(found["amount"]), found["unit"])


def name_sound(name: str) -> str:
    """How a medicine's name sounds, so that `amoxycillin` and `amoksisilin` find amoxicillin."""
    return sounds_like(_SPELLING.sub(lambda found: _SOUND[found[0]], search_key(name)))


# Spellings that differ between INN, BAN, USAN and a caller's ear, and that Metaphone keeps apart.
_SOUND = {"ph": "f", "ks": "x", "oe": "e", "ae": "e", "y": "i"}
_SPELLING = re.compile("|".join(_SOUND))


def tall_man(name: str, letters: Mapping[str, str]) -> str:
    """A look-alike name with its differing letters raised; `letters` maps small letters to the tall-man form."""
    return re.sub(r"[^\W\d_]+(?:-[^\W\d_]+)*", lambda word: letters.get(word[0].casefold(), word[0]), name)
