"""A typed line for a product: how much is needed, in the unit that is supplied."""

from decimal import Decimal

import pytest

from galen.medicines import Product
from galen.prescribing.directions import structured
from galen.prescribing.reading import understand


def product(strength: str, unit: str, pack: int = 30, generic: str = "amoxicillin") -> Product:
    return Product(generic=generic, strength=strength, unit=unit, pack_size=Decimal(pack))


@pytest.mark.parametrize(
    ("typed", "strength", "unit", "pack", "quantity"),
    [
        ("1 tab bd x5/7", "500 mg", "tablet", 30, 10),
        ("1 g bd x5/7", "500 mg", "tablet", 30, 20),
        ("250 microgram daily x7/7", "0.25 mg", "tablet", 30, 7),
        ("10 mL tds x5/7", "250 mg/5 mL", "mL", 100, 200),
        ("250 mg tds x5/7", "250 mg/5 mL", "mL", 100, 100),
        ("2 puffs bd x30/7", "100 mcg/dose", "dose", 120, 120),
        ("1 drop both eyes bd x7/7", "0.5 %", "mL", 5, 5),
        ("1 tab daily", "5 mg", "tablet", 30, 30),  # no length: a pack
        ("1 tab stat", "5 mg", "tablet", 30, 1),
        ("1 tab bd mitte 14", "5 mg", "tablet", 30, 14),
        ("1 patch q72h x30/7", "25 mcg/hour", "patch", 5, 10),
    ],
)
def test_the_directions_say_how_much(typed: str, strength: str, unit: str, pack: int, quantity: int) -> None:
    assert understand(typed, product(strength, unit, pack), "AU").quantity == quantity


def test_days_from_the_field_count_when_the_directions_name_none() -> None:
    assert understand("1 tab tds", product("500 mg", "tablet"), "AU", days=7).quantity == 21


def test_a_dose_that_cannot_be_measured_from_the_product_asks_for_a_pack() -> None:
    read = understand("5 mg daily x7/7", product("250 mg/5 mL + 10 mg/5 mL", "mL", 100, "a + b"), "AU")
    assert (read.quantity, read.note) == (100, "a pack of 100: the directions do not say how much")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("1 tab tds zqx", "“zqx”"), ("1 tab", "a dose and how often"), ("MS 1 tab bd", "morphine")],
)
def test_what_stands_in_the_way_is_one_sentence(typed: str, sentence: str) -> None:
    assert sentence in (understand(typed, product("500 mg", "tablet"), "AU").fault or "")


def test_the_structured_dose_keeps_exact_numbers_as_text() -> None:
    dose = structured(
        understand("1-2 tabs q4-6h prn for pain, max 8/24h", product("500 mg", "tablet"), "AU").directions
    )
    assert (dose["low"], dose["high"], dose["every"], dose["to"], dose["maximum"]) == ("1", "2", 4, 6, "8")
    assert dose["as_needed"] is True
