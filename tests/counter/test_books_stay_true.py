"""Whatever is sold, put on accounts, given back and counted, the books sum to nothing and agree with the till."""

import random
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from galen import billing, counter
from galen.billing import (
    AccountPaymentDraft,
    ChargeAccount,
    ChargeAccountDraft,
    DrawerDraft,
    LedgerAccount,
    Method,
    Payment,
    TillClosingDraft,
    TillCountDraft,
    TillOpeningDraft,
    TillSession,
)
from galen.billing.schemas import CloseDraft
from galen.billing.service import close_till
from galen.core.context import Context
from galen.core.errors import Refusal
from galen.counter import Goods, Sale, SaleReturnDraft, TenderDraft, TendersDraft
from galen.medicines import Product
from tests.counter.people import added, article, books, sold, tablets

D = Decimal


async def one_step(ctx: Context, dice: random.Random, goods: list[Product], account: ChargeAccount) -> str:
    """A sale in some way, a return of something, or a payment against the account; what was refused changes nothing."""
    ctx.locked.clear()
    what = dice.choice(["cash", "card", "mixed", "account", "voucher", "back", "pay"])
    if what == "back":
        done = list(await ctx.db.scalars(select(Sale).where(Sale.status == "sold").order_by(Sale.id)))
        lines = [(sale, line) for sale in done for line in sale.lines if line.left]
        if lines:
            sale, line = dice.choice(lines)
            draft = SaleReturnDraft(line_id=line.id, quantity=D(1), goods=Goods.SET_ASIDE, reason="Changed their mind")
            await counter.return_item(ctx, sale.id, draft)
    elif what == "pay":
        method = dice.choice([Method.CASH, Method.CARD, Method.TRANSFER])
        try:
            await billing.pay_account(ctx, account.id, AccountPaymentDraft(method=method))
        except Refusal:
            return "nothing owed"
    else:
        for product in dice.sample(goods, dice.randint(1, 3)):
            sale = await added(ctx, product, units=dice.randint(0, 2))
        card, cash = TenderDraft(method=Method.CARD, amount=D("0.37")), TenderDraft(method=Method.CASH)
        ways = {
            "cash": [cash],
            "card": [TenderDraft(method=Method.CARD)],
            "mixed": [card, cash],
            "voucher": [TenderDraft(method=Method.VOUCHER, terminal_reference="V-1")],
            "account": [TenderDraft(method=Method.ACCOUNT, charge_account_id=account.id)],
        }
        await sold(ctx, sale, TendersDraft(tenders=ways[what]))
    await ctx.flush()
    return what


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_the_books_agree_at_every_step_and_at_the_close_of_the_day(max: Context, seed: int) -> None:
    dice = random.Random(seed)
    drawer = await billing.add_drawer(max, DrawerDraft(name="Counter one"))
    await max.flush()
    session = await billing.open_till(max, TillOpeningDraft(drawer_id=drawer.id, amount=D(500)))
    account = await billing.open_account(max, ChargeAccountDraft(holder="Home", credit_limit=D(5000)))
    goods = [
        await article(max, "Comb", "2.03"),
        await article(max, "Mirror", "10.97"),
        await tablets(max, "loratadine", "10 mg", 10, price="4.99"),
    ]
    await max.flush()
    for _turn in range(14):
        try:
            await one_step(max, dice, goods, account)
        except Refusal as refusal:
            assert refusal.code == "out_of_stock"
        assert await billing.unbalanced(max) == []
        there = await books(max)
        assert sum(there.values()) == 0
        till = await max.db.scalar(select(TillSession.cash).where(TillSession.id == session.id))
        owed = await max.db.scalar(select(ChargeAccount.balance).where(ChargeAccount.id == account.id))
        assert (there[LedgerAccount.CASH], there[LedgerAccount.ACCOUNTS]) == (till, owed)
    await closed(max, session.id, D(till or 0))
    there = await books(max)
    assert there[LedgerAccount.CASH] == 0 and there[LedgerAccount.OVER_SHORT] == 1
    methods = set(await max.db.scalars(select(Payment.method).distinct()))
    assert len(methods) > 1


async def closed(ctx: Context, session_id: Any, cash: Decimal) -> None:
    """The till is counted a dollar short and closed."""
    ctx.locked.clear()
    await billing.count_till(ctx, session_id, TillCountDraft(other=cash - 1))
    await billing.close_session(ctx, session_id, TillClosingDraft(amount=D(0), reason="A dollar fell under the desk"))
    await ctx.flush()


async def test_the_day_s_close_books_what_the_counter_took_in_every_way(max: Context) -> None:
    comb = await article(max, "Comb", "2.00")
    account = await billing.open_account(max, ChargeAccountDraft(holder="Home", credit_limit=D(50)))
    await max.flush()
    for way in (
        TenderDraft(method=Method.CASH, tendered=D(5)),
        TenderDraft(method=Method.VOUCHER, terminal_reference="V-1"),
        TenderDraft(method=Method.ACCOUNT, charge_account_id=account.id),
    ):
        await sold(max, await added(max, comb), TendersDraft(tenders=[way]))
        max.locked.clear()
    await billing.pay_account(max, account.id, AccountPaymentDraft(method=Method.CASH))
    await max.flush()
    close = await close_till(max, CloseDraft(counted=D("4.50"), reason="Somebody gave too much"))
    await max.flush()
    assert close.totals == {
        "cash": {"count": 2, "total": "4.00"},
        "voucher": {"count": 1, "total": "2.00"},
        "account": {"count": 1, "total": "2.00"},
    }
    there = await books(max)
    assert (there[LedgerAccount.CASH], there[LedgerAccount.OVER_SHORT]) == (D("4.50"), D("-0.50"))
    assert (there[LedgerAccount.VOUCHERS], there[LedgerAccount.ACCOUNTS]) == (D("2.00"), 0)
    assert await max.db.scalar(select(func.count()).select_from(Payment)) == 4
