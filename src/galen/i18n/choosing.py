"""Which language: the account's own choice, the browser's cookie, what the browser asks for, the country's, English."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from babel import Locale, localedata

from . import pseudo
from .language import FOLDER, Language, language, language_of

TAG = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
REGION = re.compile(r"[-_]([A-Za-z]{2})\b")


@lru_cache
def offered() -> dict[str, str]:
    """What people may choose, each in its own words: English, and whatever has a catalogue."""
    tags = ["en", *sorted(file.parent.name.replace("_", "-") for file in FOLDER.glob("*/galen.po"))]
    names = {tag: Locale.parse(tag, sep="-").display_name or tag for tag in tags}
    return {tag: name[:1].upper() + name[1:] for tag, name in names.items()}


@lru_cache(1024)
def choose(own: str, cookie: str, accept: str, country: str, tests: bool = False) -> Language:
    """The first wish that can be met. A region that somebody chose decides how dates are written, else the country."""
    for chosen, wish in [
        (True, own),
        (True, cookie),
        *((False, wish) for wish in wishes(accept)),
        (False, language_of(country)),
    ]:
        if tag := met(wish, tests):
            return language(tag, (region_of(wish) if chosen else "") or country)
    return language("en", country)


def met(wish: str, tests: bool = False) -> str:
    """The language there is for a wish: `es-MX` is met by `es`."""
    if not TAG.fullmatch(wish):
        return ""
    known = {tag.lower(): tag for tag in [*offered(), *(pseudo.LANGUAGES if tests else ())]}
    parts = wish.replace("_", "-").lower().split("-")
    return next((known[tag] for n in range(len(parts), 0, -1) if (tag := "-".join(parts[:n])) in known), "")


def region_of(wish: str) -> str:
    """The region of a wish, where its language is written in a way of its own: `en-GB` is `GB`."""
    match = REGION.search(wish)
    region = match[1].upper() if match else ""
    return region if region and localedata.exists(f"{wish[:2].lower()}_{region}") else ""


def wishes(accept: str) -> Iterator[str]:
    """What `Accept-Language` asks for, the dearest first; `q=0` means not at all."""
    asked: list[tuple[Decimal, str]] = []
    for part in accept[:500].split(","):
        tag, _, weight = part.strip().partition(";")
        match = re.fullmatch(r"\s*q\s*=\s*([01](\.\d{0,3})?)\s*", weight)
        if not weight or match:
            asked.append((Decimal(match[1]) if match else Decimal(1), tag.strip()))
    yield from (tag for weight, tag in sorted(asked, key=lambda a: -a[0]) if weight)
