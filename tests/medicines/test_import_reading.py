"""From any file to rows, and from a cell to a value that can be trusted."""

import gzip
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galen.medicines.importing.guessing import table_of
from galen.medicines.importing.reading import FileSheet, UnreadableFile, read_sheets
from galen.medicines.importing.values import day, gtin, money, ndc11, number
from galen.medicines.importing.words import fda_strength, form_of, pack_of, schedule_number, unit_of
from galen.values.check_digits import gtin_check_digit

LIST = "Product;Pack;Price\nAmoxil;20;8,75\nPanadol Extra;24;6,10\n"


@pytest.mark.parametrize(
    "content",
    [
        LIST.encode(),
        LIST.encode("utf-8-sig"),
        LIST.encode("utf-16"),
        LIST.encode("utf-16-le"),
        LIST.encode("utf-16-be"),
        LIST.replace("\n", "\r").encode(),
        LIST.replace("\n", "\r\n").encode("cp1252"),
        LIST.replace(";", "\t").encode(),
        LIST.replace(";", "~").encode(),
        LIST.replace(";", "|").encode(),
        LIST.replace(",", ".").replace(";", ",").encode(),
        gzip.compress(LIST.encode(), mtime=0),
    ],
)
async def test_encoding_separator_and_packing_are_found_out(content):
    (sheet,) = await read_sheets("list.csv", content)
    assert [len(row.cells) for row in sheet.rows] == [3, 3, 3]
    assert sheet.rows[1].cells[0] == "Amoxil"
    assert money(sheet.rows[1].cells[2]) == Decimal("8.75")


async def test_a_line_ends_with_lf_alone_and_a_quoted_cell_may_hold_one():
    (sheet,) = await read_sheets("list.tsv", "a\tb\none\u2028two\tx\n".encode())
    assert sheet.rows[1].cells == ("one\u2028two", "x")
    (sheet,) = await read_sheets("list.csv", b'a,b\n"one\ntwo",x\n')
    assert sheet.rows[1].cells == ("one\ntwo", "x")


@pytest.mark.parametrize("content", [b"", b"   \n", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0 broken"])
async def test_a_file_that_cannot_be_read_says_what_to_do(content):
    with pytest.raises(UnreadableFile, match=r"list\.xls is (empty|damaged)"):
        await read_sheets("list.xls", content)


@pytest.mark.parametrize(
    "written, amount",
    [
        ("$119.69 +GST", "119.69"), ("R 1 234,56", "1234.56"), ("$1,234.50", "1234.5"), ("AUD 12", "12"),
        ("12.50 ex GST", "12.5"),
        (Decimal("173.71578"), "173.71578"), (Decimal("206.462449501788"), "206.4624495"), (0, "0"),
    ],
)  # fmt: skip
def test_prices_are_exact(written, amount):
    assert money(written) == Decimal(amount)


@pytest.mark.parametrize("written", ["POA", "-", "", None, "N/A"])
def test_no_price_is_none(written):
    assert money(written) is None


@pytest.mark.parametrize("written", ["twelve", "-5", "1234567890"])
def test_an_impossible_price_is_refused(written):
    with pytest.raises(ValueError, match="price"):
        money(written)


@pytest.mark.parametrize(
    "written, code",
    [("0002-8215-01", "00002-8215-01"), ("50242-040-62", "50242-0040-62"), ("60575-4112-1", "60575-4112-01"),
     ("00002821501", "00002-8215-01"), (2821501, "00002-8215-01")],
)  # fmt: skip
def test_an_ndc_has_eleven_digits(written, code):
    assert ndc11(written) == code


@pytest.mark.parametrize("written", ["0002821501", "12-34", "abc"])
def test_an_ndc_that_cannot_be_told_apart_is_refused(written):
    with pytest.raises(ValueError, match="NDC"):
        ndc11(written)


@given(st.integers(0, 10**12 - 1))
def test_a_barcode_read_as_a_number_gets_its_zeros_back(body):
    whole = f"{body:012d}" + gtin_check_digit(f"{body:012d}")
    assert gtin(whole) == whole.zfill(14)
    assert gtin(int(whole)).endswith(str(int(whole)))


def test_a_misread_barcode_is_refused():
    with pytest.raises(ValueError, match="last digit"):
        gtin("9312345678908")


@pytest.mark.parametrize(
    "written", [42702, "2016-11-28", "28/11/2016", "28 Nov 2016", "Nov 28, 2016", "20161128", date(2016, 11, 28)]
)
def test_a_day_is_a_day_however_it_is_written(written):
    assert day(written) == date(2016, 11, 28)


@pytest.mark.parametrize(
    "written, value", [("1.234,5", "1234.5"), ("1,234.5", "1234.5"), ("0,5", "0.5"), ("1,000", "1000")]
)
def test_numbers_with_points_and_commas(written, value):
    assert number(written) == Decimal(value)


@pytest.mark.parametrize(
    "written, strength",
    [
        ("10MG", "10 mg"), ("EQ 500MG BASE/2ML (EQ 250MG BASE/ML)", "500 mg/2 mL"), ("0.5%", "0.5 %"),
        ("80MG/ML", "80 mg/mL"), ("2MG/ACTUATION", "2 mg/dose"), ("1,000 UNITS/ML", "1000 units/mL"),
        ("EQ 20MG BASE **Federal Register determination**", "20 mg"),
    ],
)  # fmt: skip
def test_strengths_as_the_fda_writes_them(written, strength):
    assert fda_strength(written) == strength


@pytest.mark.parametrize(
    "written, pack",
    [
        ("30caps", ("30", "capsule")), ("0.5g", ("0.5", "g")), ("25 mL", ("25", "mL")),
        ("2 x 14 tablets", ("28", "tablet")), ("1 L", ("1000", "mL")),
    ],
)  # fmt: skip
def test_packs(written, pack):
    assert pack_of(written) == (Decimal(pack[0]), pack[1])


def test_forms_units_and_schedules_in_the_words_of_the_catalogue():
    assert form_of("TABLET, EXTENDED RELEASE", "ORAL").form == "modified-release tablet"
    assert form_of("SOLUTION/DROPS", "OPHTHALMIC").form == "eye drops"
    assert form_of("Wibble").form == "wibble"
    assert [unit_of(u) for u in ("mg/5ml", "μg/cm²", "g/1000 ml", "IU")] == ["mg/5 mL", "mcg/cm2", "g/1000 mL", "IU"]
    assert [schedule_number(s) for s in ("S8", "8", "Schedule 4", "S1,S4", "")] == ["8", "8", "4", "4", ""]


async def test_the_header_is_found_below_titles_and_unknown_headers_are_guessed_by_their_values():
    text = (
        "Acme price guide,,,,\n,,,,\n"
        "Item Desc,Scan,Mystery,Net each,x\n"
        "Amoxil 500 mg capsules,9300673846785,S4,8.75,20 caps\n"
        "Panadol 500 mg tablets,9300673832016,S2,3.10,24 tabs\n"
    )
    (sheet,) = await read_sheets("list.csv", text.encode())
    table = table_of(sheet)
    assert table is not None and table.header_row == 3
    assert {c.header: (c.field, c.why) for c in table.columns}["Mystery"] == ("schedule", "values")


@given(st.lists(st.lists(st.text(max_size=8) | st.none() | st.integers(), max_size=6), max_size=12))
def test_no_rows_break_the_guess(rows):
    from galen.medicines.importing.reading import FileRow

    table_of(FileSheet("", [FileRow(number, tuple(cells)) for number, cells in enumerate(rows, 1)]))
