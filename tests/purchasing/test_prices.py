"""Suppliers' prices: from their lists and by hand, with a day and a source."""

from datetime import timedelta
from decimal import Decimal

import pytest

from galen import purchasing
from galen.core.context import Context
from galen.core.finish import finish
from galen.medicines.importing import import_file, source_of
from galen.purchasing import PriceDraft, SupplierDraft
from galen.purchasing.service.prices import prices_today
from tests.purchasing.people import medicine, supplier

D = Decimal
LIST = "Code,Generic name,Strength,Form,Pack size,Cost price\nFE1,ferrous sulfate,317 mg,tablet,30,{price}\n"


async def imported(ctx: Context, price: str) -> None:
    source = source_of("prices", "Southern Wholesale")
    await import_file(ctx, source, "list.csv", LIST.format(price=price).encode())
    await finish(ctx)


async def asked(ctx: Context, supplier_id) -> list[tuple[Decimal, str, str, str]]:
    page = await purchasing.supplier_prices(ctx, supplier_id)
    return [(price.price, price.code, price.source, str(price.valid_from)) for price in page.items]


async def test_an_imported_list_is_what_its_supplier_asks(ben, system, catch_up):
    wholesale = await supplier(ben, "Southern wholesale")
    await finish(ben)
    await imported(system, "6.40")
    await catch_up()
    assert await asked(ben, wholesale.id) == [(D("6.4"), "FE1", "price list", "2026-11-20")]
    await imported(system, "6.40")
    await catch_up()
    assert len(await asked(ben, wholesale.id)) == 1
    await imported(system, "7")
    await catch_up()
    assert await asked(ben, wholesale.id) == [(D(7), "FE1", "price list", "2026-11-20")]


async def test_a_supplier_that_is_written_down_later_brings_its_list(ben, system, catch_up):
    await imported(system, "6.40")
    await catch_up()
    wholesale = await purchasing.add_supplier(ben, SupplierDraft(name="SOUTHERN WHOLESALE"))
    await finish(ben)
    await catch_up()
    assert [price for price, *_ in await asked(ben, wholesale.id)] == [D("6.4")]


async def test_the_latest_price_that_holds_today_counts(ben):
    wholesale, iron = await supplier(ben), await medicine(ben, "ferrous sulfate")
    for days, price in ((-10, "5"), (0, "6"), (10, "7")):
        draft = {"product_id": iron.id, "price": price, "valid_from": ben.today + timedelta(days=days)}
        await purchasing.set_price(ben, wholesale.id, PriceDraft.model_validate(draft))
    await ben.flush()

    async def now() -> Decimal:
        return (await prices_today(ben, [iron.id]))[iron.id][0].price

    assert await now() == D(6)
    ben.now += timedelta(days=10)
    assert await now() == D(7)
    await purchasing.service.archive_supplier(ben, wholesale.id)
    await ben.flush()
    assert await prices_today(ben, [iron.id]) == {}


@pytest.mark.parametrize(
    "said", [{"price": "-1"}, {"price": "1", "pack_size": "0"}, {"price": "1", "minimum_packs": "0"}]
)
async def test_a_wrong_price_is_told_beside_its_field(client, ben, said):
    wholesale, iron = await supplier(ben), await medicine(ben, "ferrous sulfate")
    await finish(ben)
    program = await client("ben")
    path = f"/api/v1/suppliers/{wholesale.id}/prices"
    answer = await program.post(path, json={"product_id": str(iron.id)} | said)
    assert (answer.status_code, [key for key in said if key in answer.text]) == (422, [list(said)[-1]])


async def test_one_price_a_day(client, ben):
    wholesale, iron = await supplier(ben), await medicine(ben, "ferrous sulfate")
    await finish(ben)
    program, path = await client("ben"), f"/api/v1/suppliers/{wholesale.id}/prices"
    said = {"product_id": str(iron.id), "price": "6", "valid_from": "2026-11-20"}
    assert (await program.post(path, json=said)).status_code == 201
    again = await program.post(path, json=said)
    assert (again.status_code, "Choose another day" in again.text) == (409, True)
    listed = await program.get("/api/v1/supplier-products", params={"supplier_id": str(wholesale.id)})
    assert [row["price"] for row in listed.json()["items"]] == ["6.0000"]
