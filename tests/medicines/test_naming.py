"""One substance, many written names."""

import pytest

from galen.medicines import ingredient_name, ingredient_names
from galen.medicines.files import rows, several


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("paracetamol", "paracetamol"),
        ("Acetaminophen", "paracetamol"),
        ("PANADOL", "paracetamol"),
        ("adrenaline", "adrenaline"),
        ("Epinephrine (racemic)", "adrenaline"),
        ("frusemide", "furosemide"),
        ("lignocaine hydrochloride", "lidocaine"),
        ("Cephalexin", "cefalexin"),
        ("sulphadiazine", "sulfadiazine"),
        ("oestradiol valerate", "estradiol"),
        ("metoprolol succinate", "metoprolol"),
        ("METOPROLOL TARTRATE", "metoprolol"),
        ("alendronate sodium", "alendronic acid"),
        ("divalproex", "valproic acid"),
        ("sodium valproate", "valproic acid"),
        ("potassium chloride", "potassium chloride"),
        ("Heparin sodium (porcine)", "heparin"),
        ("adalimumab-adbm", "adalimumab"),
        ("Naproxen 250 MG Oral Tablet", "naproxen"),
        ("24 HR metoprolol succinate 100 MG Extended Release Oral Tablet [Toprol]", "metoprolol"),
        ("NDA020800 0.3 ML Epinephrine 1 MG/ML Auto-Injector", "adrenaline"),
        ("hydrocortisone 1 % topical cream", "hydrocortisone"),
        ("insulin, regular", "insulin human"),
        ("vitamin D3 (oral)", "colecalciferol"),
        ("Vitamin B 12 5 MG/ML Injectable Solution", "cyanocobalamin"),
        ("Lasix 40", "furosemide"),
        ("Ginkgo biloba leaf extract", "ginkgo"),
        ("hepatitis A vaccine, inactivated", "hepatitis A vaccine"),
        ("Ventolin HFA", "salbutamol"),
        ("Lantus SoloStar 100 units/mL", "insulin glargine"),
        ("edetate disodium", "edetate disodium"),
        ("edetate calcium disodium", "edetate calcium disodium"),
        ("samidorphan L-malate", "samidorphan"),
        ("TECHNETIUM TC-99M SESTAMIBI", "technetium (99mTc) sestamibi"),
        ("ado-trastuzumab emtansine", "trastuzumab emtansine"),
        ("peginterferon alfa-2a", "peginterferon alfa-2a"),
        ("Pegylated interferon alfa-2a", "peginterferon alfa-2a"),
        ("St Johns Wort", "St John's wort"),
        ("St. John's Wort", "St John's wort"),
    ],
)
def test_a_written_name_finds_its_international_one(written, meant):
    assert ingredient_name(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "",
        "   ",
        "xyzzy",
        "12345",
        "amoxicillin and clavulanic acid",
        "losartan / hydrochlorothiazide",
        "sodium",
        "tablet",
    ],
)
def test_what_is_not_one_known_substance_has_no_name(written):
    assert ingredient_name(written) is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Acetaminophen 325 MG / Codeine 30 MG Oral Tablet", ("paracetamol", "codeine")),
        ("co-amoxiclav", ("amoxicillin", "clavulanic acid")),
        ("Augmentin 625 mg tablets", ("amoxicillin", "clavulanic acid")),
        ("paracetamol, codeine", ("paracetamol", "codeine")),
        ("ibuprofen", ("ibuprofen",)),
        ("Seretide Accuhaler 250/50", ("fluticasone propionate", "salmeterol")),
        ("Levora 0.15/30 28 Day Pack", ("levonorgestrel", "ethinylestradiol")),
        ("iodine 131", ()),
        ("ibuprofen + xyzzy", ()),
    ],
)
def test_a_combination_is_all_its_substances_or_nothing(written, meant):
    assert ingredient_names(written) == meant


def test_every_international_name_means_itself():
    assert [row["name"] for row in rows("ingredients") if ingredient_name(row["name"]) != row["name"]] == []


def test_every_synonym_means_its_substance():
    inns = {row["name"] for row in rows("ingredients")}
    wrong = [
        (other, row["name"], meant)
        for row in rows("ingredients")
        for other in several(row["synonyms"])
        if (meant := ingredient_name(other)) != row["name"] and meant not in inns - {row["name"]}
    ]
    assert wrong == []


def test_no_synonym_is_claimed_twice():
    seen: dict[str, str] = {}
    twice = [
        (other, seen[other.casefold()], row["name"])
        for row in rows("ingredients")
        for other in (row["name"], *several(row["synonyms"]))
        if seen.setdefault(other.casefold(), row["name"]) != row["name"]
    ]
    assert twice == []


def test_a_brand_belongs_to_one_substance_or_to_one_combination():
    owners: dict[str, set[str]] = {}
    for row in rows("ingredients"):
        for brand in several(row["brands"]):
            owners.setdefault(brand.casefold(), set()).add(row["name"])
    for row in rows("combinations"):
        for name in several(row["name"]):
            owners.setdefault(name.casefold(), set()).add(row["ingredients"])
    assert {name: found for name, found in owners.items() if len(found) > 1} == {}


def test_the_catalogue_is_wide():
    assert len([*rows("ingredients")]) >= 1400
    groups = {code[:3] for row in rows("ingredients") for code in several(row["atc"])}
    assert groups >= {
        f"{letter}0{number}" for letter, most in (("A", 7), ("C", 5), ("N", 7)) for number in range(1, most + 1)
    }
    assert groups >= {"J07", "L01", "L04", "V03", "V08", "V09", "S01", "R06", "P01", "M03", "H02", "G03", "D07", "B01"}


def test_parts_of_combinations_are_known_substances():
    inns = {row["name"] for row in rows("ingredients")}
    assert [row for row in rows("combinations") if not inns.issuperset(several(row["ingredients"]))] == []
