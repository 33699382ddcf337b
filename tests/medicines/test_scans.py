"""Codes of packs as scanners send them: every order, prefix and address reads the same; a misread is refused."""

import re
from datetime import date
from itertools import permutations
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galen import medicines
from galen.core.context import Context
from galen.core.errors import Invalid
from galen.medicines import Misread, Scan, read_scan
from galen.medicines.gs1 import gs1_date, read_code
from galen.values.check_digits import SIGNS as CHARACTERS
from galen.values.check_digits import gtin_check_digit, is_gtin

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


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("(01)00300710155238(10)A", r"^\(01\) The last digit of 00300710155238 should be 7"),
        (f"(01){GTIN}(10)ABCDEFGHIJKLMNOPQRSTU", r"^\(10\) has at most 20 characters, and here 21"),
        (f"]d201{GTIN}21ABCDEFGHIJKLMNOPQRSTU", r"^\(21\) has at most 20 characters"),
        (f"(01){GTIN}(10)A#1", r"^\(10\) '#' may not stand in 'A#1'"),
        (f"(01){GTIN}(10)A 1", r"^\(10\) ' ' may not stand"),
        (f"]d201{GTIN}10Aé", r"^\(10\) 'é' may not stand"),
        (f"(01){GTIN}(17)270631", r"^\(17\) 270631 is not in the calendar"),
        (f"(01){GTIN}(11)2706", r"^\(11\) '2706' is not a GS1 date"),
        (f"(01){GTIN}(30)12A", r"^\(30\) '12A': only digits"),
        (f"(01){GTIN}(37)123456789", r"^\(37\) has at most 8 characters"),
        (f"(01){GTIN}(10)", r"^\(10\) stands there without a value"),
        (f"(01){GTIN}(10)A(10)B", r"^\(10\) stands there with two values"),
        (f"(01){GTIN}(7003)2706302460", r"^\(7003\) 2460 is no time"),
        (f"(01){GTIN}(18)270630", r"^\(18\) is no GS1 application identifier"),
        (f"]d201{GTIN}18270630", r"'18' begins no GS1 element"),
        ("(00)106141412345678909", r"^\(00\) The last digit"),
        ("(8013)1987654Ad4X4bL5ttr2310c2L", r"^\(8013\) The last two characters"),
        ("01003007101552371727063010AB1221SER001", r"^\(10\) \(21\): the code does not say where a value ends"),
        ("https://id.gs1.org/ARHKVAdpQg", "compressed Digital Link"),
        (f"https://id.gs1.org/01/{GTIN}/ARHKVAdpQg", "compressed Digital Link"),
        (f"https://id.gs1.org/01/{GTIN}?18=1", r"^\(18\) is no GS1"),
        ("https://example.com/shop", "no GS1 Digital Link"),
        ("+A99912345/$$52001510X3", "HIBC"),
        ("=W1234567890123400", "ISBT 128"),
        ("urn:epc:id:sgtin:0614141.112345.400", "EPC"),
        ("01234565", "EAN-8 or a short UPC"),
        ("9312345678908", "last digit of 9312345678908 should be 7"),
        ("12345", "5 digits"),
        ("amoxicillin", "no GS1 code and no article number"),
        ("00000000000000", "14 digits|noughts"),
        ("", "Nothing was scanned"),
        ("]d2", "cannot be read"),
    ],
)
def test_every_error_names_what_is_wrong_and_the_value_is_left_out(text: str, says: str) -> None:
    scan = read_code(text, TODAY)
    assert any(re.search(says, error) for error in scan.errors), scan.errors
    for ai in re.findall(r"\((\d+)\)", says.replace("\\", "")):
        assert ai not in dict(scan.elements)


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("(02)00300710155237(37)24(10)AB", {"02": GTIN, "37": "24", "10": "AB"}),
        (f"01{GTIN}15270630{GS}310300125024012", {"01": GTIN, "15": "270630", "3103": "001250", "240": "12"}),
        (
            f"]C101{GTIN}71503007101552{GS}8200http://x.org/a",
            {"715": "03007101552", "8200": "http://x.org/a", "01": GTIN},
        ),
        (f"]d201{GTIN}71012345678{GS}10AB", {"01": GTIN, "710": "12345678", "10": "AB"}),
        (f"^01{GTIN}10AB^21CD", {"01": GTIN, "10": "AB", "21": "CD"}),
        (f"[)>\x1e05\x1d01{GTIN}10AB{GS}21CD\x1e\x04", {"01": GTIN, "10": "AB", "21": "CD"}),
        (f"[01]{GTIN}[10]AB(5)", {"01": GTIN, "10": "AB(5)"}),
        (
            f"https://a.example:8443/p/q/01/{GTIN}/22/2A/10/A%2FB+C?17=280200&30=5#x",
            {"22": "2A", "10": "A/B+C", "30": "5"},
        ),
        (f"https://a.example/p?01={GTIN}&10=AB", {"01": GTIN, "10": "AB"}),
        ("https://id.gs1.org/00/106141412345678908", {"00": "106141412345678908"}),
        ("]E401234565", {"01": "00000001234565"}),
    ],
)
def test_whatever_else_a_code_says_stands_beside_it(text: str, elements: dict[str, str]) -> None:
    scan = read_code(text, TODAY)
    assert scan.errors == () and elements.items() <= dict(scan.elements).items()


SIGNS = st.text(CHARACTERS, min_size=1, max_size=20)
PACKS = st.fixed_dictionaries(
    {"01": st.from_regex(r"[0-9]{13}", fullmatch=True).filter(lambda body: body.strip("0"))},
    optional={
        "10": SIGNS,
        "21": SIGNS,
        "17": st.dates(date(1980, 1, 1), date(2070, 12, 31)).map("{:%y%m%d}".format),
        "11": st.dates(date(1980, 1, 1), date(2026, 12, 31)).map("{:%y%m}00".format),
        "30": st.integers(1, 99_999_999).map(str),
        "240": SIGNS,
        "715": st.text("0123456789", min_size=10, max_size=11),
    },
)


@given(PACKS, st.randoms(use_true_random=False))
def test_a_pack_written_in_any_form_is_read_as_it_was_built(pack: dict[str, str], random: Any) -> None:
    pack = {**pack, "01": pack["01"] + gtin_check_digit(pack["01"])}
    order = random.sample(sorted(pack), len(pack))
    strings = "".join(ai + pack[ai] + ("" if ai in ("01", "11", "17") else GS) for ai in order)
    path = "".join(f"/{ai}/{quote(pack[ai], safe='')}" for ai in ("01", "10", "21") if ai in pack)
    query = "&".join(f"{ai}={quote(pack[ai], safe='')}" for ai in order if ai not in ("01", "10", "21"))
    forms = [f"]d2{strings}", f"]C1{strings}".rstrip(GS), f"{GS}{strings}", f"https://a.example/s{path}?{query}"]
    if not any(re.search(r"[(\[]", value) for value in pack.values()):
        forms.append("".join(f"({ai}){pack[ai]}" for ai in order))
    for form in forms:
        scan = read_code(form, TODAY)
        assert dict(scan.elements) == pack and not scan.errors, form
        assert (scan.gtin, scan.lot, scan.serial) == (pack["01"], pack.get("10", ""), pack.get("21", ""))
        assert scan.quantity == (int(pack["30"]) if "30" in pack else None)


WRITTEN = st.text("0123ABC", min_size=1, max_size=9)


@given(
    st.from_regex(r"[0-9]{12}[1-9]", fullmatch=True),
    st.fixed_dictionaries({"10": WRITTEN, "21": WRITTEN, "17": st.just("270600")}),
    st.lists(st.sampled_from(["10", "17", "21"]), unique=True),
    st.integers(0, 3),
)
def test_without_its_separators_a_pack_is_read_right_or_not_at_all(
    body: str, values: dict[str, str], order: list[str], place: int
) -> None:
    gtin = body + gtin_check_digit(body)
    strings = [ai + values[ai] for ai in order]
    scan = read_code("".join([*strings[:place], f"01{gtin}", *strings[place:]]), TODAY)
    assert scan.gtin in ("", gtin)
    assert scan.lot in ("", values["10"] if "10" in order else "")
    assert scan.serial in ("", values["21"] if "21" in order else "")


@given(st.one_of(st.text(max_size=60), st.text("0123456789()" + GS, max_size=60)))
def test_nothing_breaks_it_and_no_wrong_check_digit_comes_through(text: str) -> None:
    for before in ("", "]d2", "]C1", "01", "(01)", "https://a.example/01/", "[)>\x1e06\x1d", "^01"):
        scan = read_code(before + text, TODAY)
        assert scan.gtin == "" or is_gtin(scan.gtin)
        assert scan.gtin or scan.lot or scan.serial or scan.elements or scan.errors
        assert len(scan.lot) <= 20 and len(scan.serial) <= 20
