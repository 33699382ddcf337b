"""What is read out of recall notices, and what is left for a person: a wrong lot is far worse than one in doubt."""

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galen.recalls import read_notice
from galen.recalls.reading import ndc11
from galen.recalls.reading.days import read_day

TODAY = date(2026, 11, 27)
CORPUS = Path(__file__).parents[1] / "data" / "recalls"
JUDGED = ("lots", "ndcs", "expires", "unknown")


def rows(half: str) -> list[dict[str, str]]:
    with (CORPUS / f"{half}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read(reason: str, description: str = "Tablets 5 mg"):  # type: ignore[no-untyped-def]
    return read_notice({"Product Description": description, "Reason for Recall": reason}, TODAY)


@pytest.mark.parametrize("row", [*rows("shown"), *rows("held_out")], ids=lambda row: row["Reason for Recall"][:40])
def test_a_notice_says_what_is_right_and_no_more(row: dict[str, str]) -> None:
    texts = {column: text for column, text in row.items() if column not in JUDGED}
    made = read_notice(texts, TODAY)
    for key in JUDGED:
        assert sorted(map(str, getattr(made, key))) == sorted(filter(None, row[key].split(", "))), key


@pytest.mark.parametrize(
    ("reason", "lines"),
    [
        ("Lot A1234, Exp 05/26; B2345, Exp. 06/2026", ["A1234 2026-05-31", "B2345 2026-06-30"]),
        ("Lots A1234, A1235 (both Exp 05/26); B1234", ["A1234 2026-05-31", "A1235 2026-05-31", "B1234 None"]),
        ("Lots A123; A124; A125, Exp 05/26", ["A123 None", "A124 None", "A125 2026-05-31"]),
        ("Lot # A1234, B2345 Exp 05/26, 06/26", ["A1234 None", "B2345 None"]),
        ("Lot # A1234, B2345 Exp 05/26, 06/26 respectively", ["A1234 2026-05-31", "B2345 2026-06-30"]),
        ("Exp. 05/26 (Lot A1234), Exp 06/26 (Lot B2345)", ["A1234 None", "B2345 None"]),
        ("Lot | Exp\nA1234 | 05/26\nB2345 | 06/26", ["A1234 2026-05-31", "B2345 2026-06-30"]),
        ("Exp/Lot: 05/2027 A1234, 06/2027 A1235", ["A1234 2027-05-31", "A1235 2027-06-30"]),
    ],
)
def test_an_expiry_belongs_to_a_lot_only_where_that_can_be_told(reason: str, lines: list[str]) -> None:
    made = {f"{line.lot} {line.expires}" for line in read(reason).lines}
    assert made == set(lines)


@pytest.mark.parametrize(
    ("reason", "codes"),
    [
        ("NDC 12345-678-90: Lots A1234, A1235; NDC 12345-678-91: Lots B1234", ["90", "90", "91"]),
        ("Lot A1234 NDC: 12345-678-90; Lot B1234 NDC: 12345-678-91", [None, None]),
        ("NDC 12345-678-90, NDC 12345-678-91, Lots A1234, A1235", [None, None]),
        ("a) NDC 12345-678-90, b) NDC 12345-678-91; Lots: a) A1234, b) B1234", ["90", "91"]),
        ("NDC | Lot | Exp\n12345-678-90 | A1234 | 05/2026\n12345-678-91 | A1235 | 06/2026", ["90", "91"]),
        ("Lots A1234 and A1235 of NDC 12345-678-90", ["90", "90"]),
    ],
)
def test_a_drug_code_belongs_to_a_lot_only_where_that_can_be_told(reason: str, codes: list[str | None]) -> None:
    assert [line.ndc for line in read(reason).lines] == [code and f"12345-678-{code}" for code in codes]


def test_ranges_are_told_by_their_ends_and_nothing_between_is_invented() -> None:
    made = read("Lots A100 through A105 and B200 to B210; between lots C10 and C19")
    assert made.ranges == (("A100", "A105"), ("B200", "B210"), ("C10", "C19"))
    assert made.lots == ("A100", "A105", "B200", "B210", "C10", "C19")
    assert read("Lots B7700 and higher").unknown == ("B7700 higher",)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("All lots within expiry", True),
        ("all unexpired lots", True),
        ("All sterile products within expiry", True),
        ("Not all lots are affected", False),
        ("Lots A1234", False),
    ],
)
def test_a_notice_may_mean_all_lots(reason: str, said: bool) -> None:
    assert read(reason).all_lots is said


@pytest.mark.parametrize(
    ("printed", "eleven"),
    [
        ("0002-1433-80", "00002143380"),
        ("12345-678-90", "12345067890"),
        ("12345-6789-0", "12345678900"),
        ("12345-6789-01", "12345678901"),
        ("12345678901", "12345678901"),
        ("1234567890", None),
        ("12345-678", None),
    ],
)
def test_a_drug_code_has_eleven_digits_where_its_segments_are_told(printed: str, eleven: str | None) -> None:
    assert ndc11(printed) == eleven


@pytest.mark.parametrize(
    ("description", "told"),
    [
        (
            "Piperacillin for Injection, USP 4.5 grams per vial, Rx only",
            ("Piperacillin", "4.5 grams per vial", "Injection"),
        ),
        ("NADOLOL, Tablet, 40 mg, Rx only, Distributed by: X", ("NADOLOL", "40 mg", "Tablet")),
        ("Lactulose Solution, USP, 30 mL cups, Rx only", ("Lactulose", "", "Solution")),
        ("Hydromorphone in 0.9% sodium chloride, 6 mg/30 mL", ("Hydromorphone", "6 mg/30 mL", "")),
        ("Fluocinonide Cream USP, 0.05%, 30 gram tube", ("Fluocinonide", "0.05%", "Cream")),
        ("", ("", "", "")),
    ],
)
def test_a_product_has_a_name_a_strength_and_a_form_where_they_are_said(
    description: str, told: tuple[str, ...]
) -> None:
    product = read("", description).product
    assert (product.name, product.strength, product.form) == told


def test_other_columns_are_not_looked_at_and_those_of_lots_need_no_word() -> None:
    texts = {
        "Recalling Firm City": "Lot A9999",
        "FEI Number": "3005508230",
        "code_info": "10108716 Exp 05/27, 10111510",
    }
    assert read_notice(texts, TODAY).lots == ("10108716", "10111510")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("31-Mar-2027", "2027-03-31"),
        ("31MAR27", "2027-03-31"),
        ("Mar. 31st, 2027", "2027-03-31"),
        ("5th of December 2026", "2026-12-05"),
        ("FEB 2028", "2028-02-29"),
        ("Feb-28", "2028-02-29"),
        ("02/28", "2028-02-29"),
        ("2/2028", "2028-02-29"),
        ("2028-02", "2028-02-29"),
        ("2028.02.01", "2028-02-01"),
        ("05/06/27", "2027-05-06"),
        ("25/06/27", "2027-06-25"),
        ("20270506", "2027-05-06"),
        ("0527", "2027-05-31"),
        ("05/99", "1999-05-31"),
        ("13/2027", None),
        ("02/30/2027", None),
        ("101112", None),
        ("1012", None),
        ("2027", None),
        ("", None),
    ],
)
def test_days_are_read_in_every_way_of_printing_them(text: str, day: str | None) -> None:
    assert str(read_day(text, TODAY)) == str(day)


words = st.sampled_from(
    "Lot Lots # : , ; ( ) and to through Exp 05/26 05/2027 A1234 B2345 123-126 NDC 12345-678-90 UPC 500 mg not . - \n"
    "a) 1) except expiry date respectively 12345 OCT27 300710155237 beginning / batch all".split(" ")
)


@given(st.one_of(st.text(max_size=120), st.lists(words, max_size=25).map(" ".join)))
def test_nothing_is_read_that_does_not_stand_there(text: str) -> None:
    made = read(text, text)
    for lot in made.lots:
        assert lot in text and any(map(str.isdigit, lot)) and lot not in made.unknown
    assert len(set(made.lots)) == len(made.lots)
    assert {line.lot for line in made.lines} == set(made.lots)
    assert all(line.expires in made.expires for line in made.lines if line.expires)


lots = st.from_regex(r"[A-HJ-KM-TV-Z]{1,2}[0-9]{4,6}", fullmatch=True)


@given(st.lists(st.tuples(lots, st.dates(date(2020, 1, 1), date(2035, 12, 31))), min_size=1, max_size=6))
def test_what_is_written_by_the_rules_is_read_whole(pairs: list[tuple[str, date]]) -> None:
    pairs = list({lot: (lot, day) for lot, day in pairs}.values())
    for form in ("%m/%d/%Y", "%d-%b-%Y", "%Y-%m-%d", "%B %d, %Y"):
        made = read("Failed: " + "; ".join(f"Lot #: {lot}, Exp. {day:{form}}" for lot, day in pairs))
        assert [(line.lot, line.expires) for line in made.lines] == pairs
        assert not made.unknown
