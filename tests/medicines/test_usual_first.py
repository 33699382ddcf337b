"""The first answer is the one most people mean: the very ingredient alone, by mouth, in the strength that was typed."""

import pytest

from galen import medicines
from galen.core.context import Context
from galen.medicines import MedicineDraft, PartDraft
from galen.medicines.names import search_name, writings


async def first(ctx: Context, typed: str) -> str:
    return next((found.label for found in await medicines.find_medicines(ctx, typed)), "")


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("paracetamol 500", "paracetamol 500 mg tablet"),
        ("paracetamol 500mg", "paracetamol 500 mg tablet"),
        ("paracetamol 0.5 g", "paracetamol 500 mg tablet"),
        ("paracetamol .5g", "paracetamol 500 mg tablet"),
        ("paracetamol500mg", "paracetamol 500 mg tablet"),
        ("paracetamol 500 milligrams", "paracetamol 500 mg tablet"),
        ("500 mg paracetamol", "paracetamol 500 mg tablet"),
        ("paracetemol 0.5 g", "paracetamol 500 mg tablet"),
        ("acetaminophen 500", "paracetamol 500 mg tablet"),
        ("paracetamol", "paracetamol 500 mg tablet"),
        ("perindopril 5", "perindopril 5 mg tablet"),
        ("perindopril 5 mg", "perindopril 5 mg tablet"),
        ("perindopril arginine 5", "perindopril 5 mg tablet"),
        ("perindopril", "perindopril 2 mg tablet"),
        ("perindoprill 10mg", "perindopril 10 mg tablet"),
        ("codeine 30", "codeine 30 mg tablet"),
        ("amoxicillin 500", "amoxicillin 500 mg capsule"),
        ("salbutamol 100", "salbutamol 100 mcg/dose inhaler"),
    ],
)
async def test_the_usual_medicine_comes_first(ben: Context, typed: str, label: str) -> None:
    assert (await first(ben, typed)).startswith(label)


async def test_a_form_that_was_typed_decides(ben: Context) -> None:
    assert "suppository" in await first(ben, "paracetamol 500 supp")
    assert "oral suspension" in await first(ben, "paracetamol suspension")
    assert "+ amlodipine" in await first(ben, "perindopril amlodipine")


async def test_grams_and_micrograms_are_found_in_either_writing(ben: Context) -> None:
    for name, strength in (("zetrolimine", "1 g"), ("qualomide", "0.1 mg"), ("brivonine", "250 mcg")):
        part = PartDraft(name=name, strength=strength)
        await medicines.add_medicine(ben, MedicineDraft(ingredients=[part], form="tablet", pack_size=10, price=1))
    for typed in (
        "zetrolimine 1000",
        "zetrolimine 1000mg",
        "zetrolimine 1,000 mg",
        "zetrolimine 1 gram",
        "zetrolimin 1000 mg",
    ):
        assert (await first(ben, typed)).startswith("zetrolimine 1 g"), typed
    for typed in ("qualomide 100 mcg", "qualomide 100µg", "qualomide 0.1"):
        assert (await first(ben, typed)).startswith("qualomide 0.1 mg"), typed
    for typed in ("brivonine 0.25 mg", "brivonine 0,25mg", "brivonine 250"):
        assert (await first(ben, typed)).startswith("brivonine 250 mcg"), typed


@pytest.mark.parametrize(
    ("typed", "written"),
    [("x 0.5 g", "x 0p5 g"), ("x .5mg", "x 0p5 mg"), ("x 1,000 mg", "x 1000 mg"), ("x 0,5 mg", "x 0p5 mg"),
     ("x 5 milligrams", "x 5 mg"), ("x 2 gm", "x 2 g"), ("x 10 ug", "x 10 mcg")],
)  # fmt: skip
def test_a_strength_is_written_in_one_way(typed: str, written: str) -> None:
    assert search_name(typed) == written


def test_a_strength_is_the_same_in_every_unit() -> None:
    assert writings("x 0p5 g") == ["x 0p5 g", "x 500 mg"]
    assert writings("x 100 mcg") == ["x 100 mcg", "x 0p1 mg"]
    assert writings("abc500 mg") == ["abc500 mg", "abc 500 mg", "abc 0p5 g"]
    assert writings("x") == ["x"]
