"""So many of what, as people say it: on labels, in directions, at the shelf."""

from decimal import Decimal

MEASURED = frozenset({"", "ml", "l", "g", "mg", "kg", "mcg", "microgram", "iu"})
SIBILANT = ("ch", "sh", "x", "z", "ss")


def plain(value: Decimal) -> str:
    """A quantity as people write it: no exponent, no trailing zero."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def plural(unit: str) -> str:
    """Tablets, patches, pessaries; what is measured (mL, g) has no plural."""
    if unit.lower() in MEASURED or (unit.endswith("s") and not unit.endswith("ss")):
        return unit
    if unit.endswith("y") and unit[-2:-1] not in "aeiou":
        return f"{unit[:-1]}ies"
    return f"{unit}es" if unit.endswith(SIBILANT) else f"{unit}s"


def counted(number: Decimal, unit: str) -> str:
    """21 tablets, 1 tablet, 0.5 tablets, 30 patches, 100 mL."""
    return f"{plain(number)} {unit if abs(number) == 1 else plural(unit)}".rstrip()
