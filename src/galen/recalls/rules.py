"""How lots are written, when two are alike, and how well a recall has reached people."""

import re

MOST_LOTS = 200
MOST_NOTICES = 200


def lot_key(lot: str) -> str:
    """A lot without signs, spaces and small letters; the database says the same (`inventory.LOT_KEY`)."""
    return re.sub(r"[\W_]+", "", lot).upper()


def lots_in(said: object) -> object:
    """Lots as people write them, one behind another: by commas, semicolons or lines; each once."""
    if isinstance(said, str):
        said = re.split(r"[,;\n\r]+", said)
    if isinstance(said, list) and all(isinstance(lot, str) for lot in said):
        return list(dict.fromkeys(lot.strip() for lot in said if lot.strip()))
    return said


def is_written_alike(lots: list[str], number: str) -> bool | None:
    """Whether a batch number is a lot to the letter (True), but for signs and capitals (False), or not (None)."""
    if number.strip().casefold() in {lot.strip().casefold() for lot in lots}:
        return True
    return False if lot_key(number) in {lot_key(lot) for lot in lots} else None


def percent(part: int, whole: int) -> int | None:
    """The share in whole percents, rounded down: 100 only when nobody is missing. None of nobody."""
    return 100 * part // whole if whole else None


def names_medicine(notice: str, generic: str, brand: str) -> bool:
    """Whether a notice names this medicine: every word of its generic name, or of its brand, stands in it."""
    words = set(re.findall(r"[a-z0-9]+", notice.casefold()))
    names = [set(re.findall(r"[a-z0-9]+", name.casefold())) for name in (generic, brand)]
    return any(name and name <= words for name in names)
