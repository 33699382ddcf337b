"""From any written name of a medicine to its international one: synonyms, brands, salts, US, British and old names.

Nothing is guessed from likeness: what is not known stays unknown, because a wrong substance is worse than none.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from typing import TypeVar

from galen.values.search_key import search_key

from .files import rows, several
from .words import ABOUT, SALTS

Meaning = TypeVar("Meaning")

_LOOSE = SALTS | ABOUT | {word.removesuffix("e") for word in SALTS if word.endswith(("ate", "ide", "ite"))}  # in German
_TURNED = frozenset(("d", "dl", "l", "s", "r"))  # the hand of a molecule: `L-malate`
_AHEAD = _LOOSE | _TURNED | {"racemic"}
_ASIDE = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*")
_SUFFIX = re.compile(r"-[a-z]{4}$", re.I)  # the FDA's four letters behind a biological: adalimumab-adbm

# What stands around a name in an order: `NDA020800 0.3 ML`, `24 HR`, `… 500 MG Oral Tablet`, `… 28 Day Pack`.
_UNIT = (
    r"(?:mgs?|mcg|µg|ug|micrograms?|g|grams?|kg|ml|l|iu|units?|mmol|meq|mci|mbq|%|hr|hours?|act\w*|doses?|days?|puffs?)"
)
_BEFORE = re.compile(rf"^(?:abuse-deterrent\s+)?(?:nda\d+\s+)?\d+(?:[.,]\d+)?\s*{_UNIT}\b\s+", re.I)
_AFTER = re.compile(rf"\s+\d[\d.,]*(?:\s*[-/]\s*\d[\d.,]*)*\s*{_UNIT}(?![a-z]).*$", re.I | re.S)
_NUMBER = re.compile(r"\s+\d[\d.,/]*\s*$")
_JOINED = re.compile(rf"\s+(?:and|with|plus)\s+|\s*[+;&]\s*|\s*/\s*(?!\s*[\d.,]*\s*{_UNIT}(?![a-z]))|,\s+", re.I)

# Spellings that differ between INN, BAN, USAN and other tongues, each sound written one way.
_SPELLING = (("ph", "f"), ("th", "t"), ("oe", "e"), ("ae", "e"), ("y", "i"), ("ks", "x"), ("k", "c"))
_DOUBLE = re.compile(r"(.)\1+")
_SILENT = re.compile(r"e\b")  # tamsulosine and tamsulosin


@lru_cache(maxsize=16384)
def ingredient_name(text: str) -> str | None:
    """The international name of a written one, or nothing when no one substance is known by it."""
    if whole := known().get(search_key(text)):
        return whole
    bare = _bare(text)
    if _is_several(text) or search_key(text) in combinations():
        return None
    found = _meant(text, known()) or _respelt(text) or (bare and (_meant(bare, known()) or _respelt(bare)))
    return found or branded().get(_numberless(text)) or None


@lru_cache(maxsize=16384)
def ingredient_names(text: str) -> tuple[str, ...]:
    """All substances of a medicine's text, of a combination or its brand too; none when any part is not known."""
    if name := ingredient_name(text):
        return (name,)
    written = (text, _bare(text) or "", _numberless(text))
    if several := next(filter(None, (_meant(spelling, combinations()) for spelling in written if spelling)), None):
        return several
    parts = _parts(text)
    names = [ingredient_name(part) for part in parts] if len(parts) > 1 else [None]
    return () if None in names else tuple(dict.fromkeys(filter(None, names)))


def is_brand(text: str) -> bool:
    """Whether a name is a brand and no substance's own: Panadol, not paracetamol."""
    return search_key(text) in branded() and search_key(text) not in own_names()


@cache
def own_names() -> frozenset[str]:
    """Names and synonyms of substances."""
    return frozenset(search_key(n) for row in _ingredients() for n in (row["name"], *several(row["synonyms"])))


def ingredient_of_code(system: str, code: str) -> tuple[str, ...]:
    """The substance of a code of the WHO's ATC or of RxNorm, where it has one; groups and mixtures tell none."""
    if "atc" in system.casefold() or "whocc" in system.casefold():
        return by_atc().get(code.upper(), ())
    return by_rxcui().get(code, ()) if "rxnorm" in system.casefold() else ()


def _numberless(text: str) -> str:
    """A brand with a bare number behind it, as people write `Lasix 40`; iodine 131 is another substance."""
    bare = _NUMBER.sub("", text)
    return search_key(bare) if bare != text else ""


def _parts(text: str) -> list[str]:
    return [part for part in _JOINED.split(text) if part.strip()]


def _is_several(text: str) -> bool:
    """One part of a combination must not speak for the others; `acetic acid, glacial` is one."""
    parts = _parts(_ASIDE.sub(" ", text))
    return len(parts) > 1 and (
        len(_parts(text.replace(",", " "))) > 1 or any(set(search_key(part).split()) - _LOOSE for part in parts[1:])
    )


def folded(key: str) -> str:
    """One spelling for all: sulphadiazine and sulfadiazine, cephalexin and cefalexin, oestradiol and estradiol."""
    for sound, letter in _SPELLING:
        key = key.replace(sound, letter)
    return _DOUBLE.sub(r"\1", _SILENT.sub("", key))


def forms(text: str) -> Iterator[str]:
    """Ways to read a name, the fullest first: whole, without asides, then with ever fewer words that tell salts."""
    yield search_key(text)
    bare = _ASIDE.sub(" ", text).strip() or text
    for name in dict.fromkeys((bare, _SUFFIX.sub("", bare), bare.replace("-", " "))):
        words = search_key(name).split()
        for ahead in range(len(words)):
            if ahead and words[ahead - 1] not in _AHEAD:
                break
            for behind in range(len(words), ahead, -1):
                if behind < len(words) and (words[behind] not in _LOOSE | _TURNED or words[-1] in _TURNED):
                    break
                yield " ".join(left := words[ahead:behind])
                yield from _acid(left)


def _acid(words: list[str]) -> Iterator[str]:
    """A salt named for its acid: alendronate is alendronic acid; and in German: Valproinsäure is valproic acid."""
    if len(words) == 1 and len(words[0]) > 6 and words[0].endswith("saure"):
        yield f"{words[0].removesuffix('saure').removesuffix('in')}ic acid"
    if words[-1].endswith("ate") and len(words[-1]) > 6:
        yield " ".join([*words[:-1], f"{words[-1][:-3]}ic acid"])


def _meant(text: str, names: Mapping[str, Meaning]) -> Meaning | None:
    return next(filter(None, map(names.get, forms(text))), None)


def _respelt(text: str) -> str | None:
    return next(filter(None, (respelt().get(folded(form)) for form in forms(text) if len(form) > 5)), None)


def _bare(text: str) -> str | None:
    """Without what stands before and behind the name in an order; nothing when nothing stands there."""
    bare = _AFTER.sub("", _BEFORE.sub("", text)).strip()
    return bare if bare and bare != text else None


@cache
def known() -> dict[str, str]:
    """Every name of the catalogue by its search key. Of equals the INN wins, then a synonym, then a brand."""
    return dict(_keyed(search_key))


@cache
def branded() -> dict[str, str]:
    """Brands of one substance."""
    return {search_key(brand): row["name"] for row in _ingredients() for brand in several(row["brands"])}


@cache
def respelt() -> dict[str, str]:
    """The same by one spelling; what two substances would share belongs to neither."""
    names: dict[str, set[str]] = {}
    for key, inn in _keyed(lambda name: folded(search_key(name))):
        names.setdefault(key, set()).add(inn)
    return {key: min(meant) for key, meant in names.items() if len(meant) == 1}


@cache
def combinations() -> dict[str, tuple[str, ...]]:
    """Medicines of several substances that go by one name, such as co-amoxiclav."""
    return {
        search_key(name): tuple(several(row["ingredients"]))
        for row in rows("combinations")
        for name in several(row["name"])
    }


def _coded(column: str) -> dict[str, tuple[str, ...]]:
    """Substances by a column of codes; a code that two of them share belongs to neither."""
    codes: dict[str, set[str]] = {}
    for row in _ingredients():
        for code in several(row[column]):
            codes.setdefault(code, set()).add(row["name"])
    return {code: tuple(names) for code, names in codes.items() if len(names) == 1}


@cache
def by_atc() -> dict[str, tuple[str, ...]]:
    return {code: names for code, names in _coded("atc").items() if len(code) == 7}


@cache
def by_rxcui() -> dict[str, tuple[str, ...]]:
    return _coded("rxcui")


@cache
def _ingredients() -> tuple[dict[str, str], ...]:
    return tuple(rows("ingredients"))


def _keyed(key: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Names with their meaning; the weightier is given last, so that it stays."""
    for column in ("brands", "synonyms", "name"):
        for row in _ingredients():
            yield from ((key(name), row["name"]) for name in several(row[column]))
