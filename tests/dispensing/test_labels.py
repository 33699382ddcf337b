"""Labels as paper: nothing is cut off, parts are counted, a duplicate says so, and the symbol is read back."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import select

from galen import dispensing, i18n
from galen.core.audit import AuditEntry
from galen.core.context import Context
from galen.core.finish import finish
from galen.dispensing import Dispensing, SupplyDraft
from galen.dispensing.advice import FEDERAL, advice
from galen.dispensing.advice_words import OWN, in_own
from galen.dispensing.beyond_use import TABLE, beyond_use, last_good_day
from galen.dispensing.service import labels
from galen.dispensing.service.paper import LabelSheet
from galen.pdf import writes

from .conftest import Pharmacy

CEFALEXIN = "cefalexin 500 mg capsule"
LONG = (
    "Take 1 capsule three times a day for one week, and after that one capsule in the morning and one at night for "
    "another week; then stop for three days, measure the temperature every evening, write it down, and begin again "
    "with one capsule a day, unless a rash appears, in which case take no more of it and telephone the practice at "
    "once, also at night or on a Sunday, and bring this box and every other medicine with you when you come."
)


async def dispensed(pharmacy: Pharmacy, words: str = CEFALEXIN, directions: str = "1 cap tds", units: int = 21) -> Any:
    product = await pharmacy.stocked(words, ("A", 300, 300))
    line = {"product_id": product.id, "directions": directions, "quantity": Decimal(units), "repeats": 2}
    record = await pharmacy.verified(line)
    return await dispensing.dispense(pharmacy.ben, record.id, SupplyDraft())


async def printed(ben: Context, record: Dispensing, **how: Any) -> list[str]:
    """The words of each page."""
    return [words_of(page) for page in await sheets(ben, record, **how)]


async def sheets(ben: Context, record: Dispensing, **how: Any) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(io.BytesIO(await labels(ben, record.id, **how)))


def words_of(page: Any) -> str:
    return " ".join(page.get_textpage().get_text_range().replace("\xa0", " ").split())


def parts_of(pages: list[str]) -> list[str]:
    return [word for page in pages for word in [page.partition("Part ")[2].partition(" ")[0]]]


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("own", ["en", "vi"])
async def test_directions_of_any_length_stand_on_as_many_labels_as_they_need(
    pharmacy: Pharmacy, ben: Context, large: bool, own: str
) -> None:
    record = await dispensed(pharmacy)
    pharmacy.mara.language = own
    record.lines[0].directions = LONG
    pages = await printed(ben, record, large=large)
    assert parts_of(pages) == [f"{at}/{len(pages)}" for at in range(1, len(pages) + 1)] and len(pages) >= 2
    told = " ".join(page.replace("­", "") for page in pages)
    missing = [word for word in LONG.split() if word not in told.split()]
    assert missing == []
    assert "KEEP OUT OF REACH OF CHILDREN" in pages[-1] and record.number in pages[-1]


async def test_what_fits_stands_on_one_label_without_a_part(pharmacy: Pharmacy, ben: Context) -> None:
    record = await dispensed(pharmacy)
    (page,) = await printed(ben, record)
    assert "Part" not in page and "2 repeats left" in page


async def test_large_print_by_the_patient_s_wish_or_when_it_is_printed(
    pharmacy: Pharmacy, ben: Context, ada: Context
) -> None:
    record = await dispensed(pharmacy)
    assert len(await printed(ben, record)) == 1
    assert len(await printed(ben, record, large=True)) == 2
    pharmacy.mara.label_large = True
    await finish(ada)
    assert len(await printed(ben, record)) == 2
    assert len(await printed(ben, record, large=False)) == 1


@pytest.mark.parametrize("start, pages", [(1, 1), (24, 1), (23, 1)])
async def test_labels_on_a_sheet_begin_where_it_is_free(
    pharmacy: Pharmacy, ben: Context, start: int, pages: int
) -> None:
    record = await dispensed(pharmacy)
    document = await sheets(ben, record, sheet=LabelSheet.A4, start=start)
    assert [tuple(round(side * 25.4 / 72) for side in page.get_size()) for page in document] == [(210, 297)] * pages
    symbol = zxingcpp.read_barcode(document[0].render(scale=300 / 72).to_pil())
    assert symbol is not None and symbol.text == record.number
    row, column = divmod(start - 1, 3)
    corner = symbol.position.top_left  # of 300 dots to an inch
    assert (int(corner.x / 300 * 25.4 // 70), int((corner.y / 300 * 25.4 - 8.5) // 35)) == (column, row)


async def test_more_labels_than_a_sheet_holds_go_on_the_next(pharmacy: Pharmacy, ben: Context) -> None:
    record = await dispensed(pharmacy)
    record.lines[0].directions = LONG
    pages = await printed(ben, record, sheet=LabelSheet.A4, start=24)
    assert len(pages) == 2 and "1/" in pages[0]


@pytest.mark.parametrize("how", [{}, {"large": True}, {"sheet": LabelSheet.A4}])
async def test_the_symbol_is_read_back_from_whatever_is_printed(
    pharmacy: Pharmacy, ben: Context, how: dict[str, Any]
) -> None:
    record = await dispensed(pharmacy)
    document = await sheets(ben, record, **how)
    read = [zxingcpp.read_barcode(page.render(scale=300 / 72).to_pil()) for page in document]
    assert record.number in {symbol.text for symbol in read if symbol}


async def test_a_duplicate_says_which_it_is_and_leaves_a_row(pharmacy: Pharmacy, ben: Context) -> None:
    record = await dispensed(pharmacy)
    assert "DUPLICATE" not in (await printed(ben, record))[0]
    assert "DUPLICATE 1" in (await printed(ben, record))[0]
    assert "DUPLICATE 2" in (await printed(ben, record))[0]
    await finish(ben)
    query = select(AuditEntry.reason).where(AuditEntry.subject_id == record.id, AuditEntry.action == "changed")
    rows = set(await ben.db.scalars(query.execution_options(bypass_visibility=True)))
    assert "Duplicate 2 of the labels" in rows


@pytest.mark.parametrize("language, said", [("vi", "Dùng cho đến hết đợt thuốc"), ("es", "")])
async def test_cautions_stand_in_the_patient_s_language_and_in_english(
    pharmacy: Pharmacy, ben: Context, ada: Context, language: str, said: str
) -> None:
    pharmacy.mara.language = language
    await finish(ada)
    record = await dispensed(pharmacy)
    told = " ".join(await printed(ben, record))
    own = said or in_own("Take until the course is finished unless told otherwise.", "es", "AU")
    assert own and own.split()[0] in told and "Take until the course is finished" in told


async def test_the_label_speaks_english_whatever_the_reader_speaks(pharmacy: Pharmacy, ben: Context) -> None:
    record = await dispensed(pharmacy)
    with i18n.speaking(i18n.language("es", "AU")):
        (page,) = await printed(ben, record)
    assert "KEEP OUT OF REACH OF CHILDREN" in page and "2 repeats left" in page


@pytest.mark.parametrize(
    "atc, route, form, country, days, made_up",
    [
        ("J01CA04", "oral", "oral suspension", "AU", 14, True),
        ("J01CR02", "oral", "powder for oral suspension", "AU", 7, True),
        ("J01CR02", "oral", "oral suspension", "US", 10, True),
        ("J01DB01", "oral", "oral suspension", "AU", 14, True),
        ("J01FA10", "oral", "oral suspension", "US", 10, True),
        ("S01AA12", "ophthalmic", "eye drops", "AU", 28, False),
        ("S01EE01", "", "Eye drops, solution", "US", 28, False),
        ("A10AE04", "subcutaneous", "injection", "AU", 28, False),
        ("J07BB02", "intramuscular", "multi-dose vial", "US", 28, False),
    ],
)
def test_how_long_a_medicine_is_good_once_open(
    atc: str, route: str, form: str, country: str, days: int, made_up: bool
) -> None:
    row = beyond_use(atc, route, form, country)
    assert row is not None and (row.days, row.made_up, bool(row.source)) == (days, made_up, True)


@pytest.mark.parametrize(
    "atc, form", [("J01CA04", "capsule"), ("N02BE01", "oral suspension"), ("A02BC01", "tablet"), ("", "")]
)
def test_nothing_is_said_where_nothing_is_known(atc: str, form: str) -> None:
    assert beyond_use(atc, "oral", form, "AU") is None


def test_never_beyond_the_expiry_of_the_batch() -> None:
    row = next(row for row in TABLE if row.atc == "J01CA04")
    assert last_good_day(row, date(2026, 11, 20), None) == date(2026, 12, 4)
    assert last_good_day(row, date(2026, 11, 20), date(2026, 11, 30)) == date(2026, 11, 30)


@pytest.mark.parametrize(
    "words, said",
    [
        ("amoxicillin 250 mg/5 mL oral suspension", "Made up: use until 4 Dec 2026, then throw away."),
        ("chloramphenicol 0.5 % eye drops", "Throw away 28 days after opening. Opened on:"),
    ],
)
async def test_the_label_says_how_long_it_is_good(pharmacy: Pharmacy, ben: Context, words: str, said: str) -> None:
    directions = "1 gtt both eyes qid x7/7" if "eye" in words else "5 mL tds x7/7"
    record = await dispensed(pharmacy, words, directions, 10)
    assert said in " ".join(await printed(ben, record))


def test_each_language_says_every_caution() -> None:
    assert {*OWN["vi"]} == {*OWN["zh"]} and len(OWN["vi"]) >= 18
    assert writes("vi")
    for sentences in OWN.values():
        for english, own in sentences.items():
            assert own.count("%(") == english.count("%(") and own != english


def test_a_controlled_medicine_in_america_keeps_its_warning_however_many_cautions_there_are() -> None:
    assert FEDERAL in advice("N03AE01", "oral", "suspension", "fridge", controlled_us=True)
