"""Choosing an allergen: substances, classes, brands and the ward's words, misspelt or not; free text is last."""

import asyncio
from collections.abc import Iterator, Sequence

from galen.core.context import Context
from galen.core.gate import requires
from galen.core.schemas import View
from galen.i18n import gettext as _
from galen.patients import says_none, understands_allergens
from galen.values.search_key import search_key

from .knowledge import Knowledge, KnownSubstance, built_in
from .rules.allergens import NEVER, allergen, misspelt

MOST = 8


class AllergenChoice(View):
    """One line of the list. `checked_as` is empty where medicines are not checked against it."""

    substance: str
    detail: str
    checked_as: str


@requires("clinical.write")
async def allergen_options(ctx: Context, q: str = "") -> list[AllergenChoice]:
    """What may be meant, the likeliest first; last the words as they are, which may say more than any list."""
    asked = q.strip()[:200]
    if not search_key(asked) or says_none(asked):
        return []
    knowledge = await asyncio.to_thread(built_in)
    return [*suggested(asked, knowledge), as_written(asked, knowledge)]


def suggested(asked: str, knowledge: Knowledge) -> list[AllergenChoice]:
    """Names that are, begin or hold what was typed; else the one that was perhaps meant."""
    found: dict[str, tuple[int, bool, int, str]] = {}
    for rank, name, meaning in hits(search_key(asked), knowledge):
        place = rank, not meaning.classes, len(name), name
        if meaning.said and (meaning.said not in found or place < found[meaning.said]):
            found[meaning.said] = place
    if not found and (near := misspelt(asked, knowledge)):
        found[near.said] = (9, False, 0, "")
    best = sorted(found.items(), key=lambda hit: hit[1])[:MOST]
    return [choice(said, place[-1]) for said, place in best]


def hits(key: str, knowledge: Knowledge) -> Iterator[tuple[int, str, KnownSubstance]]:
    """Every name that fits: itself, how it begins, how one of its words begins."""
    if whole := allergen(key, knowledge).meanings if knowledge.substance(key) else ():
        yield 0, key, whole[0]
    inside = f" {key}"
    for name, meaning in knowledge.names.items():
        if meaning.classes and key in NEVER:
            continue  # sulfur is no sulfonamide, though some say “sulfur drugs”
        if name.startswith(key):
            yield 1, name, meaning
        elif inside in name:
            yield 2, name, meaning


def choice(said: str, name: str) -> AllergenChoice:
    """A name to record, and by which other it was found."""
    other = name if search_key(name) != search_key(said) else ""
    return AllergenChoice(substance=said, detail=other, checked_as=said)


def as_written(asked: str, knowledge: Knowledge) -> AllergenChoice:
    meant = allergen(asked, knowledge).said
    detail = (
        _("as written; checked as %(name)s", name=meant) if meant else _("as written: not checked against medicines")
    )
    return AllergenChoice(substance=asked, detail=detail, checked_as=meant)


@understands_allergens
async def checked_as(substances: Sequence[str]) -> list[str]:
    """For each recorded allergen, what medicines are checked against; empty where that is nothing, or not all of it."""
    knowledge = await asyncio.to_thread(built_in)
    return [allergen(substance, knowledge).said for substance in substances]
