"""How many of what is in a pack: from its own column, the form, and what the name says. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from galen.i18n import N_

from .reading import Cell
from .values import CellError, number, said
from .words import Form, counted, pack_of
from .written import WrittenName, read_name

HOLDERS = frozenset(("ampoule", "vial", "pen", "syringe", "cartridge"))
MEASURED = frozenset(("mL", "g"))
INJECTED = frozenset("injection|powder for injection|infusion|pen|pre-filled syringe|autoinjector|vaccine".split("|"))
BY_UNITS = ("IU", "unit")  # what is dosed in units of a millilitre (insulin) is counted in millilitres
AS_AMPOULES = N_("It is not said what holds each dose, so ampoules are counted. Correct the unit where it is another.")
DIFFERS = N_("The name says %(named)s and the pack column %(cell)s; the column was taken. Compare it with the pack.")
NOTHING = N_("A pack holds more than nothing. Correct the pack size.")


@dataclass(frozen=True, slots=True)
class SaidPack:
    """A size and what is counted, empty where that is not known; with what somebody should look at."""

    size: Decimal
    unit: str
    remark: str = ""
    named: Decimal | None = None  # what the name said instead


def packed(
    cell: Cell, names: Sequence[WrittenName], form: Form, *, form_by_name: bool, unit_named: str
) -> SaidPack | None:
    """`names` are the medicine's own texts; `form_by_name` when no column told the form."""
    bare, own = own_words(cell)
    if bare is not None and bare <= 0:
        raise CellError(NOTHING)
    texts = [own, *names]
    named = next((n.count for n in names if n.count is not None), None)
    volume = next((t.volume for t in texts if t.volume), None)
    holder = next((t.holder for t in texts if t.holder in HOLDERS), "")
    count, remark = own.count if own.count is not None else named, ""
    if bare is not None:
        if volume and bare == volume[0] and (named is None or named != bare):
            count = named
        elif named is None or named == 1:
            count = bare
        elif bare not in (1, named) and not (volume and bare == named * volume[0]):
            count, remark = bare, DIFFERS
    elif own.count is not None and named is not None and named not in (1, own.count):
        remark = DIFFERS
    if count is None and volume is None and not own.holder:
        return None
    if (count is not None and count <= 0) or (volume and volume[0] <= 0):
        raise CellError(NOTHING)
    size, unit, more = of_form(form, count, volume, holder, texts, loose=form_by_name or bare is None)
    return SaidPack(size.normalize() + 0, unit or unit_named, remark or more, named if remark else None)


def own_words(cell: Cell) -> tuple[Decimal | None, WrittenName]:
    """A cell as a bare number, else as words: `10 Tablets`, `10 ml vial`, `2 x 14`, `0.5g`."""
    if isinstance(cell, int | Decimal) and not isinstance(cell, bool):
        return Decimal(cell), WrittenName()
    text = said(cell)
    if not text:
        return None, WrittenName()
    if text.replace(",", "").replace(".", "").isdigit():
        return number(text), WrittenName()
    own = read_name(text)
    if own.says_pack or not (found := pack_of(text)):
        return None, own
    if found[1] in MEASURED:
        return None, WrittenName(own.name, (), own.form, None, own.holder, (found[0], found[1]))
    if not found[1]:
        return found[0], own
    return None, WrittenName(own.name, (), own.form, found[0], found[1])


def of_form(
    form: Form,
    count: Decimal | None,
    volume: tuple[Decimal, str] | None,
    holder: str,
    texts: Sequence[WrittenName],
    *,
    loose: bool,
) -> tuple[Decimal, str, str]:
    """What a form is counted in: injections by what holds them, liquids and creams by their measure, others singly."""
    many = count if count is not None else Decimal(1)
    strength = next((s for t in texts for s in t.strengths), "")
    if form.form in INJECTED:
        in_units = any(f"{unit}s/mL" in strength or f"{unit}/mL" in strength for unit in BY_UNITS)
        if volume and in_units and holder in ("", "vial"):
            return many * volume[0], volume[1], ""
        if holder or form.unit in HOLDERS:
            return many, holder or form.unit, ""
        if volume and (many == 1 or form.form == "infusion"):
            return many * volume[0], volume[1], ""
        if loose and not in_units:
            return many, "ampoule", AS_AMPOULES
        return many * volume[0] if volume else many, form.unit, ""
    if form.unit in MEASURED or form.unit == "dose" or not form.unit:
        if volume:
            return many * volume[0], volume[1], ""
        other = next((t.holder for t in texts if t.holder), "")
        return many, other or form.unit, ""
    other = next((t.holder for t in texts if t.count is not None and t.holder), "")
    return many, counted(other) or form.unit, ""
