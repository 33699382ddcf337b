"""Charge accounts: a limit by authority, what is put on one, what is paid off first, and statements that add up."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from galen import billing
from galen.billing import (
    AccountPaymentDraft,
    ChargeAccount,
    ChargeAccountDraft,
    ChargeLine,
    LedgerAccount,
    Method,
    PaymentDraft,
    Posting,
    RefundDraft,
)
from galen.billing.rules import oldest_first
from galen.billing.service import account_statement, close_account, patient_statement
from galen.billing.service.limits import BeyondLimit, ChargeAccountClosed, LimitReached, NotOnAccount
from galen.billing.statement_papers import mail_monthly, print_account_statement, print_patient_statement
from galen.core.context import Context
from galen.core.errors import Forbidden, Invalid
from galen.core.web.endpoint import as_refusal
from galen.notifications import Message
from galen.patients import Patient
from tests.billing.test_charging import charged

D = Decimal


async def account(max: Context, patient: Patient, limit: str = "100.00", **more: object) -> ChargeAccount:
    draft = ChargeAccountDraft.model_validate(
        {"holder": "The Quill family", "kind": "family", "credit_limit": limit, "patient_id": patient.id, **more}
    )
    opened = await billing.open_account(max, draft)
    await max.flush()
    return opened


async def put(ctx: Context, patient: Patient, on: ChargeAccount, amount: str, why: str = "") -> billing.Payment:
    invoice = await charged(ctx, patient, ChargeLine("Dressing", D(1), D(amount), "medicine"))
    draft = PaymentDraft(method=Method.ACCOUNT, charge_account_id=on.id, over_limit=why)
    payment = await billing.take_payment(ctx, invoice.id, draft)
    await ctx.flush()
    return payment


async def balance(ctx: Context, on: ChargeAccount) -> Decimal:
    await ctx.flush()
    ctx.locked.clear()
    return D(await ctx.db.scalar(select(ChargeAccount.balance).where(ChargeAccount.id == on.id)) or 0)


async def in_books(ctx: Context) -> Decimal:
    query = select(func.coalesce(func.sum(Posting.amount), 0)).where(Posting.account == LedgerAccount.ACCOUNTS)
    return D(await ctx.db.scalar(query) or 0)


async def refreshed(ctx: Context) -> None:
    await ctx.flush()
    ctx.locked.clear()


async def test_what_is_put_on_an_account_is_paid_later_in_coins_too(max: Context, mara: Patient) -> None:
    family = await account(max, mara)
    await put(max, mara, family, "60.02")
    await refreshed(max)
    assert (await balance(max, family), await in_books(max)) == (D("60.02"), D("60.02"))
    await refreshed(max)
    paid = await billing.pay_account(max, family.id, AccountPaymentDraft(method=Method.CASH, tendered=D(100)))
    assert (paid.amount, paid.rounding, paid.change, paid.invoice_id) == (D("60.02"), D("-0.02"), D("40.00"), None)
    assert (await balance(max, family), await in_books(max)) == (0, 0)
    assert await billing.unbalanced(max) == []


async def test_nothing_goes_beyond_the_limit_but_by_authority_with_a_reason(
    max: Context, ruth: Context, mara: Patient
) -> None:
    family = await account(max, mara, "50.00")
    ruth.site = max.site
    await put(ruth, mara, family, "30.00")
    for why in ("", "She asked for it"):
        await refreshed(ruth)
        with pytest.raises(BeyondLimit, match=r"20\.00"):
            await put(ruth, mara, family, "20.01", why)
    await refreshed(max)
    with pytest.raises(BeyondLimit):
        await put(max, mara, family, "20.01")
    await refreshed(max)
    with pytest.raises(Invalid):
        await put(max, mara, family, "20.01", "no")
    await refreshed(max)
    beyond = await put(max, mara, family, "20.01", "The daughter pays on Monday")
    assert beyond.over_limit == "The daughter pays on Monday"
    assert await balance(max, family) == D("50.01")


async def test_the_database_holds_the_limit_by_itself(max: Context, mara: Patient) -> None:
    family = await account(max, mara, "10.00")
    payment = await put(max, mara, family, "9.00")
    forged = billing.Payment(
        **{c.key: getattr(payment, c.key) for c in billing.Payment.__table__.columns if c.key not in ("id", "serial")},
        serial=10**6,
    )
    max.add(forged)
    with pytest.raises(Exception, match="no more than its limit") as refused:
        await max.flush()
    assert isinstance(as_refusal(refused.value), LimitReached)  # type: ignore[arg-type]


async def test_a_stranger_a_closed_account_and_a_clerk_are_refused(
    max: Context, ruth: Context, mara: Patient, tom: Patient
) -> None:
    family = await account(max, mara)
    with pytest.raises(NotOnAccount):
        await put(max, tom, family, "5.00")
    with pytest.raises(Forbidden):
        await account(ruth, mara)
    await close_account(max, family.id, billing.AccountClosingDraft(reason="Moved away"))
    with pytest.raises(ChargeAccountClosed):
        await put(max, mara, family, "5.00")


async def test_what_is_refunded_comes_off_the_account(max: Context, mara: Patient) -> None:
    family = await account(max, mara)
    payment = await put(max, mara, family, "40.00")
    await billing.refund(max, payment.id, RefundDraft(amount=D(15), charge="falls", reason="Came back"))
    assert (await balance(max, family), await in_books(max)) == (25, 25)
    await refreshed(max)
    paid = await billing.pay_account(max, family.id, AccountPaymentDraft(method=Method.CARD, amount=D(10)))
    await max.flush()
    await billing.refund(max, paid.id, RefundDraft(reason="Wrong card"))
    assert (await balance(max, family), await in_books(max)) == (25, 25)
    assert await billing.unbalanced(max) == []


@given(st.lists(st.integers(1, 500), max_size=8), st.integers(-50, 3000))
def test_the_oldest_is_paid_first_and_nothing_is_lost(charges: list[int], paid: int) -> None:
    left = oldest_first([D(charge) for charge in charges], D(paid))
    assert sum(left) == max_of(sum(charges) - max_of(paid))
    first = next((at for at, amount in enumerate(left) if amount), len(left))
    assert left[first + 1 :] == charges[first + 1 :]


def max_of(amount: int) -> int:
    return amount if amount > 0 else 0


async def test_ages_are_those_of_what_is_left_after_the_oldest_were_paid(max: Context, mara: Patient) -> None:
    family, now = await account(max, mara, "500"), max.now
    for days, amount in ((100, "10.00"), (70, "20.00"), (40, "30.00"), (1, "40.00")):
        max.now = now - timedelta(days=days)
        await put(max, mara, family, amount)
        await refreshed(max)
    max.now = now
    await billing.pay_account(max, family.id, AccountPaymentDraft(method=Method.TRANSFER, amount=D("15.00")))
    await refreshed(max)
    (listed,) = await billing.charge_accounts(max)
    assert [owed.amount for owed in listed.buckets.values()] == [D("40.00"), D("30.00"), D("15.00"), D("0.00")]


async def test_a_statement_opens_where_the_last_one_closed(max: Context, mara: Patient) -> None:
    family, now = await account(max, mara, "500"), max.now
    max.now = now - timedelta(days=40)
    await put(max, mara, family, "12.00")
    await refreshed(max)
    max.now = now
    await put(max, mara, family, "30.00")
    await refreshed(max)
    await billing.pay_account(max, family.id, AccountPaymentDraft(method=Method.CARD, amount=D("20.00")))
    await refreshed(max)
    family = await max.get(ChargeAccount, family.id)
    statement = await account_statement(max, family, max.today.replace(day=1).isoformat())
    assert [str(line.amount.amount) for line in statement.lines] == ["30.00", "-20.00"]
    assert (statement.opening.amount, statement.closing.amount) == (D("12.00"), D("22.00"))
    before = await account_statement(
        max, family, "2026-01-01", (max.today.replace(day=1) - timedelta(days=1)).isoformat()
    )
    assert before.closing == statement.opening
    assert (await print_account_statement(max, family.id)).startswith(b"%PDF")
    with pytest.raises(Invalid):
        await account_statement(max, family, "2026-02-01", "2026-01-01")
    with pytest.raises(Invalid):
        await account_statement(max, family, "yesterday")


async def test_a_patient_s_statement_has_invoices_payments_and_credits(max: Context, tom: Patient) -> None:
    owed = (await patient_statement(max, tom.id)).closing.amount
    first = await charged(max, tom, ChargeLine("Dressing", D(1), D("50.00"), "medicine"))
    await charged(max, tom, ChargeLine("Bandage", D(1), D("8.00"), "medicine"))
    paid = await billing.take_payment(max, first.id, PaymentDraft(method=Method.CARD))
    await max.flush()
    await billing.refund(max, paid.id, RefundDraft(amount=D(5), charge="falls", reason="One was torn"))
    await max.flush()
    statement = await patient_statement(max, tom.id)
    assert sorted(line.amount.amount for line in statement.lines) == [D(-50), D(-5), D(5), D(8), D(50)]
    assert statement.closing.amount - owed == 8
    assert sum(money.amount for money in statement.buckets.values()) == statement.closing.amount
    assert (await print_patient_statement(max, tom.id)).startswith(b"%PDF")


async def test_last_month_s_statement_is_sent_once(max: Context, system: Context, mara: Patient) -> None:
    await account(max, mara, email="quill@example.org", mails_statement=True)
    family = (await max.db.scalars(select(ChargeAccount))).one()
    now = max.now
    max.now = now.replace(month=10)
    await put(max, mara, family, "12.00")
    max.now = system.now = now
    for _turn in "ab":
        await mail_monthly(system)
        await system.flush()
    sent = list(await system.db.scalars(select(Message).where(Message.to == "quill@example.org")))
    assert [message.about for message in sent] == [f"monthly statement {family.number} 2026-10"]
    assert "12.00" in sent[0].text
