"""Strengths, barcodes and look-alike names."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galen.medicines.rules import Strength, name_sound, plain, strengths, tall_man
from galen.values.check_digits import gtin_check_digit, is_gtin


@pytest.mark.parametrize(
    "number, text",
    [("5.0", "5"), (".5", "0.5"), ("1E+3", "1000"), ("100", "100"), ("0.0625", "0.0625"), ("2.50", "2.5"), ("0", "0")],
)
def test_numbers_have_no_trailing_zero_and_always_a_leading_one(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text


@given(st.decimals(min_value=0, max_value=10**9, places=4))
def test_a_written_number_keeps_its_value(number: Decimal) -> None:
    text = plain(number)
    assert Decimal(text) == number
    assert not text.startswith(".") and not ("." in text and text.endswith(("0", ".")))


@pytest.mark.parametrize(
    "text, parts",
    [
        ("amoxicillin 500 mg", [("amoxicillin", "500", "mg")]),
        (
            "amoxicillin 875 mg + clavulanic acid 125 mg",
            [("amoxicillin", "875", "mg"), ("clavulanic acid", "125", "mg")],
        ),
        ("cefalexin 250 mg/5 mL", [("cefalexin", "250", "mg/5 mL")]),
        ("insulin glargine 100 unit/mL", [("insulin glargine", "100", "unit/mL")]),
        ("nicotine 21 mg/24 hours", [("nicotine", "21", "mg/24 hours")]),
        ("hydrocortisone 1 %", [("hydrocortisone", "1", "%")]),
    ],
)
def test_a_product_is_read_into_its_ingredients(text: str, parts: list[tuple[str, str, str]]) -> None:
    assert strengths(text) == tuple(Strength(name, Decimal(amount), unit) for name, amount, unit in parts)
    assert " + ".join(map(str, strengths(text))) == text


@pytest.mark.parametrize("text", ["amoxicillin", "500 mg", "amoxicillin mg", "amoxicillin 500", ""])
def test_a_strength_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="as ingredient, amount and unit"):
        strengths(text)


@pytest.mark.parametrize("code", ["00300710155237", "4006381333931", "036000291452", "96385074"])
def test_real_barcodes_pass(code: str) -> None:
    assert is_gtin(code)


@pytest.mark.parametrize("code", ["00300710155238", "4006381333930", "123", "", "40063813339３1", "4006381333931 "])
def test_wrong_barcodes_fail(code: str) -> None:
    assert not is_gtin(code)


@given(st.from_regex(r"[0-9]{13}", fullmatch=True), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(body: str, place: int, change: int) -> None:
    code = body + gtin_check_digit(body)
    wrong = code[:place] + str((int(code[place]) + change) % 10) + code[place + 1 :]
    assert is_gtin(code) and not is_gtin(wrong)


@pytest.mark.parametrize(
    "typed, name",
    [
        ("amoxycillin", "amoxicillin"),
        ("amoksicillin", "amoxicillin"),
        ("cephalexin", "cefalexin"),
        ("oestradiol", "estradiol"),
        ("sulfasalazin", "sulphasalazine"),
        ("metforman", "metformin"),
    ],
)
def test_names_that_sound_alike_share_a_key(typed: str, name: str) -> None:
    assert name_sound(typed) == name_sound(name)


def test_different_medicines_do_not_share_a_key() -> None:
    assert name_sound("amoxicillin") != name_sound("amiodarone")


def test_look_alike_names_are_raised_wherever_they_stand() -> None:
    letters = {"hydralazine": "hydrALAZINE", "depo-medrol": "DEPO-Medrol"}
    assert tall_man("Hydralazine 25 mg tablet", letters) == "hydrALAZINE 25 mg tablet"
    assert tall_man("Depo-Medrol", letters) == "DEPO-Medrol"
    assert tall_man("dihydralazine", letters) == "dihydralazine"
