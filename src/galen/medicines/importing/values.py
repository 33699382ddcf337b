"""What stands in a cell, as the catalogue keeps it: texts, codes, money, quantities, days. Pure."""

import csv
import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from importlib.resources import files

from galen.i18n import N_
from galen.values.check_digits import is_gtin
from galen.values.money import CURRENCIES

from ..rules import plain
from .reading import Cell, Explained


class CellError(Explained, ValueError):
    """What stands in a cell cannot be accepted."""


EXCEL_DAY = date(1899, 12, 30)
NOTHING = {"", "-", "–", "—", "n/a", "na", "nil", "none", "null", "tba", "tbc", "poa", "n.a.", "#n/a", "zzz", "?"}
_AMOUNT = r"\d(?:[\d.,٫٬ '’´`]*\d)?"
_MARK = r"[^\W\d_]{0,5}[$€£¥₹₪₦₱₽₴₺₩฿₫₵¢₡₲৳₸₾₼﷼]|[^\W\d_]{1,5}\.?|[A-Za-z]/"
_MONEY = re.compile(
    rf"(?P<sign>[-−]?)\s*(?P<before>{_MARK})?\s*:?\s*(?P<minus>[-−]?)\s*(?P<amount>{_AMOUNT}|[.,]\d+)\s*"
    rf"(?:/[-=–]|[.,][-–—]{{1,2}}|[-–—]{{2}})?\s*(?P<after>{_MARK})?\.?\s*(?:/[-=])?$",
    re.I,
)
_ASIDE = re.compile(r"\s*(?:\+.*|[(\[]?\s*\b(?:ex|exc|excl|excluding|inc|incl|including|plus|net|per|each)\b.*)$", re.I)
BARE = re.compile(r"\d{1,8}(?:\.\d{1,2}|\.\d{4,12})?")  # an amount that nothing can be mistaken in, as most are
THREE = re.compile(r"[-−]?[1-9]\d{0,2}[.,]\d{3}")
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


def text(cell: Cell) -> str:
    """Words, with single spaces; a number as it is written."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return " ".join(cell.split())
    return cell.isoformat() if isinstance(cell, date) else plain(cell) if isinstance(cell, Decimal) else str(cell)


def said(cell: Cell) -> str:
    """Words, or nothing where a list writes a dash, N/A or the like."""
    found = text(cell)
    return "" if found.casefold() in NOTHING else found


def code(cell: Cell) -> str:
    """A code is text: no decimals behind it, no blanks in it, and the zeros before it stay."""
    return said(cell).replace(" ", "").removesuffix(".0")


def number(cell: Cell, mark: str = "") -> Decimal | None:
    """An exact number, with separators of thousands of any kind. `mark` stands before the decimals, if it is known."""
    if isinstance(cell, bool) or cell is None or isinstance(cell, date):
        return None
    if isinstance(cell, int | Decimal):
        return Decimal(cell)
    bare = re.sub(r"[\s'’´`٬]", "", said(cell)).replace("٫", ".").replace("−", "-")
    if not bare:
        return None
    points, commas = bare.count("."), bare.count(",")
    if points and commas:
        last = max(bare.rfind(","), bare.rfind("."))
        bare = re.sub(r"[.,]", "", bare[:last]) + "." + bare[last + 1 :]
    elif points > 1 or commas > 1 or (THREE.fullmatch(bare) and mark != ("." if points else ",") and (commas or mark)):
        bare = re.sub(r"[.,]", "", bare) if re.fullmatch(r"-?\d{1,3}(?:[.,]\d{2,3})*[.,]\d{3}", bare) else bare
    else:
        bare = bare.replace(",", ".")
    try:
        return Decimal(bare)
    except InvalidOperation:
        raise CellError(N_("“%(text)s” is no number. Write it with digits, such as 12.5."), text=text(cell)) from None


def decimal_mark(cells: Iterable[Cell]) -> str:
    """What stands before a column's decimals: a point, a comma, "?" where its texts leave that open, or nothing."""
    found: set[str] = set()
    asked = False
    for cell in cells:
        if not isinstance(cell, str) or not (money_found := _MONEY.match(_ASIDE.sub("", text(cell)))):
            continue
        bare = re.sub(r"[^\d.,]", "", money_found["amount"])
        if "." in bare and "," in bare:
            found.add(max(".", ",", key=bare.rfind))
        elif bare.count(".") > 1 or bare.count(",") > 1:
            found.add("," if "." in bare else ".")
        elif THREE.fullmatch(bare):
            asked = asked or "." in bare
        elif "." in bare or "," in bare:
            found.add("." if "." in bare else ",")
    return found.pop() if len(found) == 1 else "?" if found or asked else ""


def money(cell: Cell, mark: str = "") -> Decimal | None:
    """A price, exact to eight decimals as lists carry them: `$119.69 +GST`, `R 1 234,56`, `Rs. 8/-`, 173.71578."""
    if not isinstance(cell, str):
        amount = number(cell)
    elif BARE.fullmatch(cell):
        amount = Decimal(cell)
    elif not said(cell):
        return None
    else:
        if not (found := priced(cell)):
            raise CellError(N_("“%(text)s” is no price. Write an amount, such as 12.50."), text=text(cell))
        written = found["amount"]
        if mark == "?" and THREE.fullmatch(re.sub(r"[\s'’]", "", written)):
            problem = N_("“%(text)s” may be %(less)s or %(more)s. Write it with two decimals, such as %(less)s0.")
            bare = re.sub(r"\D", "", written)
            raise CellError(problem, text=text(cell), less=f"{bare[:-3]}.{bare[-3:]}", more=bare)
        amount = number(written, mark.replace("?", ""))
        if amount is not None and (found["sign"] or found["minus"]):
            amount = -amount
    if amount is not None and not 0 <= amount < 100_000_000:
        problem = N_("A price of %(amount)s cannot be right. Correct it in the file, or leave it empty.")
        raise CellError(problem, amount=f"{amount:f}")
    return None if amount is None else amount.quantize(Decimal("1E-8")).normalize() + 0


def priced(cell: Cell) -> re.Match[str] | None:
    """An amount with the marks of currencies around it; a word that is none of them makes it no price."""
    found = _MONEY.match(_ASIDE.sub("", unicodedata.normalize("NFKC", text(cell))))
    marks = (found["before"], found["after"]) if found else ()
    return found if all(mark is None or currency_of(mark) is not None for mark in marks) else None


@cache
def marks() -> dict[str, str]:
    """How lists write currencies, and the code where the mark means one only; ISO 4217 codes are known beside them."""
    written = (files("galen.medicines.importing") / "data" / "money.csv").read_text(encoding="utf-8")
    return {row["written"]: row["currency"] for row in csv.DictReader(written.splitlines())}


def percentage(cell: Cell) -> Decimal | None:
    """A discount: `5`, `5 %`; a sheet keeps 5 % as 0.05."""
    found = number(said(cell).rstrip("% ")) if isinstance(cell, str) else number(cell)
    if found is not None and not 0 <= found <= 100:
        raise CellError(N_("“%(text)s” is no discount. Write it in per cent, such as 5."), text=text(cell))
    return found * 100 if found and found < 1 and not isinstance(cell, str) else found


def currency_of(mark: str) -> str | None:
    """The code of a mark; empty where several currencies share it, none where it is no mark of money."""
    bare = mark.rstrip(".")
    return marks().get(bare.casefold(), bare.upper() if bare.upper() in CURRENCIES else None)


def currency_in(cell: Cell) -> str:
    """The currency that a price names, when it names one and no other can be meant."""
    found = priced(cell) if isinstance(cell, str) and said(cell) and not BARE.fullmatch(cell) else None
    named = (found["before"], found["after"]) if found else ()
    return next((code for mark in named if mark and (code := currency_of(mark))), "")


def cents(amount: Decimal) -> Decimal:
    """Money as the catalogue keeps it: four decimals, half up."""
    return amount.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def day(cell: Cell) -> date | None:
    """A day: as Excel counts them, as ISO, day first, or with the month's name."""
    if isinstance(cell, date) or cell is None:
        return cell
    if isinstance(cell, int | Decimal):
        if not 1 <= cell < 100_000:
            raise CellError(N_("“%(text)s” is no day. Write it as 2016-11-28."), text=str(cell))
        return EXCEL_DAY + timedelta(days=int(cell))
    bare = said(cell)
    if not bare:
        return None
    if found := re.match(r"(\d{4})[-/.]?(\d\d)[-/.]?(\d\d)\b", bare):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := re.match(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", bare):
        return date(int(found[3]), int(found[2]), int(found[1]))
    if found := re.search(r"(\d{1,2})[- ]([A-Za-z]{3})[a-z]*[- ,]+(\d{4})", bare):
        return date(int(found[3]), MONTHS.index(found[2].casefold()) + 1, int(found[1]))
    if found := re.match(r"([A-Za-z]{3})[a-z]* (\d{1,2}),? (\d{4})", bare):
        return date(int(found[3]), MONTHS.index(found[1].casefold()) + 1, int(found[2]))
    try:
        return datetime.fromisoformat(bare).date()
    except ValueError:
        raise CellError(N_("“%(text)s” is no day. Write it as 2016-11-28."), text=bare) from None


def ndc11(cell: Cell) -> str:
    """A National Drug Code as 5-4-2 (FDA): hyphens say where a zero is missing; a number has only lost its first."""
    bare = code(cell)
    if not bare:
        return ""
    if "-" in bare:
        parts = bare.split("-")
        if [len(part) for part in parts] in ([4, 4, 2], [5, 3, 2], [5, 4, 1], [5, 4, 2]) and all(
            map(str.isdigit, parts)
        ):
            return "-".join(part.zfill(size) for part, size in zip(parts, (5, 4, 2), strict=True))
    elif bare.isdigit() and (len(bare) == 11 or (isinstance(cell, int) and 7 <= len(bare) <= 10)):
        whole = bare.zfill(11)
        return f"{whole[:5]}-{whole[5:9]}-{whole[9:]}"
    problem = N_("“%(code)s” is no NDC that can be told apart. Write it with hyphens, such as 0002-8215-01.")
    raise CellError(problem, code=bare)


def gtin(cell: Cell) -> str:
    """A barcode with 14 digits; the zeros that a spreadsheet ate are put back when the check digit then is right."""
    bare = re.sub(r"[\s-]", "", code(cell))
    if not bare:
        return ""
    if bare.isdigit() and len(bare) <= 14:
        sizes = (8, 12, 13, 14) if isinstance(cell, int) else (len(bare),)
        if any(is_gtin(bare.zfill(size)) for size in sizes if size >= len(bare)):
            return bare.zfill(14)
    raise CellError(N_("“%(code)s” is no barcode: its last digit is wrong. Compare it with the pack."), code=bare)


def day_or_none(cell: Cell) -> date | None:
    try:
        return day(cell)
    except ValueError:
        return None
