"""A plan's formulary as a table: which columns mean what, and what is wrong with a row. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from galen.i18n import N_
from galen.i18n import gettext as _

from .importing.reading import FileRow, UnreadableFile
from .importing.values import money, said
from .naming import ingredient_names

HEADERS = {
    "plan": "plan|plan name|scheme|fund",
    "medicine": "medicine|drug|drug name|ingredient|generic|generic name|name",
    "code": "code|ndc|gtin|barcode|rxcui|artg",
    "tier": "tier|drug tier|tier level",
    "copay": "copay|co-pay|copayment|co-payment|patient pays",
    "limit_quantity": "quantity limit|limit|limit quantity|max quantity|quantity",
    "limit_days": "limit days|days|per days|days supply",
    "prior_authorisation": "prior authorisation|prior authorization|pa|authority required|authority",
    "note": "note|notes|restriction|restrictions|comment",
}
_FIELD = {name: key for key, names in HEADERS.items() for name in names.split("|")}
Refuse = Callable[[str, str], None]
YES, NO = {"y", "yes", "true", "1", "x", "required"}, {"", "n", "no", "false", "0", "-", "none"}


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with one row, beside its number in the file."""

    row: int
    column: str
    says: str


@dataclass(slots=True)
class PlanRow:
    """One row as understood."""

    row: int
    plan: str = ""
    generic: str = ""
    code: str = ""
    tier: int = 0
    copay: Decimal | None = None
    limit_quantity: Decimal | None = None
    limit_days: int | None = None
    prior_authorisation: bool = False
    note: str = ""
    wrong: list[Wrong] = field(default_factory=list)


def by_name(names: Iterable[str]) -> str:
    """Ingredients in one order, whatever order they are written in."""
    return " + ".join(sorted(names))


def table(rows: list[FileRow], plan: str = "") -> list[PlanRow]:
    """The rows behind the heading; `plan` speaks for rows that name none."""
    filled = [row for row in rows if not row.empty]
    if not filled:
        raise UnreadableFile(N_("The file is empty. Its first row names the columns: plan, medicine, tier, copay."))
    places = {
        _FIELD.get(re.sub(r"[_\s]+", " ", said(cell)).casefold(), ""): at for at, cell in enumerate(filled[0].cells)
    }
    if "tier" not in places or not places.keys() & {"medicine", "code"}:
        raise UnreadableFile(N_("The first row must name the columns, among them medicine (or code) and tier."))
    return [understood(row.number, {k: cell(row, at) for k, at in places.items() if k}, plan) for row in filled[1:]]


def cell(row: FileRow, at: int) -> str:
    return said(row.cells[at]) if at < len(row.cells) else ""


def understood(row: int, cells: Mapping[str, str], plan: str) -> PlanRow:
    """One row; everything that is wrong with it is said at once."""
    plan_row = PlanRow(
        row, plan=cells.get("plan", "") or plan, code=cells.get("code", ""), note=cells.get("note", "")[:300]
    )

    def refuse(column: str, says: str) -> None:
        plan_row.wrong.append(Wrong(row, column, says))

    if not plan_row.plan:
        refuse("plan", _("Name the plan, in the file or above it."))
    if medicine := cells.get("medicine", ""):
        plan_row.generic = by_name(ingredient_names(medicine))
        if not plan_row.generic and not plan_row.code:
            problem = _(
                "'%(name)s' is no medicine known here. Write the international name, or give its code.", name=medicine
            )
            refuse("medicine", problem)
    elif not plan_row.code:
        refuse("medicine", _("Name the medicine or give its code."))
    tier = re.sub(r"(?i)^tier\s*", "", cells.get("tier", ""))
    if tier.isdigit() and 1 <= int(tier) <= 9:
        plan_row.tier = int(tier)
    else:
        refuse("tier", _("The tier is a number from 1 to 9."))
    plan_row.copay = amount(cells.get("copay", ""), "copay", refuse, zero=True)
    plan_row.limit_quantity = amount(cells.get("limit_quantity", ""), "quantity limit", refuse)
    days = amount(cells.get("limit_days", ""), "days", refuse)
    if days is not None and days % 1:
        refuse("days", _("Write whole days."))
    plan_row.limit_days = int(days) if days else None
    answer = cells.get("prior_authorisation", "").casefold()
    if answer not in YES | NO:
        refuse("prior authorisation", _("Say yes or no."))
    plan_row.prior_authorisation = answer in YES
    return plan_row


def amount(written: str, column: str, refuse: Refuse, zero: bool = False) -> Decimal | None:
    """A number above nothing (or nothing itself, where it may be), or none where nothing is written."""
    try:
        found = money(written)
    except ValueError as wrong:
        refuse(column, str(wrong))
        return None
    if found is not None and not found and not zero:
        refuse(column, _("Write a number above nothing, or leave it empty."))
        return None
    return found
