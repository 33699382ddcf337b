"""What may be handed out instead, and what never."""

from typing import Any

import pytest

from galen import inventory, medicines
from galen.core.context import Context
from galen.medicines import MedicineDraft, Product, rated_equal, same_strength


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("", "", True),
        ("AB", "AB", True),
        ("AB1", "AB1", True),
        ("AB1", "AB2", False),
        ("AB1,AB2", "AB2", True),
        ("AB1,AB2", "AB3", False),
        ("AB", "AB1", False),
        ("AB", "AP", False),
        ("BX", "BX", False),
        ("BX", "AB", False),
        ("AB,BX", "BX", False),
        ("AB", "", False),
        ("", "AA", False),
        ("", "BX", False),
    ],
)
def test_only_the_same_a_code_is_equivalent(one: str, other: str, equal: bool) -> None:
    assert rated_equal(one, other) is equal is rated_equal(other, one)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("500 mg", "0.5 g", True),
        ("0.5 mg", "500 mcg", True),
        ("250 mg/5 mL", "50 mg/mL", True),
        ("100 mcg/dose", "0.1 mg/dose", True),
        ("100 units/mL", "100 unit/mL", True),
        ("1 %", "1 %", True),
        ("1 %", "1 mg", False),
        ("50 mg", "500 mg", False),
        ("100 mcg/dose", "100 mcg", False),
        ("250 mg/5 mL", "250 mg", False),
        ("5 mg", "5 mL", False),
        ("not stated", "not stated", True),
    ],
)
def test_strengths_are_compared_as_amounts(one: str, other: str, equal: bool) -> None:
    assert same_strength(one, other) is equal is same_strength(other, one)


async def pack(ben: Context, brand: str, te_code: str = "", **more: object) -> Product:
    said = {
        "ingredients": [{"name": "novelastatin", "strength": "20 mg"}],
        "brand": brand,
        "form": "tablet",
        "route": "oral",
        "pack_size": "30",
        "price": "12",
        "te_code": te_code,
        "atc": "C10AA99",
    }
    return await medicines.add_medicine(ben, MedicineDraft.model_validate(said | more))


async def names(ctx: Context, product: Product) -> list[str]:
    return [medicine.brand for medicine in (await medicines.alternatives(ctx, product.id)).same]


async def test_the_same_medicine_is_the_same_ingredients_strength_form_and_route(ben: Context) -> None:
    asked = await pack(ben, "Asked")
    await pack(ben, "Dear", price="30")
    await pack(ben, "Twin", ingredients=[{"name": "novelastatin", "strength": "0.02 g"}])
    await pack(ben, "Stronger", ingredients=[{"name": "novelastatin", "strength": "40 mg"}])
    await pack(ben, "Capsules", form="capsule")
    await pack(ben, "Other way", route="sublingual")
    await pack(
        ben,
        "Combined",
        ingredients=[{"name": "novelastatin", "strength": "20 mg"}, {"name": "ezetimibe", "strength": "10 mg"}],
    )
    gone = await pack(ben, "Archived")
    await medicines.archive(ben, gone.id)
    assert await names(ben, asked) == ["Twin", "Dear"]
    siblings = (await medicines.alternatives(ben, asked.id)).siblings
    assert [medicine.brand for medicine in siblings] == ["Capsules", "Other way", "Stronger"]


async def test_a_rated_medicine_is_exchanged_only_within_its_own_a_code(ben: Context) -> None:
    packs = {code: await pack(ben, code or "unrated", code) for code in ("AB1", "AB2", "AB1,AB2", "BX", "")}
    await pack(ben, "AB1 again", "AB1")
    await pack(ben, "BX again", "BX")
    assert sorted(await names(ben, packs["AB1"])) == ["AB1 again", "AB1,AB2"]
    assert await names(ben, packs["AB2"]) == ["AB1,AB2"]
    assert await names(ben, packs["BX"]) == []
    assert (await medicines.alternatives(ben, packs["AB1"].id)).siblings == []
    assert await names(ben, packs[""]) == []
    similar = (await medicines.alternatives(ben, packs["AB1"].id)).similar
    assert similar and all(
        medicine.atc.startswith("C10AA") and medicine.generic != "novelastatin" for medicine in similar
    )


async def test_therapeutic_ones_share_the_atc_group_and_the_route(ada: Context) -> None:
    (asked, *_) = await medicines.find_medicines(ada, "atorvastatin 20")
    found = (await medicines.alternatives(ada, asked.id)).similar
    assert {medicine.atc[:5] for medicine in found} == {"C10AA"} and {medicine.route for medicine in found} == {"oral"}
    assert "atorvastatin" not in {medicine.generic for medicine in found}


async def test_each_comes_with_its_price_and_what_is_in_stock_stands_first(ben: Context, client: Any) -> None:
    asked = await pack(ben, "Asked")
    await pack(ben, "Cheap", price="1")
    kept = await pack(ben, "Kept", price="50")
    await inventory.receive(ben, inventory.BatchDraft(product_id=kept.id, number="L1", expires="2028-01", packs=2))
    http = await client("ben")
    said = (await http.get(f"/api/v1/drugs/{asked.id}/alternatives")).json()
    assert [(medicine["brand"], medicine["stock"]) for medicine in said["generic"]] == [
        ("Kept", "2 packs"),
        ("Cheap", ""),
    ]
    assert said["generic"][0]["price"] == {"amount": "50.00", "currency": "AUD"}
    assert {"usable", "pack", "te_code", "atc"} <= said["therapeutic"][0].keys()


async def test_the_medicine_page_shows_them(client: Any, ada: Context) -> None:
    (asked, *_) = await medicines.find_medicines(ada, "atorvastatin 20")
    browser = await client("ada", page=True)
    page = (await browser.get(f"/medicines/{asked.id}")).text
    assert "Same medicine" in page and "Same use" in page and "rosuvastatin" in page.casefold()
