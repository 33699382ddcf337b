"""Deliveries, corrections and counts: all through the ledger."""

from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from galen import inventory, medicines
from galen.core.context import Context
from galen.core.errors import Forbidden, Invalid
from galen.core.session_hooks import Sealed
from galen.inventory import AdjustDraft, Batch, BatchDraft, CountDraft, CountLine, Movement, MovementKind, StockLevel
from galen.inventory.schemas import ReturnDraft
from galen.inventory.service import return_to_supplier
from galen.inventory.service.moves import NotThatMuch
from galen.medicines import Product

D = Decimal


@pytest.fixture
async def zinc(ben: Context) -> Product:
    part = medicines.PartDraft(name="zinc sulfate", strength="220 mg")
    draft = medicines.MedicineDraft(ingredients=[part], form="capsule", unit="capsule", pack_size=D(30), price=D(9))
    product: Product = await medicines.add_medicine(ben, draft)
    return product


def delivery(product: Product, **said: object) -> BatchDraft:
    return BatchDraft.model_validate(
        {"product_id": product.id, "number": "Z1", "expires": "2027-06", "packs": 2, **said}
    )


async def only_level(ctx: Context, batch: Batch) -> StockLevel:
    await ctx.flush()
    level = await ctx.db.scalar(select(StockLevel).where(StockLevel.batch_id == batch.id))
    assert level
    return level


async def test_a_month_on_the_pack_means_its_last_day(ben: Context, zinc: Product) -> None:
    batch = await inventory.receive(ben, delivery(zinc, expires="02/2028"))
    assert batch.expires == date(2028, 2, 29)


async def test_packs_and_loose_units_are_counted_together(ben: Context, zinc: Product) -> None:
    await inventory.receive(ben, delivery(zinc, packs=2, units=5))
    assert await inventory.on_hand(ben, [zinc.id]) == {zinc.id: D(65)}
    (line,) = (await inventory.levels(ben, q="zinc sulfate 220 mg")).items
    assert line.words == "2 packs + 5 capsules"


async def test_the_same_number_with_another_expiry_or_maker_is_another_batch(ben: Context, zinc: Product) -> None:
    first = await inventory.receive(ben, delivery(zinc))
    again = await inventory.receive(ben, delivery(zinc))
    assert again.id == first.id
    other_expiry = await inventory.receive(ben, delivery(zinc, expires="2027-07"))
    other_maker = await inventory.receive(ben, delivery(zinc, maker="Another house"))
    assert len({first.id, other_expiry.id, other_maker.id}) == 3
    assert await inventory.on_hand(ben, [zinc.id]) == {zinc.id: D(240)}


async def test_free_goods_lower_the_cost_of_a_unit(ben: Context, zinc: Product) -> None:
    batch = await inventory.receive(ben, delivery(zinc, total_cost="12.00"))
    assert batch.unit_cost == D("0.2000")
    batch = await inventory.receive(ben, delivery(zinc, packs=1, total_cost=0))
    assert batch.unit_cost == D("0.1333")


async def test_what_has_expired_or_has_no_expiry_is_not_shelved(ben: Context, zinc: Product) -> None:
    with pytest.raises(Invalid, match="expired already"):
        await inventory.receive(ben, delivery(zinc, expires="2026-11-19"))
    with pytest.raises(Invalid, match="A medicine needs its expiry"):
        await inventory.receive(ben, delivery(zinc, expires=None))
    with pytest.raises(ValidationError, match="how many packs or loose units"):
        delivery(zinc, packs=0)
    assert await ben.db.scalar(select(Batch).where(Batch.product_id == zinc.id)) is None


async def test_goods_that_do_not_perish_need_no_expiry(ben: Context) -> None:
    draft = medicines.MedicineDraft(generic="Cold pack", unit="piece", pack_size=D(1), price=D(4), tax_class="goods")
    product = await medicines.add_medicine(ben, draft)
    batch = await inventory.receive(ben, delivery(product, expires=None))
    assert (batch.expires, await inventory.on_hand(ben, [product.id])) == (None, {product.id: D(2)})
    assert (await inventory.receive(ben, delivery(product, expires=None))).id == batch.id


async def test_a_correction_is_signed_has_a_reason_and_never_goes_below_nothing(ben: Context, zinc: Product) -> None:
    batch = await inventory.receive(ben, delivery(zinc, packs=0, units=10))
    level = await only_level(ben, batch)
    line = await inventory.adjust(ben, AdjustDraft(batch_id=batch.id, quantity=D(-3), reason="Dropped"))
    assert (line.kind, line.quantity, line.balance, line.reason) == (MovementKind.ADJUST, D(-3), D(7), "Dropped")
    with pytest.raises(NotThatMuch):
        await inventory.adjust(ben, AdjustDraft(level_id=level.id, quantity=D("-7.5"), reason="Dropped"))
    with pytest.raises(ValidationError):
        AdjustDraft(level_id=level.id, quantity=D(1), reason="")
    assert await inventory.on_hand(ben, [zinc.id]) == {zinc.id: D(7)}


async def test_a_blind_count_sets_what_is_there_and_books_the_difference(ben: Context, zinc: Product) -> None:
    level = await only_level(ben, await inventory.receive(ben, delivery(zinc)))
    (line,) = await inventory.count_stock(
        ben, CountDraft(lines=[CountLine(level_id=level.id, packs=D(1), units=D(28))])
    )
    assert (line.quantity, line.balance) == (D(-2), D(58))
    (line,) = await inventory.count_stock(ben, CountDraft(lines=[CountLine(level_id=level.id, units=D(58))]))
    assert (line.quantity, line.balance, line.reason) == (D(0), D(58), "Stock count")
    assert await inventory.drift(ben) == []


async def test_goods_go_back_to_the_supplier(ben: Context, zinc: Product) -> None:
    level = await only_level(ben, await inventory.receive(ben, delivery(zinc)))
    line = await return_to_supplier(ben, level.id, ReturnDraft(quantity=D(60), reason="Damaged in transit"))
    assert (line.kind, line.quantity, line.balance) == (MovementKind.RETURN, D(-60), D(0))
    assert await inventory.on_hand(ben, [zinc.id]) == {zinc.id: D(0)}


async def test_the_ledger_cannot_be_changed_by_anybody(ben: Context, zinc: Product) -> None:
    level = await only_level(ben, await inventory.receive(ben, delivery(zinc)))
    line = await ben.db.scalar(select(Movement).where(Movement.level_id == level.id))
    line.quantity = D(1000)
    with pytest.raises(Sealed):
        await ben.flush()
    ben.db.expire(line)
    for statement in ("UPDATE movement SET quantity = 1", "DELETE FROM movement"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with ben.db.begin_nested():
                await (await ben.db.connection()).exec_driver_sql(statement)


async def test_the_database_itself_refuses_stock_below_nothing(ben: Context, zinc: Product) -> None:
    level = await only_level(ben, await inventory.receive(ben, delivery(zinc)))
    with pytest.raises(DBAPIError, match="stock_level_quantity_check"):
        async with ben.db.begin_nested():
            await ben.db.execute(
                text("UPDATE stock_level SET quantity = -1 WHERE id = :id"),
                {"id": level.id},
                execution_options={"unwalled": True},
            )


async def test_a_quantity_that_bypassed_the_ledger_is_found(ben: Context, zinc: Product) -> None:
    level = await only_level(ben, await inventory.receive(ben, delivery(zinc)))
    await (await ben.db.connection()).exec_driver_sql("UPDATE stock_level SET quantity = 61 WHERE id = $1", (level.id,))
    (found,) = await inventory.drift(ben)
    assert (found.level_id, found.quantity, found.moved) == (level.id, D(61), D(60))


async def test_only_who_may_receive_and_adjust_does(ada: Context, ruth: Context, ben: Context, zinc: Product) -> None:
    level = await only_level(ben, await inventory.receive(ben, delivery(zinc)))
    with pytest.raises(Forbidden):
        await inventory.receive(ada, delivery(zinc))
    with pytest.raises(Forbidden):
        await inventory.adjust(ada, AdjustDraft(level_id=level.id, quantity=D(1), reason="Found"))
    with pytest.raises(Forbidden):
        await inventory.levels(ruth)
    assert [line.product_id for line in (await inventory.levels(ada, q="zinc sulfate 220 mg")).items] == [zinc.id]


async def test_a_spreadsheet_takes_no_reason_for_a_formula(ben: Context, zinc: Product) -> None:
    from galen.inventory.service import movements_csv

    level = await only_level(ben, await inventory.receive(ben, delivery(zinc)))
    await inventory.adjust(ben, AdjustDraft(level_id=level.id, quantity=D(-2), reason='=HYPERLINK("http://x")'))
    sheet = await movements_csv(ben, product_id=zinc.id)
    assert sheet.startswith(b"\xef\xbb\xbfLine,When,Medicine")
    rows = sheet.decode("utf-8-sig").splitlines()
    assert len(rows) == 3
    assert ",-2,58,capsule,\"'=HYPERLINK(" in rows[2]
