"""What a recorded allergen means: by name, class, brand or short word, and where the spelling slipped. Pure."""

import re
from functools import lru_cache
from typing import NamedTuple

from jellyfish import damerau_levenshtein_distance

from galen.values.search_key import search_key

from .. import reading
from ..knowledge import Knowledge, KnownSubstance

NEVER = frozenset(
    """
    sulfate sulfates sulphate sulphates sulfite sulfites sulphite sulphites bisulfite bisulphite metabisulfite
    metabisulphite sulfide sulphide sulfur sulphur sulfone sulphone iodine iodide iodides iodised iodized
    """.split()
)
"""What people take for sulfonamides or contrast media and is neither: never read as a slip of another name."""
_STRUCTURE = re.compile(r"(?i)^(?:substance|product|medicinal product) (?:with|containing) (.+?) structure\b.*$", re.S)
_FRAMES = (
    re.compile(r"(?i)\s*[(\[][^)\]]*[)\]]\s*$"),  # (finding), (substance), (disorder)
    re.compile(
        r"(?i)^\W*(?:(?:known|severe|mild|moderate|serious|allerg(?:y|ic)|hypersensitiv(?:e|ity)|intoleran(?:t|ce)"
        r"|sensitiv(?:e|ity)|anaphyla(?:xis|ctic)|(?:adverse|allergic|drug)\s+reactions?|products?|containing|only"
        r"|derivatives? of|history of)\s+)+(?:(?:to|of|with|from|by|containing)\s+)?"
    ),
    re.compile(
        r"(?i)[\s,-]+(?:(?:drug|medicine|medication)?\s*(?:allerg(?:y|ies|ic|en)|hypersensitivity|intoleran(?:t|ce)"
        r"|sensitivity|reactions?|anaphylaxis)|-?\s*class of (?:antibiotic|drug)s?\W*|(?:class|group|family|type|based)"
        r"(?:\s+(?:drug|medicine|medication|antibiotic)s?)?|antibiotics?|antibacterials?|antimicrobials?|drugs?|medicines?|medications?|meds)\W*$"
    ),
)
_SEVERAL = re.compile(r"\s*(?:[,;/+&]|\band\b|\bor\b)\s*", re.I)


class Allergen(NamedTuple):
    """What was understood; `understood` when all of it was, and nothing that it may stand for is unknown."""

    meanings: tuple[KnownSubstance, ...]
    understood: bool

    @property
    def said(self) -> str:
        """As what it is checked, in words; empty where it is not, or not wholly."""
        return ", ".join(meaning.said for meaning in self.meanings) if self.understood else ""


@lru_cache(4096)
def _key(text: str) -> str:
    return search_key(text)


def allergen(text: str, knowledge: Knowledge) -> Allergen:
    """One record's words: whole, without what frames them, as a medicine, as several, with one slip of the finger."""
    for spelling in _unframed(text):
        if whole := _named(spelling, knowledge):
            return Allergen((whole,), whole.complete)
    understood: list[KnownSubstance] = []
    for spelling in _unframed(text):
        parts = [part for part in _SEVERAL.split(spelling) if part.strip()]
        meant = [_named(part, knowledge) or misspelt(part, knowledge) for part in parts] if len(parts) < 9 else []
        if understood := [meaning for meaning in meant if meaning]:
            if len(understood) == len(parts):
                return Allergen(tuple(understood), all(meaning.complete for meaning in understood))
            break
    words = _key(text).split()[:60]
    inside = [" ".join(words[at : at + size]) for size in range(4, 0, -1) for at in range(len(words) - size + 1)]
    known = (found for part in inside if (found := knowledge.substance(part)))
    return Allergen(tuple(dict.fromkeys((*understood, *known))), False)


def _unframed(text: str) -> list[str]:
    """As it was written, then with ever less of what stands around the name."""
    found = [text.strip(), _STRUCTURE.sub(r"\1", text.strip())]
    for frame in (*_FRAMES, *_FRAMES):
        found.append(frame.sub("", found[-1]).strip())
    return list(dict.fromkeys(filter(None, found)))


def _named(text: str, knowledge: Knowledge) -> KnownSubstance | None:
    """A name; or a medicine with strength and form, when all that it holds is known."""
    if whole := knowledge.substance(text):
        return whole
    if not re.search(r"\d", text):
        return None
    held = [knowledge.ingredients(name) for name in reading.ingredients(text, knowledge)]
    return KnownSubstance(frozenset[str]().union(*held)) if held and all(held) else None


def misspelt(text: str, knowledge: Knowledge) -> KnownSubstance | None:
    """The one name that differs by a letter, two in long ones; nothing where two substances are as near."""
    key = _key(text)
    if len(key) < 5 or any(word in NEVER for word in key.split()) or re.search(r"\d", key):
        return None
    nearest, meanings = 2 if len(key) < 9 else 3, list[KnownSubstance]()
    for name in knowledge.spellings.get(key[0], ()):
        if abs(len(name) - len(key)) >= nearest + 1:
            continue
        away = damerau_levenshtein_distance(key, name)
        if away < nearest:
            nearest, meanings = away, []
        if away == nearest and away < (2 if len(key) < 9 else 3):
            meanings.append(knowledge.names.get(name) or knowledge.substance(name) or KnownSubstance(frozenset()))
    distinct = list(dict.fromkeys(meanings))
    return distinct[0] if len(distinct) == 1 else None
