"""RxNorm: identifiers and names are filled in where they are missing; another identifier of one's own stays."""

import pytest
from sqlalchemy import select

from galen.core.errors import Invalid
from galen.core.finish import finish
from galen.medicines import Ingredient, MedicineDraft, Product, add_medicine
from galen.medicines.importing.rxnorm_applying import import_rxnorm


def row(rxcui, tty, name, sab="RXNORM", suppress="N"):
    return f"{rxcui}|ENG|P|||PF|Y|1||||{sab}|{tty}|{rxcui}|{name}|0|{suppress}||"


FILE = "\n".join(
    [
        row("9000001", "IN", "zonkamab"),
        row("9000001", "SY", "zonkamabum"),
        row("9000002", "IN", "oldium", suppress="O"),
        row("9000003", "IN", "foreignium", sab="MSH"),
        row("9000010", "SCD", "zonkamab 5 MG Oral Tablet"),
        row("9000011", "SBD", "zonkamab 5 MG Oral Tablet [Zonk]"),
        row("9000012", "SCD", "12 HR zonkamab 5 MG Extended Release Oral Tablet"),
        "broken|row",
    ]
).encode()


async def zonk(ctx, **more):
    fields = {"ingredients": [{"name": "zonkamab", "strength": "5 mg"}], "form": "tablet", "pack_size": 30, "price": 1}
    return await add_medicine(ctx, MedicineDraft.model_validate(fields | more))


async def test_identifiers_are_filled_in_and_the_brand_has_its_own(system):
    generic, brand = await zonk(system), await zonk(system, brand="Zonk")
    slow = await zonk(system, form="modified-release tablet")
    found = await import_rxnorm(system, "RXNCONSO.RRF", FILE)
    await finish(system)
    assert [generic.rxcui, brand.rxcui, slow.rxcui] == ["9000010", "9000011", "9000012"]
    one = await system.db.scalar(select(Ingredient).where(Ingredient.name == "zonkamab"))
    assert (one.rxcui, one.synonyms) == ("9000001", ["zonkamabum"])
    assert (found["updated"], found["created"], found["refused"]) == (4, 0, 1)
    assert found["errors"][0]["row"] == 8
    again = await import_rxnorm(system, "RXNCONSO.RRF", FILE)
    assert (again["updated"], again["created"], again["unchanged"]) == (0, 0, 4)


async def test_an_own_identifier_stays_and_a_dry_run_changes_nothing(system):
    mine = await zonk(system, rxcui="123")
    found = await import_rxnorm(system, "RXNCONSO.RRF", FILE)
    assert (mine.rxcui, found["kept"]) == ("123", 1)
    other = await zonk(system, brand="Zonk")
    await import_rxnorm(system, "RXNCONSO.RRF", FILE, dry=True)
    assert other.rxcui == ""
    await import_rxnorm(system, "RXNCONSO.RRF", FILE, accept=True)
    assert (await system.db.get(Product, mine.id)).rxcui == "9000010"


async def test_ingredients_that_are_missing_are_added_and_another_file_is_refused(system):
    assert (await import_rxnorm(system, "RXNCONSO.RRF", FILE))["created"] == 1
    with pytest.raises(Invalid, match=r"no RXNCONSO\.RRF"):
        await import_rxnorm(system, "list.csv", b"a,b\n1,2\n")
