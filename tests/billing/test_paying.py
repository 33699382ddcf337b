"""Money: exact, by several ways, rounded to coins only in cash, given back the way it came."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from galen import billing
from galen.billing import ChargeLine, Invoice, InvoiceStatus, Method, Payment, PaymentDraft, RefundDraft
from galen.billing.schemas import CloseDraft
from galen.billing.service import ageing, change_for, close_till, till
from galen.billing.service.paying import NothingDue, TooMuchBack
from galen.core.context import Context
from galen.core.errors import Forbidden, Invalid
from galen.patients import Patient
from tests.billing.test_charging import books, charged

D = Decimal


async def bill_of(ctx: Context, patient: Patient, price: str) -> Invoice:
    return await charged(ctx, patient, ChargeLine("Consultation", D(1), D(price), "service"))


def cash(tendered: str = "", amount: str = "") -> PaymentDraft:
    return PaymentDraft(
        method=Method.CASH, tendered=D(tendered) if tendered else None, amount=D(amount) if amount else None
    )


async def test_cash_is_rounded_to_coins_on_a_line_of_its_own_and_gives_change(ruth: Context, mara: Patient) -> None:
    invoice = await bill_of(ruth, mara, "12.33")
    payment = await billing.take_payment(ruth, invoice.id, cash("20"))
    await ruth.flush()
    assert (payment.amount, payment.rounding, payment.tendered, payment.change) == (
        D("12.33"),
        D("0.02"),
        D("20.00"),
        D("7.65"),
    )
    assert await books(ruth, invoice) == {"revenue services": D("-12.33"), "cash": D("12.35"), "rounding": D("-0.02")}
    assert (await ruth.get(Invoice, invoice.id)).status is InvoiceStatus.PAID


async def test_part_cash_part_card_pays_in_full_without_rounding_the_card(ruth: Context, mara: Patient) -> None:
    invoice = await bill_of(ruth, mara, "46.37")
    first = await billing.take_payment(ruth, invoice.id, cash("20"))
    assert (first.amount, first.rounding, first.change) == (D("20.00"), D(0), D(0))
    assert (await ruth.get(Invoice, invoice.id)).status is InvoiceStatus.PART_PAID
    second = await billing.take_payment(ruth, invoice.id, PaymentDraft(method=Method.CARD))
    await ruth.flush()
    assert (second.amount, second.rounding) == (D("26.37"), D(0))
    assert await books(ruth, invoice) == {
        "revenue services": D("-46.37"),
        "cash": D("20.00"),
        "card clearing": D("26.37"),
    }
    with pytest.raises(NothingDue):
        await billing.take_payment(ruth, invoice.id, PaymentDraft(method=Method.CARD))


@pytest.mark.parametrize(
    "due, handed", [("12.31", "12.30"), ("12.32", "12.30"), ("12.33", "12.35"), ("12.38", "12.40"), ("0.02", "0.00")]
)
async def test_exact_cash_is_the_nearest_coin(ruth: Context, mara: Patient, due: str, handed: str) -> None:
    invoice = await bill_of(ruth, mara, due)
    payment = await billing.take_payment(ruth, invoice.id, cash())
    await ruth.flush()
    assert (payment.amount, payment.handled.amount, payment.change) == (D(due), D(handed), D(0))
    assert await billing.unbalanced(ruth) == []


async def test_change_is_said_before_the_payment_is_taken(ruth: Context, mara: Patient) -> None:
    invoice = await bill_of(ruth, mara, "12.33")
    assert str((await change_for(ruth, invoice.id, "50")).back) == "37.65 AUD"
    assert str((await change_for(ruth, invoice.id, "10")).left) == "2.33 AUD"
    assert (await change_for(ruth, invoice.id, "10.01")).complaint == "10.01 AUD cannot be paid in coins."
    assert (await change_for(ruth, invoice.id, "ten")).complaint == "Write what was handed over, such as 50."
    assert (await change_for(ruth, invoice.id, "")).complaint == ""


async def test_part_of_an_invoice_from_a_bigger_note(ruth: Context, mara: Patient) -> None:
    invoice = await bill_of(ruth, mara, "100")
    payment = await billing.take_payment(ruth, invoice.id, cash("50", amount="30"))
    assert (payment.amount, payment.change, (await ruth.get(Invoice, invoice.id)).due.amount) == (D(30), D(20), D(70))


async def test_too_much_on_a_card_and_another_currency_are_refused(ruth: Context, mara: Patient) -> None:
    invoice = await bill_of(ruth, mara, "12.33")
    with pytest.raises(Invalid, match=r"Only 12.33 AUD is due"):
        await billing.take_payment(ruth, invoice.id, PaymentDraft(method=Method.CARD, amount=D("12.34")))
    with pytest.raises(Invalid, match="reckoned in AUD, not in USD"):
        said = {"method": "card", "amount": {"amount": "12.33", "currency": "USD"}}
        await billing.take_payment(ruth, invoice.id, PaymentDraft.model_validate(said))
    with pytest.raises(Invalid, match=r"which is less than 10.00 AUD"):
        await billing.take_payment(ruth, invoice.id, cash("5", amount="10"))
    with pytest.raises(Invalid, match="finer than the smallest unit"):
        await billing.take_payment(ruth, invoice.id, PaymentDraft(method=Method.CARD, amount=D("1.005")))
    assert (await ruth.db.scalar(select(Payment).where(Payment.invoice_id == invoice.id))) is None


async def test_a_refund_goes_back_the_same_way_and_never_beyond_what_was_paid(
    ruth: Context, max: Context, mara: Patient
) -> None:
    invoice = await bill_of(ruth, mara, "12.33")
    paid = await billing.take_payment(ruth, invoice.id, cash("20"))
    await ruth.flush()
    with pytest.raises(Forbidden):
        await billing.refund(ruth, paid.id, RefundDraft(reason="Not allowed"))
    with pytest.raises(TooMuchBack):
        await billing.refund(max, paid.id, RefundDraft(amount=D("12.34"), reason="Too much"))
    first = await billing.refund(max, paid.id, RefundDraft(amount=D("2.32"), reason="Wrong card", charge="stays"))
    assert (first.method, first.amount, first.handled.amount) == (Method.CASH, D("-2.32"), D("-2.30"))
    second = await billing.refund(max, paid.id, RefundDraft(reason="All of it", charge="stays"))
    assert (second.amount, second.handled.amount) == (D("-10.01"), D("-10.00"))
    await max.flush()
    with pytest.raises(TooMuchBack):
        await billing.refund(max, paid.id, RefundDraft(reason="Once more"))
    with pytest.raises(TooMuchBack):
        await billing.refund(max, first.id, RefundDraft(reason="A refund of a refund"))
    again = await max.get(Invoice, invoice.id, lock=True)
    assert (again.paid, again.status) == (D(0), InvoiceStatus.OPEN)
    assert await books(max, invoice) == {
        "revenue services": D("-12.33"), "receivable": D("12.33"), "cash": D("0.05"), "rounding": D("-0.05"),
    }  # fmt: skip


async def test_the_database_itself_refuses_a_refund_beyond_the_payment(ruth: Context, mara: Patient) -> None:
    from sqlalchemy.exc import DBAPIError

    invoice = await bill_of(ruth, mara, "50")
    paid = await billing.take_payment(ruth, invoice.id, PaymentDraft(method=Method.CARD, amount=D(20)))
    await ruth.flush()
    with pytest.raises(DBAPIError, match="no more than what was paid"):
        async with ruth.db.begin_nested():
            ruth.add(
                Payment(
                    invoice_id=invoice.id, site_id=invoice.site_id, serial=999_999, number="X", method=Method.CARD,
                    amount=D(-21), rounding=D(0), change=D(0), currency="AUD", refund_of=paid.id, at=ruth.now,
                    day=ruth.today, taken_by="",
                )
            )  # fmt: skip
            await ruth.flush()


async def test_the_till_is_closed_against_what_was_counted(max: Context, mara: Patient) -> None:
    first, second = await bill_of(max, mara, "12.33"), await bill_of(max, mara, "40")
    await billing.take_payment(max, first.id, cash("20"))
    card = await billing.take_payment(max, second.id, PaymentDraft(method=Method.CARD))
    await billing.refund(max, card.id, RefundDraft(amount=D(15), reason="Overcharged", charge="falls"))
    await max.flush()
    report = await till(max)
    said = [
        (line.method.value, line.count, str(line.taken), str(line.refunded), str(line.rounding), str(line.total))
        for line in report.lines
    ]
    assert said == [
        ("cash", 1, "12.33 AUD", "0.00 AUD", "0.02 AUD", "12.35 AUD"),
        ("card", 2, "40.00 AUD", "-15.00 AUD", "0.00 AUD", "25.00 AUD"),
    ]
    with pytest.raises(Invalid, match=r"The till is 0.35 AUD short"):
        await close_till(max, CloseDraft(counted=D(12)))
    closed = await close_till(max, CloseDraft(counted=D(12), reason="A coin under the drawer"))
    await max.flush()
    assert (closed.expected, closed.counted, closed.last_receipt - closed.first_receipt) == (D("12.35"), D("12.00"), 2)
    after = await till(max)
    assert (after.lines, [closing.id for closing in after.closes]) == ([], [closed.id])


async def test_debts_grow_old_and_agree_with_the_books(max: Context, mara: Patient, tom: Patient) -> None:
    from datetime import timedelta

    old = await bill_of(max, mara, "70")
    await billing.take_payment(max, old.id, PaymentDraft(method=Method.CARD, amount=D(20)))
    max.now += timedelta(days=45)
    await bill_of(max, mara, "5.50")
    await bill_of(max, tom, "9")
    lines = {
        line.patient_id: {word: money.amount for word, money in line.buckets.items() if money}
        for line in await ageing(max)
    }
    assert lines[mara.id] == {"31 to 60 days": D("50.00"), "0 to 30 days": D("5.50")}
    assert lines[tom.id] == {"0 to 30 days": D("9.00")}
    assert (await ageing(max))[0].patient_id == mara.id
    assert await billing.unbalanced(max) == []


async def test_an_invoice_is_paid_in_as_many_parts_as_it_takes(ruth: Context, mara: Patient) -> None:
    """Part paid and part paid again: a state that says itself, on purpose."""
    invoice = await bill_of(ruth, mara, "100")
    for paid in ("10", "20", "30"):
        await billing.take_payment(ruth, invoice.id, PaymentDraft(method=Method.CARD, amount=D(paid)))
        assert (await ruth.get(Invoice, invoice.id)).status is InvoiceStatus.PART_PAID
    await billing.take_payment(ruth, invoice.id, PaymentDraft(method=Method.CARD))
    whole = await ruth.get(Invoice, invoice.id)
    assert (whole.status, whole.due.amount) == (InvoiceStatus.PAID, D(0))
