"""People find a medicine by whatever they know of it."""

import pytest

from galen import medicines
from galen.core.context import Context
from galen.medicines import MedicineDraft, PartDraft
from galen.medicines.names import search_name, sort_key


async def first(ctx: Context, q: str) -> str:
    return next((m.label for m in await medicines.find_medicines(ctx, q)), "")


async def generics(ctx: Context, q: str) -> set[str]:
    return {m.generic for m in await medicines.find_medicines(ctx, q)}


@pytest.mark.parametrize(
    "typed, generic",
    [
        ("amoxicillin", "amoxicillin"),
        ("Amoxi", "amoxicillin"),
        ("amoxycillin", "amoxicillin"),
        ("amoksisilin", "amoxicillin"),
        ("amoxcillin", "amoxicillin"),
        ("amoks", "amoxicillin"),
        ("ibuprofin", "ibuprofen"),
        ("paracetemol", "paracetamol"),
        ("acetaminophen", "paracetamol"),
        ("panadol", "paracetamol"),
        ("metfornim", "metformin"),
        ("warfrin", "warfarin"),
        ("omprazole", "omeprazole"),
        ("Coumadin", "warfarin"),
        ("Marevan", "warfarin"),
        ("lipitor", "atorvastatin"),
        ("simvistatin", "simvastatin"),
        ("zoloft 50", "sertraline"),
        ("J01CA04", "amoxicillin"),
    ],
)
async def test_any_name_prefix_or_misspelling_finds_it(ada: Context, typed: str, generic: str) -> None:
    found = await medicines.find_medicines(ada, typed)
    assert found and found[0].generic == generic, [m.label for m in found]


@pytest.mark.parametrize(
    "typed",
    ["amoxicillin 500", "amoxicillin 500mg", "500 amoxicillin", "amox 500 cap", "amoxil 500", "amoksisilin 500 mg"],
)
async def test_strength_and_form_narrow_it_down(ada: Context, typed: str) -> None:
    found = await medicines.find_medicines(ada, typed)
    assert found[0].generic == "amoxicillin" and "500 mg" in found[0].strength, [m.label for m in found]


async def test_a_strength_is_not_mistaken_for_one_with_a_decimal_point(ada: Context) -> None:
    found = await medicines.find_medicines(ada, "warfarin 5")
    assert found and all(m.strength.split()[0].startswith("5") for m in found), [m.label for m in found]


async def test_the_second_ingredient_finds_a_combination(ada: Context) -> None:
    assert "amoxicillin + clavulanic acid" in await generics(ada, "clavulanic")
    assert await generics(ada, "clavulanic acid amoxicillin") == {"amoxicillin + clavulanic acid"}


async def test_a_barcode_is_found_alone_and_inside_a_scan(ada: Context) -> None:
    (scanned,) = await medicines.find_medicines(ada, "2000000000022")
    assert scanned.name == "amoxicillin 500 mg capsule"
    for code in ("02000000000022", "]d20102000000000022172812311012AB", "(01)02000000000022(17)281231"):
        assert await medicines.find_medicines(ada, code) == [scanned]
    assert await medicines.of_code(ada, "2000000000022") is scanned
    assert await medicines.find_medicines(ada, "2000000000023") == []


async def test_nonsense_finds_nothing_rather_than_anything(ada: Context) -> None:
    for typed in ("", " ", "%", "zzzzqqq", "'; --", "\x00"):
        assert await medicines.find_medicines(ada, typed) == []


async def test_a_name_added_by_a_pharmacist_is_found_at_once_and_an_archived_one_no_more(ben: Context) -> None:
    draft = MedicineDraft(
        ingredients=[PartDraft(name="amoxycillin", strength="1g")],
        brand="Zymox",
        form="tablet",
        pack_size="14",
        price="9.95",
    )
    product = await medicines.add_medicine(ben, draft)
    assert await first(ben, "zymo") == "amoxicillin 1 g tablet (Zymox)"
    await medicines.archive(ben, product.id)
    assert await first(ben, "zymox") != product.label
    await medicines.restore(ben, product.id)
    assert await first(ben, "zymox") == product.label


def test_numbers_sort_by_size_and_units_are_read_in_every_spelling() -> None:
    sizes = ["x 0.25 mg", "x 0.5 mg", "x 1 mg", "x 2.5 mg", "x 5 mg", "x 10 mg"]
    assert sorted(["x 10 mg", "x 5 mg", "x 2.5 mg", *sizes[:3]], key=sort_key) == sizes
    assert search_name("Oroxine 50µg") == search_name("oroxine 50 mcg") == search_name("Oroxine 50 micrograms")
    assert search_name("2.5MG") == "2p5 mg" and search_name("5-FU") == "5fu"


@pytest.mark.parametrize(
    "typed",
    [
        "00093-4155-73",
        "0093-4155-73",
        "00093415573",
        "0093415573",
        "300934155730",
        "123456",
        "AUST R 123456",
        "N02BE01",
    ],
)
async def test_a_pack_is_found_by_each_of_its_codes(ben: Context, typed: str) -> None:
    said = {
        "ingredients": [PartDraft(name="novelastatin", strength="500 mg")],
        "form": "tablet",
        "pack_size": "20",
        "price": "3",
        "ndc": "0093-4155-73",
        "artg": "123456",
        "atc": "N02BE01",
        "te_code": "ab1, ab2",
    }
    product = await medicines.add_medicine(ben, MedicineDraft.model_validate(said))
    assert product.te_code == "AB1,AB2"
    assert product in await medicines.find_medicines(ben, typed)
    assert product not in await medicines.find_medicines(ben, "00093-4155-74")
