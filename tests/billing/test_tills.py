"""The till: a float, what goes in and out, a blind count, a numbered report; and the books agree at every step."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from galen import billing, organizations
from galen.billing import (
    CashFor,
    CashMovement,
    CashMovementDraft,
    ChargeLine,
    Drawer,
    DrawerDraft,
    LedgerAccount,
    Method,
    Payment,
    PaymentDraft,
    Posting,
    RefundDraft,
    TillClosingDraft,
    TillCountDraft,
    TillOpeningDraft,
    TillPolicyDraft,
    TillSession,
    Transaction,
    ZReport,
)
from galen.billing.notes_and_coins import counted, pieces
from galen.billing.schemas import CloseDraft
from galen.billing.service import close_till, drawers, my_till, rename_drawer, retire_drawer, till, use_drawer
from galen.billing.service.drawers import DrawerInUse, DrawerNameTaken
from galen.billing.service.tills import (
    ClosedTwice,
    DrawerRetired,
    DrawerTaken,
    NotCounted,
    NotEnoughCash,
    TillNeeded,
    TillNotOpen,
    TillOpenAlready,
)
from galen.core.context import Context
from galen.core.errors import Forbidden, Invalid, NotFound, Refusal
from galen.patients import Patient
from tests.billing.test_charging import charged

D = Decimal


async def desk(max: Context, ctx: Context, name: str = "Front desk") -> Drawer:
    """A drawer at the site where somebody works."""
    max.site = ctx.site
    drawer = await billing.add_drawer(max, DrawerDraft(name=name))
    await max.flush()
    return drawer


async def at_till(ctx: Context, drawer: Drawer, amount: str = "150.00", reason: str = "") -> TillSession:
    session = await billing.open_till(ctx, TillOpeningDraft(drawer_id=drawer.id, amount=D(amount), reason=reason))
    await ctx.flush()
    return session


async def sold(ctx: Context, patient: Patient, price: str, method: Method = Method.CASH) -> Payment:
    invoice = await charged(ctx, patient, ChargeLine("Sunscreen", D(1), D(price), "goods"))
    payment = await billing.take_payment(ctx, invoice.id, PaymentDraft(method=method))
    await ctx.flush()
    return payment


def cash(direction: Any, amount: str, purpose: CashFor = CashFor.SAFE) -> CashMovementDraft:
    return CashMovementDraft(
        direction=direction, purpose=purpose, amount=D(amount), reason="Change for the day", authority="Max"
    )


def one_sum(amount: str) -> TillCountDraft:
    return TillCountDraft(other=D(amount))


async def closed(ctx: Context, session: TillSession, amount: str, left: str = "0", reason: str = "") -> ZReport:
    await billing.count_till(ctx, session.id, one_sum(amount))
    z = await billing.close_session(ctx, session.id, TillClosingDraft(amount=D(left), reason=reason))
    await ctx.flush()
    return z


async def expected(ctx: Context, session: TillSession) -> Decimal:
    await ctx.flush()
    return D(await ctx.db.scalar(select(TillSession.cash).where(TillSession.id == session.id)) or 0)


async def in_books(ctx: Context, session: TillSession, account: LedgerAccount = LedgerAccount.CASH) -> Decimal:
    await ctx.flush()
    query = (
        select(func.coalesce(func.sum(Posting.amount), 0))
        .join(Transaction, Transaction.id == Posting.transaction_id)
        .where(Transaction.till_session_id == session.id, Posting.account == account)
    )
    return D(await ctx.db.scalar(query) or 0)


async def test_a_day_at_the_till_from_the_float_to_the_report(ruth: Context, max: Context, mara: Patient) -> None:
    drawer = await desk(max, ruth)
    session = await at_till(ruth, drawer)
    paid = await sold(ruth, mara, "12.33")
    card = await sold(ruth, mara, "40.00", Method.CARD)
    assert {paid.till_session_id, card.till_session_id} == {session.id}
    await billing.move_cash(ruth, session.id, cash("in", "20.00"))
    await billing.move_cash(ruth, session.id, cash("out", "7.50", CashFor.SUNDRY))
    assert await expected(ruth, session) == await in_books(ruth, session) == D("174.85")
    z = await closed(ruth, session, "174.80", left="150", reason="Five cents too much change")
    assert (z.number, z.expected, z.counted, z.difference) == (1, D("174.85"), D("174.80"), D("-0.05"))
    assert (z.opening_float, z.paid_in, z.paid_out, z.left_in) == (D(150), D(20), D("7.50"), D(150))
    assert [(line["method"], line["count"], line["total"]) for line in z.totals] == [
        ("cash", 1, "12.35"),
        ("card", 1, "40.00"),
    ]
    assert await in_books(ruth, session) == 0
    assert await in_books(ruth, session, LedgerAccount.OVER_SHORT) == D("0.05")
    assert await in_books(ruth, session, LedgerAccount.SUNDRY) == D("7.50")
    assert await in_books(ruth, session, LedgerAccount.SAFE) == D("4.80")
    assert await billing.unbalanced(ruth) == []


async def test_what_should_be_there_is_told_only_after_the_count(ruth: Context, max: Context, mara: Patient) -> None:
    session = await at_till(ruth, await desk(max, ruth))
    await sold(ruth, mara, "10.00")
    await sold(ruth, mara, "30.00", Method.CARD)
    x = await billing.till_report(ruth, session.id)
    assert (x.expected, x.cash_receipts, [line.method for line in x.lines]) == (None, 1, [Method.CARD])
    of_ruths = await billing.till_report(max, session.id)
    assert of_ruths.expected is not None and of_ruths.expected.amount == D(160)
    await billing.count_till(ruth, session.id, one_sum("160"))
    after = await billing.till_report(ruth, session.id)
    assert after.expected is not None and after.expected.amount == D(160)
    assert [line.method for line in after.lines] == [Method.CASH, Method.CARD]


async def test_a_count_can_be_sent_again_and_the_first_is_kept(ruth: Context, max: Context) -> None:
    session = await at_till(ruth, await desk(max, ruth))
    await billing.count_till(ruth, session.id, one_sum("105"))
    z = await closed(ruth, session, "150")
    assert (z.times_counted, z.difference) == (2, D(0))
    stored = (await ruth.db.execute(select(TillSession.counts).where(TillSession.id == session.id))).scalar_one()
    assert [count["total"] for count in stored] == ["105.00", "150.00"]


async def test_once_counted_a_till_takes_no_money(ruth: Context, max: Context, mara: Patient) -> None:
    session = await at_till(ruth, await desk(max, ruth))
    await billing.count_till(ruth, session.id, one_sum("150"))
    with pytest.raises(TillNotOpen):
        await sold(ruth, mara, "10.00")
    with pytest.raises(TillNotOpen):
        await billing.move_cash(ruth, session.id, cash("in", "5"))
    assert await expected(ruth, session) == D(150)
    assert (await sold(ruth, mara, "10.00", Method.CARD)).till_session_id is None


async def test_a_till_is_closed_once_and_stays_closed(ruth: Context, max: Context) -> None:
    session = await at_till(ruth, await desk(max, ruth))
    with pytest.raises(NotCounted):
        await billing.close_session(ruth, session.id, TillClosingDraft())
    await closed(ruth, session, "150")
    with pytest.raises(ClosedTwice, match="Corrections are made in a new till"):
        await billing.close_session(ruth, session.id, TillClosingDraft())
    with pytest.raises(ClosedTwice):
        await billing.count_till(ruth, session.id, one_sum("1"))
    with pytest.raises(TillNotOpen):
        await billing.move_cash(ruth, session.id, cash("in", "5"))
    assert await ruth.db.scalar(select(func.count()).select_from(ZReport)) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE till_session SET status = 'open', counted = NULL",
        "DELETE FROM till_session",
        "UPDATE z_report SET counted = 0",
        "DELETE FROM z_report",
        "UPDATE cash_movement SET amount = 1",
        "UPDATE payment SET till_session_id = NULL",
    ],
)
async def test_the_database_itself_keeps_a_closed_till(ruth: Context, max: Context, statement: str) -> None:
    session = await at_till(ruth, await desk(max, ruth))
    await billing.move_cash(ruth, session.id, cash("in", "5"))
    await closed(ruth, session, "155")
    with pytest.raises(DBAPIError, match=r"append-only|permission denied"):
        async with ruth.db.begin_nested():
            await ruth.db.execute(text(statement))


@pytest.mark.parametrize("there, reason, kept", [("150.05", "", True), ("149.95", "", True), ("151", "Found", True)])
async def test_a_small_difference_needs_no_reason(
    ruth: Context, max: Context, there: str, reason: str, kept: bool
) -> None:
    session = await at_till(ruth, await desk(max, ruth))
    await billing.set_till_policy(max, TillPolicyDraft(tolerance=D("0.50")))
    await max.flush()
    z = await closed(ruth, session, there, reason=reason)
    assert z.difference == D(there) - 150


@pytest.mark.parametrize(
    "there, said", [("150.55", "0.55 AUD over"), ("149.45", "0.55 AUD short"), ("0", "150.00 AUD")]
)
async def test_a_larger_difference_needs_one(ruth: Context, max: Context, there: str, said: str) -> None:
    session = await at_till(ruth, await desk(max, ruth))
    await billing.set_till_policy(max, TillPolicyDraft(tolerance=D("0.50")))
    await max.flush()
    await billing.count_till(ruth, session.id, one_sum(there))
    with pytest.raises(Invalid, match=said) as refusal:
        await billing.close_session(ruth, session.id, TillClosingDraft())
    assert refusal.value.field == "reason"
    assert await ruth.db.scalar(select(func.count()).select_from(ZReport)) == 0


async def test_the_next_float_is_what_was_left_in(ruth: Context, ben: Context, max: Context) -> None:
    drawer = await desk(max, ruth)
    ben.site = ruth.site
    await closed(ruth, await at_till(ruth, drawer), "150", left="100")
    with pytest.raises(Invalid, match=r"100.00 AUD was left in this drawer"):
        await at_till(ben, drawer, "90")
    session = await at_till(ben, drawer, "90", reason="A note was missing")
    assert await expected(ben, session) == await in_books(ben, session) == D(90)
    assert await in_books(ben, session, LedgerAccount.OVER_SHORT) == D(10)
    assert await in_books(ben, session, LedgerAccount.SAFE) == D(-100)
    assert (await closed(ben, session, "90")).number == 2


async def test_more_than_was_counted_cannot_be_left_in(ruth: Context, max: Context) -> None:
    session = await at_till(ruth, await desk(max, ruth))
    await billing.count_till(ruth, session.id, one_sum("150"))
    with pytest.raises(Invalid, match=r"Only 150.00 AUD was counted"):
        await billing.close_session(ruth, session.id, TillClosingDraft(amount=D("150.05")))


async def test_one_till_for_a_person_and_one_for_a_drawer(ruth: Context, ben: Context, max: Context) -> None:
    front, back = await desk(max, ruth), await desk(max, ruth, "Pharmacy counter")
    ben.site = ruth.site
    await at_till(ruth, front)
    with pytest.raises(TillOpenAlready):
        await at_till(ruth, back)
    with pytest.raises(DrawerTaken):
        await at_till(ben, front)
    await at_till(ben, back)
    assert await ruth.db.scalar(select(func.count()).select_from(TillSession)) == 2


async def test_a_refund_in_cash_comes_from_the_till_of_who_refunds_and_not_beyond_it(
    ruth: Context, max: Context, mara: Patient
) -> None:
    front, back = await desk(max, ruth), await desk(max, ruth, "Office")
    await at_till(ruth, front)
    paid = await sold(ruth, mara, "50.00")
    own = await at_till(max, back, "20")
    with pytest.raises(NotEnoughCash):
        await billing.refund(max, paid.id, RefundDraft(reason="Came back", charge="falls"))
    assert await expected(max, own) == D(20)
    given = await billing.refund(max, paid.id, RefundDraft(amount=D("19.98"), reason="Came back", charge="falls"))
    await max.flush()
    assert given.till_session_id == own.id
    assert await expected(max, own) == await in_books(max, own) == D(0)


async def test_cash_is_never_paid_out_below_nothing(ruth: Context, max: Context) -> None:
    session = await at_till(ruth, await desk(max, ruth), "10")
    with pytest.raises(NotEnoughCash):
        await billing.move_cash(ruth, session.id, cash("out", "10.05"))
    await billing.move_cash(ruth, session.id, cash("out", "10"))
    assert await expected(ruth, session) == D(0)
    with pytest.raises(DBAPIError, match="till_session_cash_check"):
        async with ruth.db.begin_nested():
            await ruth.db.execute(text("UPDATE till_session SET cash = -1"))
    with pytest.raises(Invalid, match="cannot be paid in coins"):
        await billing.move_cash(ruth, session.id, cash("in", "0.03"))
    assert await ruth.db.scalar(select(func.count()).select_from(CashMovement)) == 1


async def test_a_site_may_want_a_till_for_all_cash(ruth: Context, max: Context, mara: Patient) -> None:
    loose = await sold(ruth, mara, "10.00")
    assert loose.till_session_id is None
    max.site = ruth.site
    await billing.set_till_policy(max, TillPolicyDraft(cash_needs_till=True))
    await max.flush()
    with pytest.raises(TillNeeded):
        await sold(ruth, mara, "10.00")
    with pytest.raises(TillNeeded):
        await billing.refund(max, loose.id, RefundDraft(reason="Came back", charge="falls"))
    assert (await sold(ruth, mara, "10.00", Method.CARD)).till_session_id is None
    session = await at_till(ruth, await desk(max, ruth))
    assert (await sold(ruth, mara, "10.00")).till_session_id == session.id


async def test_cash_without_a_till_is_counted_when_the_day_is_closed(
    ruth: Context, max: Context, mara: Patient
) -> None:
    await sold(ruth, mara, "10.00")
    session = await at_till(ruth, await desk(max, ruth))
    await sold(ruth, mara, "25.00")
    now = await till(max)
    assert (now.cash.amount, now.in_tills.amount, now.total.amount) == (D(10), D(25), D(35))
    await close_till(max, CloseDraft(counted=D("9.50"), reason="Half a dollar is missing"))
    await max.flush()
    query = select(func.sum(Posting.amount)).where(Posting.account == LedgerAccount.OVER_SHORT)
    assert await max.db.scalar(query) == D("0.50")
    assert await in_books(ruth, session) == D(175)
    assert await billing.unbalanced(max) == []


async def test_drawers_have_names_are_retired_and_used_again(ruth: Context, max: Context) -> None:
    drawer = await desk(max, ruth)
    with pytest.raises(DrawerNameTaken):
        await billing.add_drawer(max, DrawerDraft(name="Front desk"))
    await rename_drawer(max, drawer.id, DrawerDraft(name="Reception"))
    session = await at_till(ruth, drawer)
    with pytest.raises(DrawerInUse):
        await retire_drawer(max, drawer.id)
    await closed(ruth, session, "149", reason="One is missing")
    await retire_drawer(max, drawer.id)
    await max.flush()
    with pytest.raises(DrawerRetired):
        await at_till(ruth, drawer)
    assert (await my_till(ruth)).free == []
    await use_drawer(max, drawer.id)
    await max.flush()
    view = await drawers(max)
    assert [(now.drawer.name, now.drawer.retired) for now in view.drawers] == [("Reception", False)]
    assert [(person.cashier, person.closed, person.net.amount) for person in view.people] == [
        (ruth.actor.name, 1, D(-1))
    ]


async def test_only_who_may_works_at_tills_and_manages_drawers(
    ruth: Context, nora: Context, ben: Context, max: Context
) -> None:
    drawer = await desk(max, ruth)
    with pytest.raises(Forbidden):
        await billing.add_drawer(ruth, DrawerDraft(name="Mine"))
    with pytest.raises(Forbidden):
        await drawers(ben)
    with pytest.raises(Forbidden):
        await billing.open_till(nora, TillOpeningDraft(drawer_id=drawer.id, amount=D(1)))
    session = await at_till(ruth, drawer)
    for ask in (
        billing.till_report(ben, session.id),
        billing.count_till(ben, session.id, one_sum("1")),
        billing.move_cash(ben, session.id, cash("in", "5")),
    ):
        with pytest.raises(NotFound):
            await ask
    await billing.count_till(max, session.id, one_sum("150"))
    z = await billing.close_session(max, session.id, TillClosingDraft())
    assert (z.cashier, z.closed_by) == (ruth.actor.name, max.actor.name)


async def test_a_drawer_of_another_site_is_not_found(ruth: Context, max: Context) -> None:
    drawer = await desk(max, ruth)
    elsewhere = (await organizations.sites(max))[-1]
    assert elsewhere.id != drawer.site_id
    ruth.site = elsewhere.info
    with pytest.raises(NotFound):
        await at_till(ruth, drawer)


@pytest.mark.parametrize(
    "currency, numbers, other, sum_of_it",
    [
        ("AUD", {"50": 2, "0.05": 3}, "1.50", "101.65"),
        ("USD", {"20": 3, "0.25": 2, "0.01": 4}, "0", "60.54"),
        ("JPY", {"1000": 4, "5": 1}, "0", "4005"),
        ("KWD", {"0.250": 2, "0.005": 1}, "0", "0.505"),
        ("KES", {}, "1250.00", "1250.00"),
    ],
)
def test_notes_and_coins_add_up(currency: str, numbers: dict[str, int], other: str, sum_of_it: str) -> None:
    said = [(D(piece), number) for piece, number in numbers.items()]
    assert counted(said, D(other), currency).amount == D(sum_of_it)
    assert list(pieces(currency)) == sorted(pieces(currency), reverse=True)


@pytest.mark.parametrize("currency, piece, other", [("AUD", "3", "0"), ("USD", "0.05", "0.001"), ("AUD", "50", "0.02")])
def test_what_no_note_or_coin_makes_is_refused(currency: str, piece: str, other: str) -> None:
    with pytest.raises(ValueError):
        counted([(D(piece), 1)], D(other), currency)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["cash", "card", "refund", "in", "out", "count"]),
        st.integers(1, 4000).map(lambda cents: D(cents) / 100),
    ),
    min_size=1,
    max_size=10,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_what_should_be_there_is_what_the_books_say_whatever_happened(
    max: Context, mara: Patient, steps: list[tuple[str, Decimal]]
) -> None:
    outer = await max.db.begin_nested()
    try:
        session = await at_till(max, await desk(max, max, f"Desk {len(steps)}"), "50")
        paid: list[Payment] = []
        for what, amount in steps:
            in_coins = D(int(amount * 20)) / 20 or D("0.05")
            try:
                if what in ("cash", "card"):
                    paid.append(await sold(max, mara, str(amount), Method(what)))
                elif what == "refund" and paid:
                    back = RefundDraft(amount=amount, reason="Came back", charge="falls")
                    await billing.refund(max, paid[-1].id, back)
                elif what in ("in", "out"):
                    await billing.move_cash(max, session.id, cash(what, str(in_coins)))
                elif what == "count":
                    await billing.till_report(max, session.id)
            except Refusal:
                pass
            assert await expected(max, session) == await in_books(max, session) >= 0
        there = await expected(max, session)
        z = await closed(max, session, str(there))
        assert (z.difference, await in_books(max, session)) == (0, 0)
        assert await billing.unbalanced(max) == []
    finally:
        await outer.rollback()
        max.db.expunge_all()
        max.locked.clear()
