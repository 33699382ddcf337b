"""What comes back: money the way it came, tax the way it was charged; no medicine is ever sold again."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from galen import billing, counter
from galen.billing import CreditNote, LedgerAccount, Method, RefundDraft
from galen.core.context import Context
from galen.core.errors import Forbidden, Invalid
from galen.counter import Goods, Sale, SaleReturn, SaleReturnDraft, TenderDraft, TendersDraft
from galen.counter.refusals import GivenBackAlready, NoMedicineBack, NotSold
from galen.counter.rules import part_of
from tests.counter.people import added, article, books, card, sold, tablets

D = Decimal


def back(line: object, quantity: int = 1, goods: Goods = Goods.SET_ASIDE, witness: str = "") -> SaleReturnDraft:
    return SaleReturnDraft.model_validate(
        {"line_id": line, "quantity": quantity, "goods": goods, "witness": witness, "reason": "The wrong colour"}
    )


async def mixed(max: Context) -> Sale:
    """Tablets without tax and sunscreen with it, paid half by card and half in coins."""
    pills = await tablets(max, "loratadine", "10 mg", 10)
    await added(max, pills, packs=2)
    sale = await added(max, await article(max), packs=3)  # 10.00 + 32.91
    tenders = [card("30.00"), TenderDraft(method=Method.CASH, tendered=D(20))]
    return await sold(max, sale, TendersDraft(tenders=tenders))


async def test_the_tax_of_the_very_line_falls_and_the_latest_payment_goes_back_first(max: Context) -> None:
    sale = await mixed(max)
    pills, sun = sale.lines
    before = await books(max)
    returned = await counter.return_item(max, sale.id, back(sun.id, 2, Goods.SHELF))
    await max.flush()
    after = await books(max)
    assert (returned.amount, returned.currency) == (D("21.94"), "AUD")
    assert after[LedgerAccount.TAX] - before[LedgerAccount.TAX] == D("1.99")
    assert after[LedgerAccount.CARD] - before[LedgerAccount.CARD] == D("-9.03")
    assert after[LedgerAccount.CASH] - before[LedgerAccount.CASH] == D("-12.90")
    assert await on_hand_of(max, sun.product_id) == 9
    assert await billing.unbalanced(max) == []
    await counter.return_item(max, sale.id, back(pills.id, 20))
    await counter.return_item(max, sale.id, back(sun.id, 1, Goods.DESTROYED, "Max Manager"))
    await max.flush()
    assert await billing.unbalanced(max) == []
    credited = select(func.sum(CreditNote.total)).where(CreditNote.invoice_id == sale.invoice_id)
    assert await max.db.scalar(credited) == D("-42.91")
    assert await max.db.scalar(select(func.count()).select_from(SaleReturn)) == 3


async def test_what_was_refunded_on_the_invoice_is_not_given_back_again(max: Context) -> None:
    sale = await mixed(max)
    paid = await billing.payments_of(max, sale.invoice_id)  # type: ignore[arg-type]
    await billing.refund(max, paid[0].id, RefundDraft(charge="falls", reason="The whole card"))
    await max.flush()
    with pytest.raises(GivenBackAlready):
        await counter.return_item(max, sale.id, back(sale.lines[1].id, 3))
    await counter.return_item(max, sale.id, back(sale.lines[1].id, 1))
    await max.flush()
    assert await billing.unbalanced(max) == []


async def on_hand_of(ctx: Context, product_id: object) -> Decimal:
    from galen import inventory

    return (await inventory.on_hand(ctx, [product_id]))[product_id]  # type: ignore[list-item,index]


async def test_a_medicine_never_goes_back_on_the_shelf(max: Context) -> None:
    sale = await mixed(max)
    pills = sale.lines[0]
    left = await on_hand_of(max, pills.product_id)
    with pytest.raises(NoMedicineBack):
        await counter.return_item(max, sale.id, back(pills.id, 5, Goods.SHELF))
    await counter.return_item(max, sale.id, back(pills.id, 5))
    assert await on_hand_of(max, pills.product_id) == left


async def test_no_more_comes_back_than_was_sold_and_destroying_has_a_witness(max: Context, ruth: Context) -> None:
    sale = await mixed(max)
    sun = sale.lines[1]
    with pytest.raises(Invalid):
        await counter.return_item(max, sale.id, back(sun.id, 4))
    with pytest.raises(Invalid):
        await counter.return_item(max, sale.id, back(sun.id, 1, Goods.DESTROYED))
    with pytest.raises(Forbidden):
        await counter.return_item(ruth, sale.id, back(sun.id))
    open_one = await added(max, await article(max, "Comb", "2.00"))
    with pytest.raises(NotSold):
        await counter.return_item(max, open_one.id, back(open_one.lines[0].id))


@pytest.mark.parametrize(
    ("total", "quantity", "pieces"), [("10.00", 3, [1, 1, 1]), ("0.01", 7, [3, 4]), ("32.91", 3, [2, 1]), ("5", 1, [1])]
)
def test_what_comes_back_in_pieces_comes_to_the_whole(total: str, quantity: int, pieces: list[int]) -> None:
    before, given = D(0), D(0)
    for piece in pieces:
        given += part_of(D(total), D(quantity), before, D(piece))
        before += piece
    assert given == D(total)
