"""What sales say left the shelf, and came back there, is held against the ledger."""

from decimal import Decimal

from galen import counter
from galen.core.context import Context
from galen.counter import SaleReturnDraft
from tests.counter.people import added, article, sold
from tests.inventory.tampering import tampered

D = Decimal


async def test_sold_given_back_and_left_alone_agree_with_the_ledger(max: Context) -> None:
    sun = await article(max)
    sale = await sold(max, await added(max, sun, 4))
    await added(max, sun, 2)  # in hand: nothing has left for it
    assert await counter.drift(max) == []
    back = {"line_id": sale.lines[0].id, "quantity": 1, "reason": "Too many", "goods": "back on the shelf"}
    await counter.return_item(max, sale.id, SaleReturnDraft.model_validate(back))
    await max.flush()
    assert await counter.drift(max) == []


async def test_a_line_that_was_changed_afterwards_is_named(max: Context) -> None:
    sale = await sold(max, await added(max, await article(max), 4))
    await tampered(max, "UPDATE org_north.sale_line SET quantity = 3 WHERE sale_id = :id", id=sale.id)
    (found,) = await counter.drift(max)
    assert (found.what, found.quantity, found.moved) == ("sold", D(3), D(4))
