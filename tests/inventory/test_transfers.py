"""Stock between two sites: it leaves one shelf, is nobody's on its way, and lies on the other as what has arrived."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select, text

from galen import inventory, medicines, organizations
from galen.core.context import Context
from galen.core.errors import Forbidden, Invalid
from galen.core.finish import finish
from galen.core.state import CannotBecome
from galen.inventory import BatchDraft, BatchReasonDraft, MovementKind, StockLevel, Transfer
from galen.inventory.models import BatchStatus, TransferStatus
from galen.inventory.schemas import ArrivalDraft, BatchChange, TransferDraft
from galen.inventory.service import cancel_transfer, change_batch, send_stock, take_in
from galen.inventory.service.moves import NotThatMuch
from galen.inventory.service.transfers import NotForHere, NotFromHere, NotSentFromHere, NotToThere, StaysHere
from galen.medicines import Product

D = Decimal
SAID = BatchReasonDraft(reason="Packed by mistake")


@pytest.fixture
async def second(iris: Context) -> organizations.Site:
    draft = organizations.SiteDraft(name="Hill Pharmacy", kind=organizations.SiteKind.PHARMACY)
    site: organizations.Site = await organizations.add_site(iris, draft)
    await iris.flush()
    return site


@pytest.fixture
async def kim_there(kim: Context, second: organizations.Site) -> Context:
    kim.site = second.info
    return kim


@pytest.fixture
async def iron(ben: Context) -> Product:
    part = medicines.PartDraft(name="ferrous sulfate", strength="321 mg")
    draft = medicines.MedicineDraft(ingredients=[part], form="tablet", pack_size=D(30), price=D(7))
    product: Product = await medicines.add_medicine(ben, draft)
    return product


async def shelved(ben: Context, product: Product, number: str = "F1", packs: int = 3) -> StockLevel:
    said = {"product_id": product.id, "number": number, "expires": "2028-01", "packs": packs}
    batch = await inventory.receive(ben, BatchDraft.model_validate(said))
    await ben.flush()
    level = await ben.db.scalar(select(StockLevel).where(StockLevel.batch_id == batch.id))
    assert level
    return level


def to(site: organizations.Site, *lines: tuple[StockLevel, int]) -> TransferDraft:
    said = [{"level_id": level.id, "quantity": quantity} for level, quantity in lines]
    return TransferDraft.model_validate({"to_site_id": site.id, "lines": said})


async def usable(ctx: Context, product: Product, *sites: Any) -> list[Decimal]:
    await ctx.flush()
    return [(await inventory.on_hand(ctx, [product.id], site.id))[product.id] for site in sites]


async def test_on_its_way_it_is_on_no_shelf_and_arrives_on_the_other(ben, kim_there, second, iron):
    here, level = ben.site, await shelved(ben, iron)
    transfer = await send_stock(ben, to(second, (level, 40)))
    assert await usable(ben, iron, here, second) == [D(50), D(0)]
    transfer = await take_in(kim_there, transfer.id, ArrivalDraft())
    await kim_there.flush()
    assert await usable(ben, iron, here, second) == [D(50), D(40)]
    assert (transfer.status, transfer.arrived_name) == (TransferStatus.ARRIVED, kim_there.actor.name)
    ledger = (await inventory.movements(ben, product_id=iron.id)).items
    assert [(line.kind, line.quantity, line.balance) for line in reversed(ledger)] == [
        (MovementKind.RECEIVE, D(90), D(90)),
        (MovementKind.SEND, D(-40), D(50)),
        (MovementKind.ARRIVE, D(40), D(40)),
    ]
    assert await inventory.drift(ben) == []


async def test_what_did_not_arrive_stays_on_the_paper_with_the_reason(ben, kim_there, second, iron):
    transfer = await send_stock(ben, to(second, (await shelved(ben, iron), 40)))
    await ben.flush()
    (line,) = transfer.lines
    with pytest.raises(Invalid, match="why less has arrived") as refused:
        await take_in(kim_there, transfer.id, ArrivalDraft(lines=[{"line_id": line.id, "quantity": 38}]))
    assert refused.value.field == "lines.0.reason"
    kim_there.db.expunge_all()
    said = {"line_id": line.id, "quantity": 38, "reason": "Two crushed", "location": "B2"}
    found = await take_in(kim_there, transfer.id, ArrivalDraft(lines=[said]))
    assert [(line.missing, line.short_because) for line in found.short] == [(D(2), "Two crushed")]
    assert await usable(ben, iron, second) == [D(38)]
    assert await inventory.drift(ben) == []


async def test_more_than_was_sent_does_not_arrive(ben, kim_there, second, iron):
    transfer = await send_stock(ben, to(second, (await shelved(ben, iron), 40)))
    await ben.flush()
    said = {"line_id": transfer.lines[0].id, "quantity": 41}
    with pytest.raises(Invalid, match="More than was sent"):
        await take_in(kim_there, transfer.id, ArrivalDraft(lines=[said]))


async def test_what_was_sent_by_mistake_comes_back_to_where_it_lay(ben, kim_there, second, iron):
    first, other = await shelved(ben, iron), await shelved(ben, iron, "F2", 1)
    transfer = await send_stock(ben, to(second, (first, 40), (other, 30)))
    await cancel_transfer(ben, transfer.id, SAID)
    await ben.flush()
    assert (first.quantity, other.quantity) == (D(90), D(30))
    with pytest.raises(CannotBecome):
        await take_in(kim_there, transfer.id, ArrivalDraft())
    assert await inventory.drift(ben) == []


async def test_it_is_taken_in_once_and_only_where_it_goes(ben, kim_there, second, iron):
    transfer = await send_stock(ben, to(second, (await shelved(ben, iron), 40)))
    await ben.flush()
    with pytest.raises(NotForHere):
        await take_in(ben, transfer.id, ArrivalDraft())
    with pytest.raises(NotSentFromHere):
        await cancel_transfer(kim_there, transfer.id, SAID)
    await finish(ben)
    await take_in(kim_there, transfer.id, ArrivalDraft())
    await kim_there.flush()
    with pytest.raises(CannotBecome):
        await take_in(kim_there, transfer.id, ArrivalDraft())
    with pytest.raises(CannotBecome):
        await cancel_transfer(ben, transfer.id, SAID)
    assert await usable(ben, iron, second) == [D(40)]


async def test_a_recall_reaches_what_is_on_its_way(ben, kim_there, second, iron):
    level = await shelved(ben, iron)
    transfer = await send_stock(ben, to(second, (level, 40)))
    await ben.flush()
    recalled = BatchChange(status=BatchStatus.RECALLED, reason="Maker's notice 7")
    await change_batch(ben, level.batch_id, recalled)
    await ben.flush()
    await take_in(kim_there, transfer.id, ArrivalDraft())
    assert await usable(ben, iron, ben.site, second) == [D(0), D(0)]
    with pytest.raises(StaysHere):
        await send_stock(ben, to(second, (level, 1)))


async def test_only_what_lies_here_is_sent_and_only_to_where_stock_is_kept(ben, kim_there, second, iron, iris):
    level = await shelved(ben, iron)
    with pytest.raises(NotThatMuch):
        await send_stock(ben, to(second, (level, 91)))
    with pytest.raises(NotFromHere):
        await send_stock(kim_there, to(ben.site, (level, 1)))
    with pytest.raises(Invalid, match="another site"):
        await send_stock(ben, to(ben.site, (level, 1)))
    with pytest.raises(Invalid, match="twice"):
        await send_stock(ben, to(second, (level, 1), (level, 2)))
    clinic = organizations.SiteDraft(name="Hill Clinic", kind=organizations.SiteKind.CLINIC)
    with pytest.raises(NotToThere):
        await send_stock(ben, to(await organizations.add_site(iris, clinic), (level, 1)))
    for quantity in (0, -1):
        with pytest.raises(ValidationError):
            to(second, (level, quantity))


async def test_who_may_not_adjust_stock_sends_none(ada, ruth, ben, second, iron):
    level = await shelved(ben, iron)
    for ctx in (ada, ruth):
        with pytest.raises(Forbidden):
            await send_stock(ctx, to(second, (level, 1)))


async def test_the_pages_send_and_take_in(ben, client, second, iron):
    level = await shelved(ben, iron)
    await finish(ben)
    browser = await client("ben", page=True)
    form = await browser.get("/inventory/transfers/new", params={"level_id": str(level.id)})
    assert "Hill Pharmacy" in form.text and "F1" in form.text
    said = {"to_site_id": str(second.id), "lines.0.level_id": str(level.id), "lines.0.quantity": "40"}
    answer = await browser.post("/inventory/transfers", data=said)
    assert answer.status_code == 303
    paper = await browser.get(answer.headers["location"])
    assert "1 pack + 10 tablets" in paper.text and "Take all of it back" in paper.text
    assert "Put on the shelf" not in paper.text
    assert "Hill Pharmacy" in (await browser.get("/inventory/transfers")).text
    offered = await browser.get("/inventory/levels/options", params={"q": "ferrous sulfate 321"})
    assert "F1" in offered.text


async def test_a_movement_that_no_paper_knows_is_found(ben, second, iron):
    transfer = await send_stock(ben, to(second, (await shelved(ben, iron), 40)))
    await ben.flush()
    raw = text("UPDATE transfer_line SET quantity = 41 WHERE transfer_id = :id")
    await ben.db.execute(raw, {"id": transfer.id}, execution_options={"bypass_visibility": True})
    (found,) = await inventory.drift(ben)
    assert (found.what, found.quantity, found.moved) == ("sent to another site", D(-41), D(-40))


def test_a_transfer_is_a_record_of_its_own():
    assert Transfer.thing() == "transfer"
