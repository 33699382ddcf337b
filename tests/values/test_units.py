"""One word for how many of what, wherever it is read."""

import csv
from decimal import Decimal

import pytest

from galen.dispensing.models import DispensingLine
from galen.inventory.rules import pack_words
from galen.medicines import Product
from galen.values.units import counted, plural
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("number", "unit", "words"),
    [("30", "patch", "30 patches"), ("1", "tablet", "1 tablet"), ("1.00", "tablet", "1 tablet"),
     ("0", "tablet", "0 tablets"), ("0.5", "tablet", "0.5 tablets"), ("21", "tablet", "21 tablets"),
     ("2", "pessary", "2 pessaries"), ("6", "suppository", "6 suppositories"), ("100", "mL", "100 mL"),
     ("80", "g", "80 g"), ("3", "spray", "3 sprays"), ("2", "box", "2 boxes"), ("5", "tablets", "5 tablets"),
     ("-1", "vial", "-1 vial"), ("-3", "vial", "-3 vials"), ("7", "", "7")],
)  # fmt: skip
def test_every_place_that_names_an_amount_says_it_alike(number: str, unit: str, words: str) -> None:
    many = Decimal(number)
    supply = DispensingLine(quantity=many, supplied=many, unit=unit)
    assert {counted(many, unit), Product(unit=unit).counted(many), supply.amount, supply.given} == {words}


def test_packs_and_loose_units_have_the_same_plurals() -> None:
    assert pack_words(Decimal(30), Decimal(5), "patch") == "6 packs"
    assert pack_words(Decimal(3), Decimal(5), "patch") == "3 patches"
    assert pack_words(Decimal(6), Decimal(5), "patch") == "1 pack + 1 patch"


def test_no_unit_of_the_catalogue_reads_wrong() -> None:
    with (ROOT / "src/galen/medicines/catalogue/products.csv").open() as file:
        units = {row["pack_unit"] for row in csv.DictReader(file)}
    assert {unit: plural(unit) for unit in units} == {
        "tablet": "tablets", "capsule": "capsules", "mL": "mL", "dose": "doses", "g": "g", "patch": "patches",
        "vial": "vials", "ampoule": "ampoules", "syringe": "syringes", "pen": "pens", "device": "devices",
        "pessary": "pessaries", "piece": "pieces", "suppository": "suppositories", "film": "films",
        "sachet": "sachets",
    }  # fmt: skip
