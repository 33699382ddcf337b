"""RxNorm (RXNCONSO.RRF): identifiers and names of ingredients, and the identifier of each clinical drug. Pure.

Layout: NLM, "RxNorm Technical Documentation", RXNCONSO. Term types used: IN, PIN and their synonyms; SCD and SBD, which
tell ingredient, strength, form and brand in their normal form. Suppressed and foreign names are passed over.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from galen.i18n import N_

from ..rules import plain
from .lines import FileContents, IngredientAmount, substance
from .reading import UnreadableFile
from .values import number
from .words import form_of, unit_of

COLUMNS = 18
RXCUI, LAT, SAB, TTY, STR, SUPPRESS = 0, 1, 11, 12, 14, 16
_PART = re.compile(r"^(?P<name>.+?) (?P<amount>[\d.,]+) (?P<unit>[A-Z%]+(?:/[A-Z0-9. ]+)?)(?: (?P<form>.*))?$")
_AHEAD = re.compile(r"^(?:\d+(?:\.\d+)? (?:HR|ML|ACTUAT) )+", re.I)


@dataclass(slots=True)
class RxNormSubstance:
    """An ingredient with its identifier and the other names that RxNorm gives it."""

    rxcui: str
    name: str
    row: int
    synonyms: list[str] = field(default_factory=list)
    brands: list[str] = field(default_factory=list)


@dataclass(slots=True)
class RxNormDrug:
    """A clinical (or branded) drug: what is in it and in which form."""

    rxcui: str
    name: str
    row: int
    parts: tuple[IngredientAmount, ...]
    form: str
    brand: str = ""


@dataclass
class RxNormTerms:
    """What a file holds of both."""

    contents: FileContents
    substances: list[RxNormSubstance]
    drugs: list[RxNormDrug]


def terms(file: str, lines: Iterable[Any]) -> RxNormTerms:
    contents = FileContents(file)
    names: dict[str, RxNormSubstance] = {}
    others: list[tuple[str, str]] = []
    drugs: list[RxNormDrug] = []
    for row, *cells in (line for line in lines if isinstance(line, list)):
        contents.rows += 1
        if len(cells) < COLUMNS:
            message = N_("The row has %(count)s columns; RXNCONSO.RRF has %(wanted)s. Fetch the file again.")
            contents.notice("", row, "", message, count=len(cells), wanted=COLUMNS)
            continue
        if cells[SAB] != "RXNORM" or cells[LAT] not in ("ENG", "") or cells[SUPPRESS] in ("Y", "O", "E"):
            continue
        if not cells[RXCUI].isdigit():
            message = N_("“%(code)s” is no RxNorm identifier; it has digits only.")
            contents.notice("", row, "RXCUI", message, code=cells[RXCUI])
        elif cells[TTY] == "IN":
            names.setdefault(cells[RXCUI], RxNormSubstance(cells[RXCUI], substance(cells[STR]), row))
            others.append((cells[RXCUI], cells[STR]))
        elif cells[TTY] in ("SY", "TMSY"):
            others.append((cells[RXCUI], cells[STR]))
        elif cells[TTY] in ("SCD", "SBD") and (drug := drug_of(cells[RXCUI], cells[STR], row)):
            drugs.append(drug)
    if contents.rows and len(contents.remarks) == contents.rows:
        raise UnreadableFile(
            N_("%(file)s is no RXNCONSO.RRF: its rows have other columns. Choose that file of the release."), file=file
        )
    for rxcui, other in others:
        if (named := names.get(rxcui)) and other.casefold() != named.name.casefold() and "+" not in other:
            named.synonyms.append(other.casefold())
    called = {substance.name: substance for substance in names.values()}
    for drug in drugs:
        owner = called.get(drug.parts[0].name) if drug.brand and len(drug.parts) == 1 else None
        if owner and drug.brand not in owner.brands:
            owner.brands.append(drug.brand)
    return RxNormTerms(contents, list(names.values()), drugs)


def drug_of(rxcui: str, name: str, row: int) -> RxNormDrug | None:
    """`amoxicillin 875 MG / clavulanate 125 MG Oral Tablet [Augmentin]`: its parts, form and brand."""
    written, _, brand = name.partition(" [")
    pieces = [_AHEAD.sub("", piece.strip()) for piece in written.split(" / ")]
    found = [_PART.match(piece) for piece in pieces]
    if not all(found) or not (last := found[-1]) or not last["form"]:
        return None
    parts = []
    for piece in found:
        assert piece is not None
        amount = number(piece["amount"])
        if amount is None:
            return None
        parts.append(IngredientAmount(substance(piece["name"]), f"{plain(amount)} {unit_of(piece['unit'].casefold())}"))
    form = re.sub(r"\b(12|24) hr\b", "", last["form"], flags=re.I)
    return RxNormDrug(rxcui, name, row, tuple(parts), rx_form(form), brand.rstrip("]"))


def rx_form(written: str) -> str:
    """`Extended Release Oral Tablet`, `Oral Capsule`, `Topical Cream` in the words of the catalogue."""
    words = written.casefold().replace("-", " ").split()
    slow = "extended" in words
    coated = "delayed" in words
    chewable = "chewable" in words
    odt = "disintegrating" in words
    core = [
        w for w in words if w not in ("extended", "delayed", "release", "oral", "chewable", "disintegrating", "orally")
    ]
    base = " ".join(core)
    if base in ("tablet", "capsule"):
        kind = (
            "modified-release "
            if slow
            else ("enteric-coated " if base == "tablet" else "gastro-resistant ")
            if coated
            else ""
        )
        return "orally disintegrating tablet" if odt else f"chewable {base}" if chewable else f"{kind}{base}"
    if "oral" in words and base in ("solution", "suspension"):
        return {"solution": "oral liquid", "suspension": "oral suspension"}[base]
    return form_of(
        base.removeprefix("topical ")
        .replace("ophthalmic solution", "eye drops")
        .replace("otic solution", "ear drops")
        .replace("injectable solution", "injection")
        .replace("metered dose inhaler", "inhaler")
    ).form
