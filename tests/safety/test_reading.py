"""Medicines as people and other systems write them are read as what they hold."""

import pytest

from galen.safety.knowledge import built_in
from galen.safety.reading import ingredients, is_intolerance, route

KNOWLEDGE = built_in()


@pytest.mark.parametrize(
    "text, holds",
    [
        ("warfarin", {"warfarin"}),
        ("Warfarin 5 mg tablet", {"warfarin"}),
        ("Coumadin 5mg", {"warfarin"}),
        ("acetaminophen", {"paracetamol"}),
        ("Simvastatin 10 MG Oral Tablet", {"simvastatin"}),
        ("Acetaminophen 325 MG / Codeine Phosphate 30 MG Oral Tablet", {"paracetamol", "codeine"}),
        ("amoxicillin 875 mg + clavulanic acid 125 mg tablet", {"amoxicillin", "clavulanic acid"}),
        ("Augmentin Duo Forte", {"amoxicillin", "clavulanic acid"}),
        ("24 HR Metoprolol Tartrate 100 MG Extended Release Oral Tablet", {"metoprolol"}),
        ("1 ML Enoxaparin sodium 150 MG/ML Prefilled Syringe", {"enoxaparin"}),
        ("amoxicillin/clavulanic acid 875/125", {"amoxicillin", "clavulanic acid"}),
        ("ibuprofen tablets", {"ibuprofen"}),
        ("timolol eye drops", {"timolol"}),
        ("Amoxicillin 250 MG / Clavulanate 125 MG Oral Tablet [Augmentin]", {"amoxicillin", "clavulanic acid"}),
    ],
)
def test_names_are_found_among_strengths_salts_and_forms(text: str, holds: set[str]) -> None:
    found = [KNOWLEDGE.ingredients(name) for name in ingredients(text, KNOWLEDGE)]
    assert all(found) and frozenset().union(*found) == holds


@pytest.mark.parametrize("text", ["moonflower extract", "something for the heart", "", "12345", "warfarni 5 mg"])
def test_what_is_not_known_stays_unknown(text: str) -> None:
    names = ingredients(text, KNOWLEDGE)
    assert not names or not all(KNOWLEDGE.ingredients(name) for name in names)


@pytest.mark.parametrize("text", ["Nurofen Moonflower", "warfarin moonflower", "Panadol Cold and Flu"])
def test_a_brand_with_a_further_word_is_not_taken_for_the_plain_one(text: str) -> None:
    names = ingredients(text, KNOWLEDGE)
    assert any(map(KNOWLEDGE.ingredients, names)) and not all(map(KNOWLEDGE.ingredients, names))


def test_a_brand_of_two_substances_means_both() -> None:
    (name,) = ingredients("Nurofen Plus", KNOWLEDGE)
    assert KNOWLEDGE.ingredients(name) == {"ibuprofen", "codeine"}


def test_one_unknown_part_leaves_the_whole_unknown() -> None:
    names = ingredients("warfarin 1 mg / moonflower 5 mg", KNOWLEDGE)
    assert [bool(KNOWLEDGE.ingredients(name)) for name in names] == [True, False]


@pytest.mark.parametrize(
    "text, where",
    [
        ("timolol 0.5 % eye drops", "ophthalmic"),
        ("miconazole cream", "topical"),
        ("ciprofloxacin ear drops", "otic"),
        ("ibuprofen 200 mg", "oral"),
    ],
)
def test_the_form_says_where_it_acts(text: str, where: str) -> None:
    assert route(text) == where


def test_only_plain_side_effects_count_as_intolerance() -> None:
    assert is_intolerance("Nausea and vomiting", "") and is_intolerance("upset stomach", "mild")
    for reaction, severity in [("", ""), ("rash", ""), ("nausea, rash", ""), ("nausea", "severe"), ("anaphylaxis", "")]:
        assert not is_intolerance(reaction, severity)
