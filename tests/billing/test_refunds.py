"""Money back: the charge falls or is still owed, from the till it was paid into, and the books agree."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from galen import billing
from galen.billing import ChargeLine, Invoice, InvoiceStatus, Method, Payment, PaymentDraft, RefundDraft, VoidDraft
from galen.billing.models import CreditNote
from galen.billing.schemas import CloseDraft, DiscountDraft, InvoiceDraft
from galen.billing.service import ageing, till
from galen.billing.service.charging import AlreadyCredited, discount
from galen.core.context import Context
from galen.core.errors import Invalid, Refusal
from galen.patients import Patient
from tests.billing.test_charging import books, charged

D, Status = Decimal, InvoiceStatus


async def paid_bill(
    ctx: Context, patient: Patient, price: str, method: Method = Method.CARD
) -> tuple[Invoice, Payment]:
    invoice = await charged(ctx, patient, ChargeLine("Sunscreen", D(1), D(price), "goods"))
    payment = await billing.take_payment(ctx, invoice.id, PaymentDraft(method=method))
    await ctx.flush()
    return invoice, payment


async def debtors(ctx: Context) -> dict[Any, Decimal]:
    return {line.patient_id: line.total.amount for line in await ageing(ctx)}


async def test_goods_that_come_back_leave_nothing_owed(max: Context, mara: Patient) -> None:
    invoice, payment = await paid_bill(max, mara, "22.00")
    await billing.refund(max, payment.id, RefundDraft(amount=D("5.50"), charge="falls", reason="One came back"))
    await max.flush()
    assert (invoice.paid, invoice.credited, invoice.due.amount) == (D("16.50"), D("5.50"), D(0))
    assert (invoice.status, await debtors(max)) == (Status.PAID, {})
    await billing.refund(max, payment.id, RefundDraft(charge="falls", reason="The other one, too"))
    await max.flush()
    assert (invoice.status, invoice.due.amount, await debtors(max)) == (Status.VOID, D(0), {})
    notes = await max.list_by(CreditNote, CreditNote.invoice_id, invoice.id)
    assert [(note.total, note.tax) for note in notes] == [(D("-5.50"), D("-0.50")), (D("-16.50"), D("-1.50"))]
    assert (await books(max, invoice), await billing.unbalanced(max)) == ({}, [])


async def test_a_wrong_card_is_paid_back_and_the_charge_is_still_owed(max: Context, mara: Patient) -> None:
    invoice, payment = await paid_bill(max, mara, "22.00")
    await billing.refund(max, payment.id, RefundDraft(charge="stays", reason="Wrong card"))
    await max.flush()
    assert (invoice.status, invoice.due.amount, invoice.credited) == (Status.OPEN, D(22), D(0))
    assert await debtors(max) == {mara.id: D(22)}
    await billing.take_payment(max, invoice.id, PaymentDraft(method=Method.CASH))
    await max.flush()
    assert (invoice.status, await debtors(max), await billing.unbalanced(max)) == (Status.PAID, {}, [])


async def test_nobody_gives_money_back_without_saying_what_becomes_of_the_charge(max: Context, mara: Patient) -> None:
    invoice, payment = await paid_bill(max, mara, "22.00")
    with pytest.raises(Invalid, match="Say whether the charge falls, too, or is still owed") as refused:
        await billing.refund(max, payment.id, RefundDraft(reason="Something"))
    assert refused.value.field == "charge"
    assert (invoice.paid, await max.db.scalar(select(func.count()).where(Payment.refund_of == payment.id))) == (22, 0)


async def test_money_leaves_the_till_it_was_paid_into(ben: Context, max: Context, mara: Patient) -> None:
    """Paid at the pharmacy, given back by somebody who works at the clinic."""
    assert ben.here.id != max.here.id
    _, payment = await paid_bill(ben, mara, "22.00", Method.CASH)
    clinic = await till(max)
    back = await billing.refund(max, payment.id, RefundDraft(charge="falls", reason="Came back"))
    await max.flush()
    assert (back.site_id, back.serial, back.number.partition("-R")[0]) == (
        ben.here.id,
        payment.serial + 1,
        payment.number.partition("-R")[0],
    )
    assert "from the till of Harbour Pharmacy" in max.flashed.text
    assert await till(max) == clinic
    pharmacist = await at_the_pharmacy(max, ben)
    assert str((await till(pharmacist)).cash) == "0.00 AUD"


async def at_the_pharmacy(max: Context, ben: Context) -> Context:
    max.site = ben.site
    return max


async def test_what_is_left_of_an_invoice_is_voided_to_the_cent(max: Context, ruth: Context, mara: Patient) -> None:
    """Paid in part, that part returned, and the rest is taken back."""
    invoice = await charged(max, mara, ChargeLine("Sunscreen", D(3), D("10.99"), "goods"))
    paid = await billing.take_payment(max, invoice.id, PaymentDraft(method=Method.CARD, amount=D("10.99")))
    await max.flush()
    await billing.refund(max, paid.id, RefundDraft(charge="falls", reason="One came back"))
    await max.flush()
    assert (invoice.status, invoice.due.amount) == (Status.OPEN, D("21.98"))
    with pytest.raises(AlreadyCredited):
        await discount(max, invoice.id, DiscountDraft(amount=D(1), reason="Kindness"))
    void = await billing.void_invoice(max, invoice.id, VoidDraft(reason="All came back"))
    await max.flush()
    assert (void.status, void.due.amount, void.credited) == (Status.VOID, D(0), D("32.97"))
    notes = await max.list_by(CreditNote, CreditNote.invoice_id, invoice.id)
    assert sum(note.tax for note in notes) == -invoice.tax
    assert (await books(max, invoice), await billing.unbalanced(max)) == ({}, [])


STEPS = st.lists(
    st.tuples(st.sampled_from(["pay", "falls", "stays", "discount", "void"]), st.integers(1, 4_000)),
    min_size=1,
    max_size=8,
)


@given(price=st.integers(1, 5_000), steps=STEPS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_after_any_order_of_steps_the_books_balance(
    max: Context, mara: Patient, price: int, steps: list[tuple[str, int]]
) -> None:
    """due = charge − credits − paid + refunded, whatever was done, and what is refused changes nothing."""
    invoice = await charged(
        max,
        mara,
        ChargeLine("Visit", D(1), D(price) / 100, "service"),
        ChargeLine("Cream", D(2), D(price) / 300, "goods"),
    )
    for what, cents in steps:
        amount = D(cents) / 100
        await step(max, invoice, what, amount)
        await max.flush()
        payments = await max.list_by(Payment, Payment.invoice_id, invoice.id)
        credits = await max.list_by(CreditNote, CreditNote.invoice_id, invoice.id)
        taken = sum((p.amount for p in payments if not p.refund_of), D(0))
        refunded = -sum((p.amount for p in payments if p.refund_of), D(0))
        credited = -sum((note.total for note in credits), D(0))
        assert invoice.due.amount == invoice.total - credited - taken + refunded
        assert invoice.due.amount >= 0 or invoice.is_void
        assert all(note.net + note.tax == note.total for note in credits)
        assert invoice.status is invoice.stands or invoice.total == 0
        assert await billing.unbalanced(max) == []


async def step(ctx: Context, invoice: Invoice, what: str, amount: Decimal) -> None:
    """One step, or its refusal."""
    try:
        if what == "pay":
            await billing.take_payment(ctx, invoice.id, PaymentDraft(method=Method.CARD, amount=amount))
        elif what == "discount":
            await discount(ctx, invoice.id, DiscountDraft(amount=amount, reason="Because"))
        elif what == "void":
            await billing.void_invoice(ctx, invoice.id, VoidDraft(reason="Because"))
        else:
            payments = await ctx.list_by(Payment, Payment.invoice_id, invoice.id)
            for payment in [p for p in payments if not p.refund_of][-1:]:
                await billing.refund(ctx, payment.id, RefundDraft(amount=amount, charge=what, reason="Because"))
    except Refusal:
        pass


@pytest.mark.parametrize("amount", ["1e20", "1e300", "1000000000000", "-1", "NaN", "Infinity"])
@pytest.mark.parametrize(
    "draft, field, more",
    [
        (InvoiceDraft, "discount", {"lines": [{"text": "Visit", "unit_price": "80"}], "discount_reason": "Kindness"}),
        (CloseDraft, "counted", {}),
        (DiscountDraft, "percent", {"reason": "Kindness"}),
        (DiscountDraft, "amount", {"reason": "Kindness"}),
        (RefundDraft, "amount", {"reason": "Kindness", "charge": "falls"}),
    ],
)
def test_no_number_is_larger_than_the_books_can_hold(draft: Any, field: str, more: Any, amount: str) -> None:
    with pytest.raises(ValueError, match=field):
        draft.model_validate({field: amount, **more})
