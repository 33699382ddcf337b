"""A delivery: a document of many lines, received as a whole or not at all."""

from decimal import Decimal

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select

from galen import inventory, purchasing
from galen.core.context import Context
from galen.core.errors import Forbidden, Invalid, Stale
from galen.inventory import Batch, Movement, StockLevel
from galen.medicines import Product
from galen.purchasing import CancelDraft, DeliveryDraft, DeliveryStatus, PackScanDraft, ReceiptDraft, Supplier
from galen.purchasing.service.deliveries import NotAStore, SupplierArchived
from galen.purchasing.service.lines import NotADraft
from galen.purchasing.service.receipts import NoLines
from galen.purchasing.service.suppliers import archive_supplier
from tests.purchasing.people import GTIN, line, medicine, started, supplier

D = Decimal
RECEIVE = ReceiptDraft()


@pytest.fixture
async def wholesale(ben: Context) -> Supplier:
    return await supplier(ben)


@pytest.fixture
async def iron(ben: Context) -> Product:
    return await medicine(ben, "ferrous sulfate", 30, GTIN)


@pytest.fixture
async def zinc(ben: Context) -> Product:
    return await medicine(ben, "zinc sulfate", 100)


async def on_shelf(ctx: Context, product: Product) -> Decimal:
    await ctx.flush()
    return await ctx.db.scalar(
        select(func.coalesce(func.sum(StockLevel.quantity), 0)).where(StockLevel.product_id == product.id)
    )


async def test_every_line_goes_on_the_shelf_and_the_ledger_names_it(ben, wholesale, iron, zinc):
    delivery = await started(ben, wholesale)
    await purchasing.add_line(ben, delivery.id, line(iron, packs=4, units=3, free_packs=1, price=6, location="B2"))
    await purchasing.add_line(ben, delivery.id, line(zinc, "Z9", packs=2, refused=10, refused_because="damaged"))
    assert await on_shelf(ben, iron) == D(0)
    await purchasing.receive_delivery(ben, delivery.id, RECEIVE)
    assert (await on_shelf(ben, iron), await on_shelf(ben, zinc)) == (D(153), D(190))
    first, second = delivery.lines
    movement = await ben.db.get(Movement, first.movement_id)
    assert (movement.reference_kind, movement.reference_id) == ("delivery_line", first.id)
    assert movement.reason == f"Delivery {delivery.number} from Southern Wholesale"
    batch = await ben.db.get(Batch, first.batch_id)
    assert batch.unit_cost == (D("24.6") / D(153)).quantize(D("0.0001"))
    assert (await ben.db.get(Batch, second.batch_id)).unit_cost is None
    (came,) = await purchasing.came_with(ben, first.level_id)
    assert (came.delivery, came.supplier, came.supplier_number, came.quantity) == (
        delivery.number, "Southern Wholesale", "N-1", D(153),
    )  # fmt: skip
    assert await inventory.drift(ben) == []


@pytest.mark.parametrize(
    ("said", "field", "problem"),
    [
        ({"number": ""}, "lines.1.number", "Line 2, zinc sulfate.*batch number is missing"),
        ({"expires": None}, "lines.1.expires", "Line 2, zinc sulfate.*needs its expiry"),
        ({"expires": "2026-10"}, "lines.1.expires", "Line 2, zinc sulfate.*expired already"),
    ],
)
async def test_one_bad_line_keeps_all_of_it_off_the_shelf_and_is_named(
    ben, wholesale, iron, zinc, said, field, problem
):
    delivery = await started(ben, wholesale)
    await purchasing.add_line(ben, delivery.id, line(iron))
    await purchasing.add_line(ben, delivery.id, line(zinc, **said))
    with pytest.raises(Invalid, match=problem) as wrong:
        async with ben.db.begin_nested():
            await purchasing.receive_delivery(ben, delivery.id, RECEIVE)
    assert wrong.value.field == field
    assert await on_shelf(ben, iron) == D(0)


async def test_what_is_refused_whole_needs_no_batch_and_no_shelf(ben, wholesale, iron):
    delivery = await started(ben, wholesale)
    spoilt = line(iron, "", expires=None, packs=2, refused=60, refused_because="damaged", price=5)
    await purchasing.add_line(ben, delivery.id, spoilt)
    await purchasing.receive_delivery(ben, delivery.id, RECEIVE)
    assert await on_shelf(ben, iron) == D(0)
    assert delivery.lines[0].movement_id is None and delivery.differs == 1


async def test_more_cannot_be_refused_than_came(ben, wholesale, iron):
    delivery = await started(ben, wholesale)
    with pytest.raises(Invalid, match="than came"):
        await purchasing.add_line(ben, delivery.id, line(iron, refused=31, refused_because="damaged"))
    for said in ({"packs": 0}, {"refused": 3}, {"packs": -1}, {"price": -1}):
        with pytest.raises(ValidationError):
            line(iron, **said)


async def test_what_the_note_says_and_what_came_are_compared(ben, wholesale, iron, zinc):
    delivery = await started(ben, wholesale)
    await purchasing.add_line(ben, delivery.id, line(iron, packs=4, noted_packs=5))
    await purchasing.add_line(ben, delivery.id, line(zinc, packs=0, noted_packs=1))
    page = await purchasing.add_line(ben, delivery.id, line(zinc, "Z2", packs=3, noted_packs=2))
    came = [row.line.came for row in reversed(page.rows)]
    assert [(quantity.short, quantity.over) for quantity in came] == [(D(30), D(0)), (D(100), D(0)), (D(0), D(100))]
    await purchasing.receive_delivery(ben, delivery.id, RECEIVE)
    assert (await on_shelf(ben, iron), await on_shelf(ben, zinc)) == (D(120), D(300))


async def test_a_second_scan_of_a_pack_is_one_pack_more(ben, wholesale, iron):
    delivery = await started(ben, wholesale)
    code = f"(01){GTIN}(17)280630(10)AB12"
    await purchasing.scan_line(ben, delivery.id, PackScanDraft(code=code))
    page = await purchasing.scan_line(ben, delivery.id, PackScanDraft(code=code))
    (row,) = page.rows
    assert (row.line.packs, row.line.number, str(row.line.expires), row.line.gtin) == (2, "AB12", "2028-06-30", GTIN)
    page = await purchasing.scan_line(ben, delivery.id, PackScanDraft(code=f"(01){GTIN}(17)290131(10)AB13"))
    assert [(row.line.number, row.line.packs) for row in page.rows] == [("AB13", 1), ("AB12", 2)]


@pytest.mark.parametrize("code", [GTIN[1:], f"(01){GTIN}", f"(01){GTIN}(10)TYPED"])
async def test_a_scan_without_expiry_never_wipes_a_typed_one(ben, wholesale, iron, code):
    delivery = await started(ben, wholesale)
    await purchasing.add_line(ben, delivery.id, line(iron, "TYPED", packs=1))
    page = await purchasing.scan_line(ben, delivery.id, PackScanDraft(code=code))
    (row,) = page.rows
    assert (row.line.packs, row.line.number, str(row.line.expires)) == (2, "TYPED", "2028-06-30")


async def test_a_scan_fills_what_nobody_typed(ben, wholesale, iron):
    delivery = await started(ben, wholesale)
    await purchasing.scan_line(ben, delivery.id, PackScanDraft(code=GTIN[1:]))
    page = await purchasing.scan_line(ben, delivery.id, PackScanDraft(code=f"(01){GTIN}(17)280630(10)AB12"))
    (row,) = page.rows
    assert (row.line.packs, row.line.number, str(row.line.expires)) == (2, "AB12", "2028-06-30")


async def test_a_received_delivery_changes_no_more(ben, wholesale, iron):
    delivery = await started(ben, wholesale)
    with pytest.raises(NoLines):
        await purchasing.receive_delivery(ben, delivery.id, RECEIVE)
    await purchasing.add_line(ben, delivery.id, line(iron))
    await purchasing.receive_delivery(ben, delivery.id, RECEIVE)
    await ben.flush()
    head, (first,) = DeliveryDraft(supplier_id=wholesale.id), delivery.lines
    for again in (
        purchasing.receive_delivery(ben, delivery.id, RECEIVE),
        purchasing.add_line(ben, delivery.id, line(iron)),
        purchasing.change_line(ben, delivery.id, first.id, line(iron, packs=9)),
        purchasing.take_away(ben, delivery.id, first.id),
        purchasing.scan_line(ben, delivery.id, PackScanDraft(code=GTIN)),
        purchasing.edit_delivery(ben, delivery.id, head),
        purchasing.cancel_delivery(ben, delivery.id, CancelDraft(reason="Twice")),
    ):
        with pytest.raises(NotADraft, match="is received"):
            await again
    assert await on_shelf(ben, iron) == D(30)


async def test_a_cancelled_draft_brings_nothing_and_frees_its_number(ben, wholesale, iron):
    delivery = await started(ben, wholesale)
    await purchasing.add_line(ben, delivery.id, line(iron))
    await purchasing.cancel_delivery(ben, delivery.id, CancelDraft(reason="Written twice"))
    await ben.flush()
    assert (await started(ben, wholesale)).number != delivery.number
    with pytest.raises(NotADraft, match="is cancelled"):
        await purchasing.receive_delivery(ben, delivery.id, RECEIVE)
    assert await on_shelf(ben, iron) == D(0)


async def test_whoever_has_not_seen_a_change_is_told(ben, kim, wholesale, iron):
    delivery = await started(ben, wholesale)
    page = await purchasing.add_line(ben, delivery.id, line(iron))
    seen, first = page.delivery.version, page.delivery.lines[0]
    old = first.version
    await purchasing.change_line(ben, delivery.id, first.id, line(iron, packs=2, version=old))
    with pytest.raises(Stale):
        await purchasing.change_line(ben, delivery.id, first.id, line(iron, packs=7, version=old))
    ben.locked.clear()
    with pytest.raises(Stale):
        await purchasing.receive_delivery(ben, delivery.id, ReceiptDraft(version=seen))
    assert await on_shelf(ben, iron) == D(0)


async def test_a_dearer_pack_is_seen_against_the_last_one(ben, wholesale, iron):
    first = await started(ben, wholesale)
    await purchasing.add_line(ben, first.id, line(iron, packs=10, price=6))
    await purchasing.receive_delivery(ben, first.id, RECEIVE)
    await ben.flush()
    second = await started(ben, wholesale, "N-2")
    page = await purchasing.add_line(ben, second.id, line(iron, "B2", packs=5, price=33, priced="the whole line"))
    assert [row.dearer for row in page.rows] == ["+10.0 %"]
    page = await purchasing.change_line(
        ben, second.id, second.lines[0].id, line(iron, "B2", packs=4, free_packs=1, price=6)
    )
    assert [row.dearer for row in page.rows] == ["-20.0 %"]
    await purchasing.receive_delivery(ben, second.id, RECEIVE)
    assert second.lines[0].last_cost == D(6)


async def test_one_batch_in_two_places_has_one_cost(ben, wholesale, iron):
    delivery = await started(ben, wholesale)
    await purchasing.add_line(ben, delivery.id, line(iron, packs=1, price=3, location="A"))
    await purchasing.add_line(ben, delivery.id, line(iron, packs=1, price=6, location="B"))
    await purchasing.receive_delivery(ben, delivery.id, RECEIVE)
    batches = list(await ben.db.scalars(select(Batch).where(Batch.product_id == iron.id)))
    assert [batch.unit_cost for batch in batches] == [D("0.15")]


async def test_a_delivery_comes_to_where_stock_is_kept_and_on_no_day_to_come(ben, wholesale, iris):
    await archive_supplier(ben, (await supplier(ben, "Gone Ltd")).id)
    gone = await ben.db.scalar(select(Supplier).where(Supplier.name == "Gone Ltd"))
    with pytest.raises(SupplierArchived):
        await started(ben, gone)
    with pytest.raises(Invalid, match="still to come"):
        await purchasing.start_delivery(ben, DeliveryDraft(supplier_id=wholesale.id, day="2026-11-21"))
    from galen import organizations

    draft = organizations.SiteDraft(name="Hill Clinic", kind=organizations.SiteKind.CLINIC)
    clinic = await organizations.add_site(iris, draft)
    await iris.flush()
    with pytest.raises(NotAStore):
        await purchasing.start_delivery(ben, DeliveryDraft(supplier_id=wholesale.id, site_id=clinic.id))


async def test_only_who_receives_stock_writes_deliveries(ada, nora, ruth, ben, wholesale, iron):
    delivery = await started(ben, wholesale)
    for ctx in (ada, nora, ruth):
        with pytest.raises(Forbidden):
            await purchasing.add_line(ctx, delivery.id, line(iron))
        with pytest.raises(Forbidden):
            await purchasing.deliveries(ctx)
        with pytest.raises(Forbidden):
            await supplier(ctx, "Northern Wholesale")


async def test_a_delivery_is_found_by_its_numbers_its_supplier_and_its_batches(ben, wholesale, iron):
    delivery = await started(ben, wholesale, "LS 77%1")
    await purchasing.add_line(ben, delivery.id, line(iron, "AB12"))
    await ben.flush()
    for q in (delivery.number, "77%", "southern", "AB1"):
        assert [found.id for found in (await purchasing.deliveries(ben, q)).items] == [delivery.id], q
    for q in ("77_1", "B12", "nobody"):
        assert (await purchasing.deliveries(ben, q)).items == [], q
    assert (await purchasing.deliveries(ben, status=DeliveryStatus.RECEIVED)).items == []
