"""Pharmacists keep the catalogue; everyone on the staff may look."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from galen import medicines
from galen.core.audit import AuditEntry
from galen.core.context import Context
from galen.core.errors import Forbidden, Invalid, Stale
from galen.medicines import Ingredient, MedicineChange, MedicineDraft, PartDraft, Product

AMOXICILLIN = {
    "ingredients": [{"name": "amoxicillin", "strength": "500mg"}],
    "brand": "Zymox",
    "form": "capsule",
    "route": "oral",
    "pack_size": "20",
    "unit": "capsule",
    "price": "8.90",
    "schedule_au": "S4",
    "barcodes": ["2900000000001"],
}


def draft(**more: Any) -> MedicineDraft:
    return MedicineDraft.model_validate(AMOXICILLIN | more)


async def test_a_medicine_is_named_generic_first_with_its_strength_written_safely(ben: Context) -> None:
    product = await medicines.add_medicine(ben, draft(ingredients=[{"name": "digoxin", "strength": "0.0625 mg"}]))
    assert product.name == "digoxin 0.0625 mg capsule" and product.label == "digoxin 0.0625 mg capsule (Zymox)"
    both = await medicines.add_medicine(
        ben,
        draft(
            ingredients=[{"name": "amoxycillin", "strength": "875.0 mg"}, {"name": "clavulanate", "strength": "125mg"}],
            form="tablet",
            barcodes=[],
        ),
    )
    assert both.name == "amoxicillin 875 mg + clavulanic acid 125 mg tablet"
    assert both.holds == ("amoxicillin", "clavulanic acid") and both.prescription_only
    assert (both.pack, both.cost.amount, both.cost.currency) == ("20 capsules", Decimal("8.90"), "AUD")


async def test_no_line_ends_between_a_number_and_its_unit_and_quantities_are_counted_in_words(ben: Context) -> None:
    product = await medicines.add_medicine(ben, draft())
    assert product.tall_name == "amoxicillin 500\u00a0mg capsule" and product.name == "amoxicillin 500 mg capsule"
    assert [product.counted(Decimal(n)) for n in ("1", "480", "0.50")] == ["1 capsule", "480 capsules", "0.5 capsules"]
    product.unit = "mL"
    assert product.counted(Decimal(2400)) == "2400 mL"


async def test_an_unknown_ingredient_becomes_known_and_a_known_one_is_reused(ben: Context) -> None:
    one = await medicines.add_medicine(
        ben, draft(ingredients=[{"name": "novelastatin", "strength": "5 mg"}], barcodes=[])
    )
    two = await medicines.add_medicine(
        ben, draft(ingredients=[{"name": "Novelastatin", "strength": "10 mg"}], barcodes=[])
    )
    assert one.ingredients[0].ingredient_id == two.ingredients[0].ingredient_id
    assert two.generic == "novelastatin"
    assert len(list(await ben.db.scalars(select(Ingredient).where(Ingredient.name == "novelastatin")))) == 1


async def test_a_dressing_needs_no_ingredient_but_something_must_be_named(ben: Context) -> None:
    bandage = await medicines.add_medicine(
        ben,
        draft(
            ingredients=[],
            generic="crepe bandage 7.5 cm",
            form="",
            unit="piece",
            tax_class="goods",
            schedule_au="",
            barcodes=[],
        ),
    )
    assert bandage.name == "crepe bandage 7.5 cm" and bandage.holds == ()
    assert (await medicines.find_medicines(ben, "crepe"))[0] is bandage
    with pytest.raises(ValidationError, match="at least one active ingredient"):
        draft(ingredients=[])


@pytest.mark.parametrize(
    "field, value, sentence",
    [
        ("price", "-1", "greater than or equal to 0"),
        ("pack_size", "0", "greater than 0"),
        ("barcodes", ["2900000000002"], "wrong last digit"),
        ("atc", "J01", "has the form J01CA04"),
        ("ndc", "1234567890", "eleven digits"),
        ("schedule_au", "S1", "S4"),
        ("ingredients", [{"name": "x y", "strength": "much"}], "an amount and a unit"),
        ("tax_class", "food", "goods"),
    ],
)
def test_what_cannot_be_right_is_refused_beside_its_field(field: str, value: Any, sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        draft(**{field: value})
    (complaint,) = refused.value.errors()
    assert complaint["loc"][0] == field and sentence in complaint["msg"]


async def test_a_code_means_one_medicine(ben: Context, client: Any) -> None:
    await medicines.add_medicine(ben, draft())
    http = await client("ben")
    answer = await http.post("/api/v1/medicines", json=AMOXICILLIN | {"brand": "Other"})
    assert answer.status_code == 409 and "belongs to another medicine" in answer.json()["detail"]


async def test_only_what_is_said_changes_and_the_log_says_what_it_was(ben: Context) -> None:
    product = await medicines.add_medicine(ben, draft())
    parts = [part.id for part in product.ingredients]
    await medicines.change_medicine(ben, product.id, MedicineChange(price=Decimal("9.50")))
    assert (product.price, product.brand, product.codes) == (Decimal("9.50"), "Zymox", ["2900000000001"])
    assert [part.id for part in product.ingredients] == parts
    said = await ben.db.scalars(
        select(AuditEntry)
        .where(AuditEntry.verb == "medicines.change_medicine")
        .execution_options(bypass_visibility=True)
    )
    assert [(row.subject, row.changes) for row in said] == [("product", {"price": ["8.9000", "9.50"]})]


async def test_a_change_is_judged_like_a_new_medicine(ben: Context) -> None:
    product = await medicines.add_medicine(ben, draft())
    with pytest.raises(Invalid, match="wrong last digit"):
        await medicines.change_medicine(ben, product.id, MedicineChange(barcodes=["2900000000002"]))
    with pytest.raises(Invalid):
        await medicines.change_medicine(ben, product.id, MedicineChange(pack_size=Decimal(0)))
    with pytest.raises(Invalid, match="stands here twice"):
        twice = [PartDraft(name="amoxicillin", strength="250 mg"), PartDraft(name="amoxycillin", strength="250 mg")]
        await medicines.change_medicine(ben, product.id, MedicineChange(ingredients=twice))


async def test_two_pharmacists_do_not_overwrite_each_other(ben: Context, kim: Context) -> None:
    product = await medicines.add_medicine(ben, draft())
    kim.if_match = product.version
    await medicines.change_medicine(ben, product.id, MedicineChange(price=Decimal(7)))
    with pytest.raises(Stale):
        await medicines.change_medicine(kim, product.id, MedicineChange(price=Decimal(6)))


async def test_a_doctor_looks_and_does_not_change(ada: Context) -> None:
    (product,) = await medicines.find_medicines(ada, "2000000000022")
    assert (await medicines.open_medicine(ada, product.id)).ingredients[0].strength == "500 mg"
    for refused in (
        medicines.add_medicine(ada, draft()),
        medicines.change_medicine(ada, product.id, MedicineChange(price=Decimal(0))),
        medicines.archive(ada, product.id),
    ):
        with pytest.raises(Forbidden):
            await refused


async def test_each_organisation_has_the_assortment_of_its_country_in_its_currency(ada: Context, services: Any) -> None:
    async with services.as_system("south", "test") as south:
        there = list(await south.db.scalars(select(Product)))
        assert {p.currency for p in there} == {"USD"} and len(there) >= 300
    here = list(await ada.db.scalars(select(Product)))
    assert {p.currency for p in here} == {"AUD"} and len(here) >= 300
    assert {p.schedule_au for p in here} == {"", "S2", "S3", "S4", "S8"}


async def test_loading_the_assortment_again_changes_nothing_that_is_there(system: Context) -> None:
    (product,) = await medicines.find_medicines(system, "2000000000022")
    await medicines.change_medicine(system, product.id, MedicineChange(price=Decimal("99"), barcodes=[]))
    count = len(list(await system.db.scalars(select(Product.id))))
    assert await medicines.load_catalogue(system) == 0
    assert product.price == 99 and len(list(await system.db.scalars(select(Product.id)))) == count


async def test_look_alikes_are_told_apart_by_raised_letters(ada: Context) -> None:
    found = {p.generic: p.tall for p in await medicines.find_medicines(ada, "hydro", 50)}
    assert any(tall != generic for generic, tall in found.items()), found
    assert all(tall.casefold() == generic.casefold() for generic, tall in found.items())


async def test_many_medicines_are_opened_with_one_question(ada: Context) -> None:
    some = [m.id for m in await medicines.find_medicines(ada, "am")]
    known = await medicines.products(ada, [*some, *some])
    assert set(known) == set(some) and all(p.holds for p in known.values())
    assert await medicines.products(ada, []) == {}
