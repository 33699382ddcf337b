"""A medicine in one line of text, in any order: its name, strengths, form, how many of what, and how much. Pure.

`Ibuprofen Tablets IP 400 mg`, `Amoxicillin 500mg caps 20's`, `X DEPOT INJECTION 500MG 5AMP`. What is not there is
empty: nothing is made up.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

from .values import number
from .words import listed, strength_of

NUM = r"(?<![\d.,])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?|[.,]\d+)(?![\d])"
UNIT = (
    r"(?:million\s*(?:iu|units?)|mega\s*units?|miu|i\.\s?u\.?|iu|units?|u|mcgs?|micrograms?|µg|μg|ug|ng|mgs?|milligrams?"
    r"|gms?|grams?|g|%(?:\s*w/[wv])?|mmol|meq)(?![a-z])"
)
VOLUME = r"(?:mls?|cc|millilit(?:re|er)s?|lit(?:re|er)s?|ltr|l)(?![a-z])"
PER = (
    rf"(?:\s*(?:/|\bper\b|\bin\b)\s*(?P<size>\d+(?:[.,]\d+)?)?\s*"
    rf"(?P<per>{VOLUME}|(?:gm?|dose|puff|act(?:uation)?|spray|hr?|hour|day|cm2|tab(?:let)?|cap(?:sule)?|vial|amp)s?(?![a-z])))?"
)
ONE = rf"(?P<amount>{NUM})\s*(?:(?P<unit>{UNIT}){PER})?"
_BARE = re.sub(r"\?P<\w+>", "?:", ONE)
STRENGTHS = re.compile(rf"{_BARE}(?:\s*[/+&-]\s*{_BARE})*", re.I)
_ONE = re.compile(ONE, re.I)
PHARMACOPOEIAS = re.compile(
    r"(?:\b(?:I\.P|B\.P|U\.S\.P|E\.P|Ph\.? ?Eur)\.?|\b(?:IP|BP|USP|EP|NF|JP|BPC)\b\.?)(?:\s*\d{4})?"
)
SPEED = re.compile(
    r"\b(?:(?:sustained|extended|prolonged|modified|controlled|slow)[\s-]*release|retard|sr|xr|er|cr|mr|xl|pr|prolong)\b",
    re.I,
)
COAT = re.compile(r"\b(?:enteric[\s-]*coated|gastro[\s-]*resistant|delayed[\s-]*release|ec|dr)\b", re.I)
IDLE = re.compile(
    r"\b(?:film[\s-]*coated|fc|f/c|sugar[\s-]*coated|coated|hard|scored|uncoated)\b|\b(?:oral|for|with|of)\b(?=[\s;]*(?:;|$))",
    re.I,
)
OUTER = r"(?:packs?|strips?|box(?:es)?|blisters?|jars?|cartons?|tins?|tubs?|cards?|pkt?s?)"
TIMES = r"\s*[x×*]\s*"
_MANY = re.compile(
    rf"(?<![\d.,])(?P<a>\d+){TIMES}(?P<b>\d+)(?!\s*{UNIT}|\s*{VOLUME}|[.,]?\d|\s*[cm]m\b)(?:\s*['’`´]?\s*s\b)?", re.I
)
_OF_VOLUME = re.compile(rf"(?P<a>\d+){TIMES}(?={NUM}\s*(?:{VOLUME}|gm?s?\b))", re.I)
_TIMES = re.compile(rf"(?:(?<![\w.])x|[×*])\s*(\d+)(?![\d.,]*\d|\s*{UNIT}|\s*{VOLUME}|\s*[cm]m\b)", re.I)
_BUNCH = re.compile(r"(?<![\d.,])(\d+)\s*(?:['’`´]\s*s?|s)(?![a-z])", re.I)
_OUTER = re.compile(
    rf"\b{OUTER}\s*(?:of|:)?\s*(\d+)\b(?!\s*{UNIT})|(?<![\d.,])(\d+)\s*(?:ct|count|pcs?|nos?\.?|pieces?|packs?|pk)\b",
    re.I,
)
_DOSES = re.compile(r"(?<![\d.,])(\d+)\s*(?:metered\s*)?(?:doses?|puffs?|actuations?|inhalations?|sprays?|md)\b", re.I)
_ASIDE = re.compile(r"[(\[#]\s*(\d+)\s*[)\]]?\s*$")
_VOLUME = re.compile(rf"(?P<amount>{NUM})\s*(?P<unit>{VOLUME})", re.I)
BY_MASS = {"cream", "ointment", "gel", "paste", "eye ointment", "geo", "vcr", "powder", "granules"}
MEANT = {"cc": "mL", "u": "units", "gm": "g", "gms": "g", "mega units": "million units", "gram": "g"}
SWALLOWED = {"tablet", "capsule", "suppository", "patch"}
PIECE = {"tab", "tablet", "cap", "capsule", "vial", "amp"}
RANK = ("powder for injection", "pen", "autoinjector", "pre filled syringe")


@dataclass(frozen=True, slots=True)
class WrittenName:
    """What a line of text says of a medicine; empty where it does not say."""

    name: str = ""  # what is left when all else is taken out
    strengths: tuple[str, ...] = ()
    form: str = ""  # in the words of forms.csv
    count: Decimal | None = None  # how many
    holder: str = ""  # of what: ampoule, vial, pen, sachet, tablet
    volume: tuple[Decimal, str] | None = None  # 60 mL, 15 g: of one holder, or of the pack
    loose: Decimal | None = None  # `Paracetamol 500 tablets`: a strength or a count

    @property
    def says_pack(self) -> bool:
        return self.count is not None or self.volume is not None


@dataclass(frozen=True, slots=True)
class NamedForm:
    form: str
    unit: str


@cache
def named_forms() -> dict[str, NamedForm]:
    return {row["written"]: NamedForm(row["form"], row["unit"]) for row in listed("names")}


@cache
def form_pattern() -> re.Pattern[str]:
    """Every word for a form, the longest first, also glued to a number: 5AMP. A pen alone must be counted: Pen-V."""
    words = sorted((re.escape(word).replace(r"\ ", r"[\s-]+") for word in named_forms()), key=len, reverse=True)
    return re.compile(rf"(?:(?<![\w.,])(\d+)\s*|(?<![a-z]))({'|'.join(words)})s?(?:\b|(?=\d))", re.I)


@cache
def counted_pens() -> re.Pattern[str]:
    return re.compile(r"(?<![\w.,])(\d+)\s*pens?\b", re.I)


@lru_cache(8192)
def read_name(text: str) -> WrittenName:
    """One line of text taken apart."""
    text = " ".join(PHARMACOPOEIAS.sub(" ", text[:400]).split())
    count, text = multiples(text)
    strengths, text = strengths_in(text)
    volume = None
    if found := _VOLUME.search(text):
        volume = measured(found["amount"], found["unit"])
        text = cut(text, found)
    elif found := _DOSES.search(text):
        volume, text = (Decimal(found[1]), "dose"), cut(text, found)
    forms: list[NamedForm] = []
    holder = ""
    if found := counted_pens().search(text):
        count, holder = count if count is not None else Decimal(found[1]), "pen"
        forms.append(NamedForm("pen", "pen"))
        text = cut(text, found)
    before: list[tuple[Decimal, NamedForm]] = []  # numbers right before a form: 30 TAB

    def taken(found: re.Match[str]) -> str:
        if (named := named_forms().get(re.sub(r"[\s-]+", " ", found[2].casefold()))) is None:
            return found[0]
        forms.append(named)
        if found[1]:
            before.append((Decimal(found[1]), named))
        return " ; "

    text = form_pattern().sub(taken, text)
    for pattern in (_BUNCH, _OUTER, _ASIDE):
        if found := pattern.search(text):
            count = Decimal(next(filter(None, found.groups()))) if count is None else count
            text = cut(text, found)
    loose = None
    if before and count is None:
        count, holder = before[0][0], before[0][1].unit or holder
        loose = None if strengths or holder not in SWALLOWED else count
    elif before and not strengths and before[0][1].unit in SWALLOWED:
        loose = before[0][0]
    if count is None and forms and (found := re.search(r";\s*(\d{1,4})\s*$", text)):
        count, text = Decimal(found[1]), text[: found.start()]
    form, slow = form_among(forms, text)
    if volume is None and (form in BY_MASS or any("%" in strength or "/g" in strength for strength in strengths)):
        strengths, volume = mass_of(strengths)
    if slow or form:
        text = SPEED.sub(" ", COAT.sub(" ", text)) if form else text
        text = IDLE.sub(" ", text)
    holder = holder or next((f.unit for f in forms if f.unit), "")
    return WrittenName(left(text), strengths, form, count, holder, volume, loose)


def cut(text: str, found: re.Match[str]) -> str:
    """The text without what was understood; what stood around it does not grow together."""
    return f"{text[: found.start()]} ; {text[found.end() :]}"


def multiples(text: str) -> tuple[Decimal | None, str]:
    """`10 x 10's` is 100, `5 x 10 ml` is five of them, `x30` is thirty."""
    if not re.search(r"[xX×*]\s*\d", text):
        return None, text
    if found := _OF_VOLUME.search(text):
        return Decimal(found["a"]), cut(text, found)
    if found := _MANY.search(text):
        return Decimal(found["a"]) * Decimal(found["b"]), cut(text, found)
    if found := _TIMES.search(text):
        return Decimal(found[1]), cut(text, found)
    return None, text


def strengths_in(text: str) -> tuple[tuple[str, ...], str]:
    """Amounts with their units, in the order in which they stand; `500/125 mg` shares its unit."""
    done: list[str] = []
    kept: list[str] = []
    at = 0
    for found in STRENGTHS.finditer(text):
        parts = list(_ONE.finditer(found[0]))
        if not parts or not parts[-1]["unit"]:
            continue
        shared, tail = parts[-1]["unit"], next((p for p in reversed(parts) if p["per"]), None)
        for part in parts:
            done.append(strength(part["amount"], part["unit"] or shared, part if part["per"] else tail))
        kept.append(text[at : found.start()])
        at = found.end()
    kept.append(text[at:])
    return tuple(dict.fromkeys(done)), " ; ".join(kept)


def strength(amount: str, unit: str, per: re.Match[str] | None) -> str:
    unit = re.sub(r"\s*w/[wv]", "", re.sub(r"[.\s]+", " ", unit).strip().casefold()).replace("i u", "iu")
    unit = MEANT.get(unit, "million IU" if unit == "million iu" else unit)
    if per and per["per"].casefold().rstrip("s") not in PIECE:
        word = per["per"].casefold()
        unit = f"{unit}/{per['size'] or ''} {MEANT.get(word, word)}".replace("/ ", "/")
    return strength_of(number(amount) or Decimal(0), unit)


def measured(amount: str, unit: str) -> tuple[Decimal, str] | None:
    found = number(amount)
    return (found * (1000 if unit.casefold().startswith("l") else 1), "mL") if found else None


def mass_of(strengths: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[Decimal, str] | None]:
    """Of a cream, `15 g` is its content: its strength stands in per cent, or in something in a gram."""
    for strength in strengths:
        if found := re.fullmatch(r"(\d+(?:\.\d+)?) g", strength):
            return tuple(s for s in strengths if s != strength), (Decimal(found[1]), "g")
    return strengths, None


def form_among(forms: list[NamedForm], text: str) -> tuple[str, bool]:
    """Of several words for a form the one that says most, with what slows it down."""
    names = [f.form for f in forms if f.form]
    slow, coated = bool(SPEED.search(text)), bool(COAT.search(text))
    if not names:
        return "", False
    if "powder" in names and "injection" in names:
        return "powder for injection", False
    best = next((f for f in RANK if f in names), "")
    if not best:
        plain = [f for f in names if f not in ("powder", "solution", "drops", "spray", "oral suspension")]
        best = (plain or names)[0]
    place = next((p for p in ("eye", "ear", "nasal", "oral") if re.search(rf"\b{p}\b", text, re.I)), "")
    if best in ("drops", "spray") and place:
        best = {"nasal drops": "nod"}.get(f"{place} {best}", f"{place} {best}")
    if best in ("tablet", "capsule") and (slow or coated):
        best = f"{best} {'extended' if slow else 'delayed'} release"
    return best, slow or coated


def left(text: str) -> str:
    """The name: without empty brackets, the marks where something stood, and what only joins."""
    text = re.sub(r"[(\[{]\s*(?:;\s*)*[)\]}]", " ", text)
    text = re.sub(r"\s*;\s*(?:;\s*)*", " ", text)
    text = re.sub(r"\s*[(\[]\s*$|^\s*[)\]]", " ", text)
    return re.sub(r"^[\s,.:/&+-]+|[\s,.:/&+-]+$", "", " ".join(text.split()))
