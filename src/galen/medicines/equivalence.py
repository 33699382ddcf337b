"""When one medicine may stand for another: the same ingredients, strengths and form, rated equivalent where rated."""

import re
from fractions import Fraction

_AMOUNT = re.compile(r"(?P<amount>\d+(?:\.\d+)?)\s*(?P<unit>[^/\d\s][^/]*?)?\s*(?:/\s*(?P<per>.+))?$")
_PER = re.compile(r"(?P<amount>\d+(?:\.\d+)?)?\s*(?P<unit>[^\d\s].*)$")

# Units of one kind, each in the smallest of them.
_KIND: dict[str, tuple[str, Fraction]] = {
    "g": ("mass", Fraction(1_000_000)),
    "mg": ("mass", Fraction(1_000)),
    "mcg": ("mass", Fraction(1)),
    "ng": ("mass", Fraction(1, 1000)),
    "l": ("volume", Fraction(1_000)),
    "ml": ("volume", Fraction(1)),
    "iu": ("iu", Fraction(1)),
    "unit": ("unit", Fraction(1)),
    "units": ("unit", Fraction(1)),
}
Measure = tuple[Fraction, str, str]


def measure(strength: str) -> Measure | str:
    """A strength as a number that can be compared: 1 g is 1000 mg, 250 mg/5 mL is 50 mg/mL; else its words."""
    words = " ".join(strength.casefold().split())
    if not (found := _AMOUNT.fullmatch(words)):
        return words
    kind, size = _KIND.get(found["unit"] or "", (found["unit"] or "", Fraction(1)))
    amount = Fraction(found["amount"]) * size
    if not found["per"]:
        return amount, kind, ""
    if not (per := _PER.fullmatch(found["per"])):
        return words
    kind_of_per, size_of_per = _KIND.get(per["unit"], (per["unit"], Fraction(1)))
    return amount / (Fraction(per["amount"] or 1) * size_of_per), kind, kind_of_per


def same_strength(strength: str, other: str) -> bool:
    """Whether two strengths are one: 0.5 mg and 500 mcg."""
    return measure(strength) == measure(other)


def rated_equal(rating: str, other: str) -> bool:
    """Whether two equivalence codes let one stand for the other (FDA Orange Book, preface 1.7).

    Where either is rated, both need the same A-code, number and all: AB1 and AB2 are equivalent each to its own
    reference product only, and a B-code is equivalent to nothing. Where neither is rated, the codes say nothing.
    """
    if not rating and not other:
        return True
    shared = set(rating.split(",")) & set(other.split(","))
    return any(code.startswith("A") for code in shared)
