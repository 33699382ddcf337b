"""The words that lists use for forms, routes, units, strengths and schedules, in the words of the catalogue. Pure."""

import csv
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files

from galen.i18n import N_

from ..rules import plain
from .reading import Cell
from .values import CellError, number, said


def listed(name: str) -> list[dict[str, str]]:
    text = (files("galen.medicines.importing") / "data" / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def words(kind: str) -> dict[str, str]:
    return {row["written"]: row["word"] for row in listed("words") if row["kind"] == kind}


ROUTES, UNITS, COUNTED, BY_ROUTE = words("route"), words("unit"), words("counted"), words("form by route")
_PACK = re.compile(r"(?:(\d+)\s*[x×*]\s*)?(\d+(?:[.,]\d+)?)\s*([A-Za-z]+)?(?:\s*[x×*]\s*(\d+))?\b", re.I)
_FDA = re.compile(
    r"(?:EQ\s+)?(\d[\d,]*(?:\.\d+)?|\.\d+)\s*([A-Z%][A-Z%. ]*?)?\s*"
    r"(?:\b(?:BASE|ACID|FREE ACID|FREE BASE)\b)?\s*(?:/\s*(.+))?$",
    re.I,
)
ROMAN_SCHEDULES = ("CII", "CIII", "CIV", "CV")
SCHEDULE = re.compile(r"^(?:schedule|sched\.?|poison schedule|s)?\s*([0-9])\b\s*(?:\(.*\))?$", re.I)


@dataclass(frozen=True, slots=True)
class Form:
    """A dose form with what follows from it; empty where it does not say: a unit that is not known is none."""

    form: str
    route: str
    unit: str


@cache
def forms() -> dict[str, Form]:
    return {row["written"]: Form(row["form"], row["route"], row["unit"]) for row in listed("forms")}


@lru_cache(4096)
def form_of(written: str, route: str = "") -> Form:
    """`TABLET, EXTENDED RELEASE`, `OPD`, `Dried herb`: the catalogue's own word, else the list's, in small letters."""
    bare = " ".join(re.sub(r"[^a-z0-9]+", " ", written.casefold()).split())
    known = forms().get(bare) or forms().get(bare.removesuffix("s"))
    if known is None and len(bare.split()) > 1:
        words = bare.split()
        known = next((f for n in (1, 2) if (f := forms().get(" ".join(words[-n:])))), None)
        known = Form(bare, known.route, known.unit) if known else None
    route = route_of(route) or (known.route if known else "")
    name = known.form if known else bare
    name = BY_ROUTE.get(f"{name}|{route}", name)
    unit = known.unit if known else ""
    if (known and known.form) in ("spray", "film") and route in ("transdermal",):
        name, unit = "patch", "patch"
    if name in ("eye drops", "ear drops", "nebuliser solution", "inhaler"):
        unit = "dose" if name == "inhaler" else "mL"
    return Form(name, route, unit)


def route_of(written: str) -> str:
    """The first route, in the catalogue's words: `INTRAMUSCULAR, INTRAVENOUS`, `ORAL-28`."""
    first = re.split(r"[,;/]", written.casefold())[0].strip()
    first = ROUTES.get(first, first)
    return "intravenous" if first in ("injection", "parenteral") and "intravenous" in written.casefold() else (
        "" if first in ("injection", "parenteral", "for use", "as directed") else re.sub(r"-\d+$", "", first)
    )  # fmt: skip


@lru_cache(4096)
def unit_of(written: str) -> str:
    """A unit of strength, written one way: `mg/5ml` is `mg/5 mL`, `μg/cm²` is `mcg/cm2`."""
    text = re.sub(r"\s+", " ", written.strip()).replace(",", ".")
    parts = [part.strip() for part in text.split("/")]
    done: list[str] = []
    for part in parts:
        found = re.fullmatch(r"(\d*\.?\d*)\s*(.*)", part)
        amount, word = (found[1], found[2].strip()) if found else ("", part)
        word = UNITS.get(word.casefold()) or UNITS.get(word.casefold().rstrip("s.")) or word
        amount = plain(Decimal(amount)) if amount not in ("", ".") else ""
        done.append(f"{amount} {word}".strip() if amount != "1" or not done else word)
    return "/".join(done)


def strength_of(amount: Decimal, unit: str) -> str:
    """`20 mg/mL`, as the catalogue writes strengths."""
    rounded = (
        amount.quantize(Decimal(1).scaleb(amount.adjusted() - 9)) if amount else amount
    )  # 5.37999999999999 was 5.38
    return f"{plain(rounded)} {unit_of(unit)}".strip()


def fda_strength(written: str) -> str:
    """An FDA strength: `EQ 500MG BASE/2ML (EQ 250MG BASE/ML)` is `500 mg/2 mL`; what is not understood stays."""
    bare = re.sub(r"\s*\*\*.*$|\(.*$", "", written).strip().rstrip("*").strip()
    found = _FDA.match(bare)
    if not found or not found[2] or any(c.isdigit() for c in found[2]):
        return strength_text(bare)
    per = re.sub(r"^EQ\s+", "", found[3] or "", flags=re.I).strip()
    words = re.sub(r"\b(?:BASE|ACID|ANHYDROUS|FREE)\b", "", found[2], flags=re.I).strip().casefold()
    amount = number(found[1].replace(",", "") if re.search(r",\d{3}(?!\d)", found[1]) else found[1])
    assert amount is not None
    return strength_of(amount, f"{words}/{per.casefold()}" if per else words)


def strength_text(written: str) -> str:
    """A strength that is no single amount, such as a course of three; plus signs would part ingredients."""
    return " ".join(written.replace("+", "and").split()).casefold()


def pack_of(written: str) -> tuple[Decimal, str] | None:
    """`30caps`, `25 mL`, `2 x 14 tablets`, `5g`: how many of what; the unit is empty where it is not said."""
    found = _PACK.search(written)
    if not found:
        return None
    amount = number(found[2]) or Decimal(0)
    unit = counted(found[3] or "") if found[3] and found[3].casefold() != "x" else ""
    times = Decimal(found[1] or found[4] or 1)
    if unit in ("L", "kg"):
        amount, unit = amount * 1000, {"L": "mL", "kg": "g"}[unit]
    if unit == "mg" and amount >= 100:
        amount, unit = amount / 1000, "g"
    return (amount * times, unit) if amount else None


def counted(word: str) -> str:
    """The catalogue's word for what is counted, or nothing."""
    small = word.casefold().rstrip(".")
    return COUNTED.get(small) or COUNTED.get(small.removesuffix("s")) or ""


def schedule_number(written: str) -> str:
    """`S8`, `8`, `Schedule 8`, `S 4`: the digit; of several the strictest, as one pack has one schedule."""
    parts = [p for p in re.split(r"[,&/;]| and ", written.strip()) if p.strip()]
    digits = [found[1] for part in parts if (found := SCHEDULE.match(part.strip()))]
    if written.strip() and len(digits) < len(parts):
        problem = N_("“%(text)s” is no schedule that is known here. Write S4, S8 or leave it empty.")
        raise CellError(problem, text=written)
    return max(digits, default="")


def strengths_of(amount: Cell, unit: str, names: int) -> list[str]:
    """One strength for each name: `500` with `mg`, `875 mg/125 mg`, `5;10` …; unstated ones say so."""
    words = said(amount)
    if not words:
        return [""] * names
    unit = "" if unit.casefold() in ("zzz", "n/a", "-") else unit
    if isinstance(amount, int | Decimal):
        return [strength_of(Decimal(amount), unit) if unit else ""] * names
    pieces = [p.strip() for p in re.split(r"\s*[;+]\s*", words)]
    if len(pieces) != names and len(slashed := [p.strip() for p in words.split("/")]) == names and names > 1:
        pieces = slashed
    if len(pieces) != names:
        return [strength_text(f"{words} {unit}".strip())] * names
    tail = re.sub(r"^[\d.,\s]+", "", pieces[-1])
    return [one_strength(p if re.search(r"[a-zµ%]", p, re.I) else f"{p} {tail}", unit) for p in pieces]


def one_strength(piece: str, unit: str) -> str:
    found = re.fullmatch(r"([\d.,\s]*\d)\s*(.*)", piece)
    try:
        return (
            strength_of(number(found[1]) or Decimal(0), found[2] or unit)
            if found and (found[2] or unit)
            else strength_text(piece)
        )
    except ValueError:
        return strength_text(f"{piece} {unit}".strip())
