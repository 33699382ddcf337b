"""The demo catalogue is complete, consistent and honest."""

import csv
from collections import Counter
from decimal import Decimal
from importlib.resources import files

import pytest

from galen.medicines.rules import strengths
from galen.values.check_digits import is_gtin
from galen.values.search_key import search_key

CATALOGUE = files("galen.medicines") / "catalogue"


def rows(name: str) -> list[dict[str, str]]:
    with (CATALOGUE / name).open(encoding="utf-8", newline="") as lines:
        return [*csv.DictReader(lines)]


INGREDIENTS, PRODUCTS = rows("ingredients.csv"), rows("products.csv")


def test_there_are_at_least_three_hundred_different_products() -> None:
    sold = Counter(
        (row["brand"], row["ingredients"], row["form"], row["pack_size"], row["markets"]) for row in PRODUCTS
    )
    assert len(sold) >= 300
    assert [product for product, count in sold.items() if count > 1] == []


def test_every_ingredient_of_a_product_is_described() -> None:
    named = {row["name"] for row in INGREDIENTS}
    assert {part.ingredient for row in PRODUCTS for part in strengths(row["ingredients"])} <= named


def test_strengths_are_written_safely_and_read_back() -> None:
    for row in PRODUCTS:
        assert " + ".join(map(str, strengths(row["ingredients"]))) == row["ingredients"]


def test_no_name_means_two_ingredients() -> None:
    meanings: dict[str, set[str]] = {}
    for row in INGREDIENTS:
        for name in [row["name"], *filter(None, f"{row['synonyms']}|{row['brands']}".split("|"))]:
            meanings.setdefault(search_key(name), set()).add(row["name"])
    assert {name: found for name, found in meanings.items() if len(found) > 1} == {}


def test_identifiers_have_their_shape_and_belong_to_one() -> None:
    known = [row["rxcui"] for row in INGREDIENTS if row["rxcui"]]
    assert all(code.isdigit() for code in known) and len(set(known)) == len(known)
    codes = [row["gtin"] for row in PRODUCTS]
    assert all(is_gtin(code) and code.startswith("20") for code in codes) and len(set(codes)) == len(codes)


def test_atc_codes_have_their_shape() -> None:
    codes = {code for row in INGREDIENTS + PRODUCTS for code in row["atc"].split("|") if code}
    levels = ("A", "00", "A", "A", "00")
    for code in codes:
        shape = "".join("0" if sign.isdigit() else "A" if sign.isupper() else "?" for sign in code)
        assert shape in {"".join(levels[:count]) for count in (3, 4, 5)}, code
    assert all(row["atc"] for row in PRODUCTS)


@pytest.mark.parametrize(
    "column, allowed",
    [
        ("us_supply", {"", "prescription", "otc"}),
        ("us_schedule", {"", "CII", "CIII", "CIV", "CV"}),
        ("au_schedule", {"", "S2", "S3", "S4", "S8"}),
        ("markets", {"US", "AU", "US|AU"}),
        ("tax_class", {"medicine-exempt", "otc-taxable"}),
        ("storage", {"room", "fridge"}),
    ],
)
def test_columns_hold_only_their_words(column: str, allowed: set[str]) -> None:
    assert {row[column] for row in PRODUCTS} == allowed


def test_schedules_agree_with_the_markets() -> None:
    for row in PRODUCTS:
        assert bool(row["us_supply"]) == ("US" in row["markets"]), row
        assert not row["us_schedule"] or row["us_supply"] == "prescription", row
        assert not row["au_schedule"] or "AU" in row["markets"], row


def test_money_and_quantities_are_exact() -> None:
    for row in PRODUCTS:
        assert Decimal(row["price"]) > 0 and Decimal(row["price"]).as_tuple().exponent == -2
        assert Decimal(row["pack_size"]) > 0 and int(row["reorder_level"]) > 0


def test_every_form_of_medicine_is_there() -> None:
    forms = {row["form"] for row in PRODUCTS}
    assert forms >= {
        "tablet",
        "capsule",
        "oral liquid",
        "eye drops",
        "inhaler",
        "cream",
        "patch",
        "injection",
        "suppository",
    }
    names = {part.ingredient for row in PRODUCTS for part in strengths(row["ingredients"])}
    assert {"insulin glargine", "morphine", "warfarin", "methotrexate", "amoxicillin"} <= names


def test_insulin_is_kept_in_the_fridge_and_controlled_drugs_are_scheduled() -> None:
    for row in PRODUCTS:
        if "insulin" in row["ingredients"]:
            assert row["storage"] == "fridge"
        if row["ingredients"].startswith(("morphine", "fentanyl", "oxycodone")):
            assert row["us_schedule"] in ({"CII"} if "US" in row["markets"] else {""})
            assert row["au_schedule"] == ("S8" if "AU" in row["markets"] else "")


def test_tall_man_letters_change_nothing_but_the_case() -> None:
    letters = rows("tallman.csv")
    assert {row["authority"] for row in letters} == {"AU", "FDA", "ISMP"}
    names = [(row["authority"], row["name"].casefold()) for row in letters]
    assert len(set(names)) == len(names)
    assert ("FDA", "hydrOXYzine") in {(row["authority"], row["name"]) for row in letters}
