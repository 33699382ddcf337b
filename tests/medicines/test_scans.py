"""Codes of packs as scanners send them: every order, prefix and address reads the same; a misread is refused."""

from datetime import date
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galen import medicines
from galen.core.context import Context
from galen.core.errors import Invalid
from galen.medicines import Misread, Scan, read_scan
from galen.medicines.gs1 import gs1_date
from galen.values.check_digits import gtin_check_digit

TODAY = date(2026, 11, 20)
GTIN, GS = "00300710155237", "\x1d"
PACK = Scan(GTIN, "AB12", date(2027, 6, 30), "SER-001/x")
ELEMENTS = {"01": GTIN, "17": "270600", "10": "AB12", "21": "SER-001/x"}
ORDERS = list(permutations(ELEMENTS))
FIXED = {"01", "17"}


def joined(order: Any, *, everywhere: bool = False) -> str:
    """Elements as a scanner sends them: a separator after what has no length of its own, if anything follows."""
    parts = [ai + ELEMENTS[ai] + (GS if everywhere or ai not in FIXED else "") for ai in order]
    return "".join(parts).rstrip(GS)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("prefix", ["", "]d2", "]C1", "]Q3", "]e0", "]J1", GS, "]d2" + GS])
def test_any_order_with_any_prefix_is_the_same_pack(order: tuple[str, ...], prefix: str) -> None:
    assert read_scan(prefix + joined(order), TODAY) == PACK
    assert read_scan(prefix + joined(order, everywhere=True), TODAY) == PACK


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("gap", ["", " "])
def test_any_order_in_brackets_is_the_same_pack(order: tuple[str, ...], gap: str) -> None:
    assert read_scan(gap.join(f"({ai}){gap}{ELEMENTS[ai]}" for ai in order), TODAY) == PACK


@pytest.mark.parametrize("shown", ["<GS>", "{GS}", "<FNC1>", "[FNC1]", "^]", "\\x1d", "␝"])
def test_a_separator_that_is_written_out_counts(shown: str) -> None:
    assert read_scan(joined(("10", "21", "01", "17")).replace(GS, shown), TODAY) == PACK


@pytest.mark.parametrize(
    "address",
    [
        f"https://id.gs1.org/01/{GTIN}/10/AB12/21/SER-001%2Fx?17=270600",
        f"http://example.com/some/shop/01/{GTIN}/10/AB12/21/SER-001%2Fx?17=270600&linkType=gs1:pip",
        "https://example.com/gtin/300710155237/lot/AB12/ser/SER-001%2Fx?exp=270600",
        f"HTTPS://ID.GS1.ORG/01/{GTIN}?10=AB12&21=SER-001%2Fx&17=270600",
        f"]Q1https://id.gs1.org/01/{GTIN}/10/AB12?21=SER-001/x;17=270600",
        f"id.gs1.org/01/{GTIN}/10/AB12/21/SER-001%2Fx?17=270600",
    ],
)
def test_a_digital_link_is_the_same_pack(address: str) -> None:
    assert read_scan(address, TODAY) == PACK


@pytest.mark.parametrize(
    ("text", "gtin", "lot", "expires"),
    [
        ("1021072911172405310100693570007182", "00693570007182", "21072911", date(2024, 5, 31)),
        ("(10)21072911(17)240531(01)00693570007182", "00693570007182", "21072911", date(2024, 5, 31)),
        (f"10LOT9A1728013101{GTIN}", GTIN, "LOT9A", date(2028, 1, 31)),
        (f"1728013101{GTIN}10LOT9A", GTIN, "LOT9A", date(2028, 1, 31)),
        (f"1728013110LOT9A01{GTIN}", GTIN, "LOT9A", date(2028, 1, 31)),
        (f"01{GTIN}112601011728013110LOT9A", GTIN, "LOT9A", date(2028, 1, 31)),
        (f"01 {GTIN} 17 280131 10 LOT9A", GTIN, "LOT9A", date(2028, 1, 31)),
        (f"01{GTIN}30100{GS}1728013110LOT9A", GTIN, "LOT9A", date(2028, 1, 31)),
        (f"01{GTIN}7003280131120010LOT9A", GTIN, "LOT9A", date(2028, 1, 31)),
    ],
)
def test_without_separators_it_is_told_where_only_one_reading_explains_the_pack(
    text: str, gtin: str, lot: str, expires: date
) -> None:
    scan = read_scan(text, TODAY)
    assert scan and (scan.gtin, scan.lot, scan.expires) == (gtin, lot, expires)


def test_a_batch_that_may_end_elsewhere_is_said_to_be_unsure() -> None:
    scan = read_scan(f"01{GTIN}1727063010AB1221SER001", TODAY)
    assert scan and (scan.gtin, scan.expires, scan.unsure) == (GTIN, date(2027, 6, 30), True)
    assert not read_scan(f"]d201{GTIN}1727063010AB12{GS}21SER001", TODAY).unsure  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "gtin"),
    [
        ("9312345678907", "09312345678907"),
        ("9 312345 678907", "09312345678907"),
        ("300710155237", "00300710155237"),
        (GTIN, GTIN),
        ("96385074", "00000096385074"),
        ("]E09312345678907", "09312345678907"),
        ("]E496385074", "00000096385074"),
        ("]I119312345678904", "19312345678904"),
    ],
)
def test_a_plain_article_number_has_eight_twelve_thirteen_or_fourteen_digits(text: str, gtin: str) -> None:
    assert read_scan(text, TODAY) == Scan(gtin=gtin)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"]d201{GTIN[:-1]}817270630", "last digit of 00300710155238 should be 7"),
        (f"01{GTIN[:-1]}817270630", "should be 7"),
        (f"(01){GTIN[:-1]}8", "should be 7"),
        (f"https://id.gs1.org/01/{GTIN[:-1]}8", "should be 7"),
        (f"(01){GTIN}(17)271301", "calendar"),
        (f"]d201{GTIN}17271301", "calendar"),
        (f"(01){GTIN}(17)2713", "GS1 date"),
        ("(01)1234", "8, 12, 13 or 14 digits"),
        (f"(01){GTIN}(10)ABCDEFGHIJKLMNOPQRSTU", "at most 20"),
        ("]d2ABC", "cannot be read"),
        ("]d2", "cannot be read"),
        ("[)>\x1e06\x1d9N110375286415\x1d1TABC\x1e\x04", "do not fit"),
    ],
)
def test_what_cannot_be_right_is_refused_in_one_sentence(text: str, says: str) -> None:
    with pytest.raises(Misread, match=says):
        read_scan(text, TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "amoxicillin 500",
        "9312345678908",
        "1001",
        "(a)",
        "123456",
        "J01CA04",
        "https://x.org/a",
        "https://x.org/01/15",
    ],
)
def test_what_is_no_code_of_a_pack_is_none(text: str) -> None:
    assert read_scan(text, TODAY) is None


def test_a_german_pack_by_its_ppn_and_its_ntin() -> None:
    scan = read_scan("[)>\x1e06\x1d9N110375286414\x1d1TABC\x1dD270600\x1dS123\x1e\x04", TODAY)
    assert scan == Scan("", "ABC", date(2027, 6, 30), "123", ("03752864", "110375286414"))
    body = "0415003752864"
    ntin = read_scan(f"(01){body}{gtin_check_digit(body)}", TODAY)
    assert ntin and "03752864" in ntin.codes


lots = st.text("ABCXYZ0123456789-/", min_size=1, max_size=20)


@given(st.permutations(["01", "10", "17", "21", "30"]), lots, lots, st.dates(date(2000, 1, 1), date(2070, 12, 31)))
def test_any_elements_in_any_order_mean_the_same(order: list[str], lot: str, serial: str, expires: date) -> None:
    values = {"01": GTIN, "10": lot, "17": f"{expires:%y%m%d}", "21": serial, "30": "12"}
    text = "".join(ai + values[ai] + ("" if ai in FIXED else GS) for ai in order)
    pack = Scan(GTIN, lot, expires, serial, quantity=12)
    assert read_scan(f"]d2{text}", TODAY) == pack
    assert read_scan("".join(f"({ai}){values[ai]}" for ai in order), TODAY) == pack


@given(st.text(max_size=60))
def test_anything_is_read_or_refused_and_nothing_else(text: str) -> None:
    for prefix in ("", "]d2", "01", "(01)", "https://a/01/", "[)>"):
        try:
            assert read_scan(prefix + text, TODAY) is None or isinstance(read_scan(prefix + text, TODAY), Scan)
        except Misread as wrong:
            assert str(wrong)


@given(st.text("0123456789", min_size=40, max_size=400))
def test_long_numbers_are_read_in_no_time(text: str) -> None:
    try:
        read_scan(f"10{text}", TODAY)
    except Misread as wrong:
        assert str(wrong)


@pytest.mark.parametrize(
    "text, today, day",
    [
        ("270630", "2026-11-20", "2027-06-30"),
        ("270600", "2026-11-20", "2027-06-30"),
        ("280200", "2026-11-20", "2028-02-29"),
        ("270200", "2026-11-20", "2027-02-28"),
        ("761231", "2026-11-20", "2076-12-31"),
        ("771231", "2026-11-20", "1977-12-31"),
        ("050131", "2055-11-20", "2105-01-31"),
        ("060131", "2055-11-20", "2006-01-31"),
    ],
)
def test_a_gs1_date_is_read_with_its_century_and_its_day_nought(text: str, today: str, day: str) -> None:
    assert gs1_date(text, date.fromisoformat(today)) == date.fromisoformat(day)


@pytest.mark.parametrize("text", ["271300", "270631", "2706", "27063A", ""])
def test_what_is_no_gs1_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"calendar|GS1 date"):
        gs1_date(text, TODAY)


@pytest.mark.parametrize(
    "code",
    [
        "2000000000022",
        "]d20102000000000022172812311012AB",
        "10AB12\x1d172812310102000000000022",
        "(10)AB12(17)281231(01)02000000000022",
        "17281231010200000000002210AB12",
        "https://id.gs1.org/01/02000000000022/10/AB12",
        "]C1010200000000002221X",
    ],
)
async def test_the_product_is_found_by_its_pack_whatever_scanned_it(ben: Context, code: str) -> None:
    assert [found.name for found in await medicines.find_medicines(ben, code)] == ["amoxicillin 500 mg capsule"]
    assert (await medicines.scanned(ben, code)).name == "amoxicillin 500 mg capsule"


async def test_a_scan_with_a_wrong_digit_is_refused_where_one_scans_and_finds_nothing_where_one_types(
    ben: Context,
) -> None:
    for wrong in ("2000000000023", "]d20102000000000023", "(01)02000000000023"):
        with pytest.raises(Invalid, match=r"last digit of 0?2000000000023 should be 2"):
            await medicines.scanned(ben, wrong)
        assert await medicines.find_medicines(ben, wrong) == []


async def test_an_unknown_pack_says_what_to_do(ben: Context) -> None:
    with pytest.raises(medicines.service.UnknownCode, match="Add the code to its medicine"):
        await medicines.scanned(ben, "9312345678907")
