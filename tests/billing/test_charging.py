"""Invoices: numbered without gaps, taxed as the country says, booked twice, taken back exactly."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from galen import billing
from galen.billing import (
    ChargeLine,
    CreditNote,
    DiscountDraft,
    Invoice,
    InvoiceDraft,
    InvoiceStatus,
    LedgerAccount,
    PaymentDraft,
    Posting,
    Transaction,
    VoidDraft,
)
from galen.billing import service as verbs
from galen.billing.service import charging
from galen.core.context import Context
from galen.core.errors import Forbidden, Invalid
from galen.core.finish import finish
from galen.core.session_hooks import Sealed
from galen.core.web.endpoint import as_refusal
from galen.patients import Patient
from galen.values.ids import uuid7

D = Decimal
CONSULTATION = ChargeLine("Standard consultation", D(1), D("85.00"), "service")
SUNSCREEN = ChargeLine("Sunscreen", D(2), D("10.99"), "goods")
TABLETS = ChargeLine("amoxicillin 500 mg capsule", D(21), D("0.4375"), "medicine")


async def charged(ctx: Context, patient: Patient, *lines: ChargeLine) -> Invoice:
    invoice = await billing.charge(ctx, patient_id=patient.id, reference=("visit", uuid7()), lines=lines)
    await ctx.flush()
    return invoice


async def books(ctx: Context, invoice: Invoice) -> dict[str, Decimal]:
    """What the books hold of one invoice, by account, without what has come to nothing."""
    query = (
        select(Posting.account, func.sum(Posting.amount))
        .join(Transaction, Transaction.id == Posting.transaction_id)
        .where(Transaction.invoice_id == invoice.id)
        .group_by(Posting.account)
    )
    return {account.value: amount for account, amount in await ctx.db.execute(query) if amount}


async def test_tax_is_inside_australian_prices_and_rounded_by_the_line(ruth: Context, mara: Patient) -> None:
    invoice = await charged(ruth, mara, CONSULTATION, SUNSCREEN, TABLETS)
    assert [(line.net, line.tax, line.total) for line in invoice.lines] == [
        (D("85.00"), D(0), D("85.00")),
        (D("19.98"), D("2.00"), D("21.98")),
        (D("9.19"), D(0), D("9.19")),
    ]
    assert (invoice.net, invoice.tax, invoice.total, invoice.status) == (
        D("114.17"),
        D("2.00"),
        D("116.17"),
        InvoiceStatus.OPEN,
    )
    assert await books(ruth, invoice) == {
        "receivable": D("116.17"), "revenue services": D("-85.00"), "revenue goods": D("-29.17"),
        "tax payable": D("-2.00"),
    }  # fmt: skip


async def test_tax_is_added_to_american_prices(services: Any) -> None:
    async with services.as_system("south", "test") as ctx:
        from galen import organizations

        ctx.site = (await organizations.sites(ctx))[0].info
        invoice = await billing.charge(ctx, patient_id=None, reference=None, lines=[SUNSCREEN])
        assert (invoice.net, invoice.tax, invoice.total, invoice.currency) == (D("21.98"), D("1.37"), D("23.35"), "USD")
        await finish(ctx)


async def test_numbers_have_no_gaps_and_each_site_counts_for_itself(ruth: Context, ben: Context, mara: Patient) -> None:
    first = await charged(ruth, mara, CONSULTATION)
    with pytest.raises(Invalid):
        await billing.make_invoice(
            ruth, InvoiceDraft.model_validate({"lines": [{"text": "Letter", "unit_price": 20}], "discount": 1})
        )
    second = await charged(ruth, mara, CONSULTATION)
    at_pharmacy = await charged(ben, mara, SUNSCREEN)
    assert second.serial == first.serial + 1
    assert (first.number, at_pharmacy.number) == (f"HC-{first.serial:06}", f"HP-{at_pharmacy.serial:06}")


async def test_nothing_to_pay_is_paid_at_once(ruth: Context, mara: Patient) -> None:
    invoice = await charged(ruth, mara, ChargeLine("Vaccination, funded", D(1), D(0), "service"))
    assert (invoice.total, invoice.status) == (D(0), InvoiceStatus.PAID)
    assert await books(ruth, invoice) == {}


async def test_a_discount_is_divided_to_the_cent_and_stands_in_the_books(max: Context, mara: Patient) -> None:
    lines = [ChargeLine(f"Item {i}", D(1), D("10.00"), "service") for i in range(3)]
    invoice = await charged(max, mara, *lines)
    changed = await billing.discount(max, invoice.id, DiscountDraft(amount=D("10.00"), reason="Regular"))
    assert [line.discount for line in changed.lines] == [D("3.34"), D("3.33"), D("3.33")]
    assert (changed.total, changed.discount) == (D("20.00"), D("10.00"))
    assert await books(max, invoice) == {
        "receivable": D("20.00"),
        "discounts": D("10.00"),
        "revenue services": D("-30.00"),
    }
    changed = await billing.discount(max, invoice.id, DiscountDraft(percent=D(5), reason="Less than that"))
    assert (changed.total, await books(max, invoice)) == (
        D("28.50"), {"receivable": D("28.50"), "discounts": D("1.50"), "revenue services": D("-30.00")},
    )  # fmt: skip


async def test_more_than_a_tenth_off_is_for_managers(ruth: Context, max: Context, mara: Patient) -> None:
    invoice = await charged(ruth, mara, CONSULTATION)
    with pytest.raises(Forbidden):
        await billing.discount(ruth, invoice.id, DiscountDraft(amount=D("8.51"), reason="Asked nicely"))
    assert (await billing.discount(ruth, invoice.id, DiscountDraft(amount=D("8.50"), reason="Senior"))).total == D(
        "76.50"
    )
    assert (await billing.discount(max, invoice.id, DiscountDraft(percent=D(100), reason="Our mistake"))).total == D(0)
    assert (await max.get(Invoice, invoice.id)).status is InvoiceStatus.PAID


async def test_a_discount_is_never_more_than_the_lines(max: Context, mara: Patient) -> None:
    invoice = await charged(max, mara, CONSULTATION)
    with pytest.raises(Invalid, match="more than the lines come to"):
        await billing.discount(max, invoice.id, DiscountDraft(amount=D("85.01"), reason="Too kind"))
    assert (await max.get(Invoice, invoice.id)).total == D("85.00")


async def test_a_void_invoice_is_credited_to_the_cent_and_keeps_its_number(ruth: Context, mara: Patient) -> None:
    invoice = await charged(ruth, mara, CONSULTATION, SUNSCREEN)
    await billing.discount(ruth, invoice.id, DiscountDraft(amount=D("3.33"), reason="Senior"))
    void = await billing.void_invoice(ruth, invoice.id, VoidDraft(reason="Wrong patient"))
    await ruth.flush()
    note = await ruth.db.scalar(select(CreditNote).where(CreditNote.invoice_id == invoice.id))
    assert (note.net, note.tax, note.total) == (-void.net, -void.tax, -void.total)
    assert (void.status, void.due.amount, await books(ruth, invoice)) == (InvoiceStatus.VOID, D(0), {})
    with pytest.raises(charging.AlreadyVoid):
        await billing.void_invoice(ruth, invoice.id, VoidDraft(reason="Once more"))
    with pytest.raises(charging.AlreadyVoid):
        await billing.take_payment(ruth, invoice.id, PaymentDraft(method=billing.Method.CARD))


async def test_what_was_paid_must_be_refunded_before_a_void_by_hand(ruth: Context, mara: Patient) -> None:
    invoice = await charged(ruth, mara, CONSULTATION)
    await billing.take_payment(ruth, invoice.id, PaymentDraft(method=billing.Method.CARD, amount=D(5)))
    with pytest.raises(charging.AlreadyPaid):
        await billing.void_invoice(ruth, invoice.id, VoidDraft(reason="Wrong patient"))
    with pytest.raises(charging.AlreadyPaid):
        await billing.discount(ruth, invoice.id, DiscountDraft(amount=D(1), reason="Too late"))


async def test_a_charge_is_taken_back_with_what_it_was_for_even_when_paid(
    ben: Context, max: Context, mara: Patient
) -> None:
    reference = ("dispensing", uuid7())
    invoice = await billing.charge(ben, patient_id=mara.id, reference=reference, lines=[SUNSCREEN])
    await ben.flush()
    await billing.take_payment(ben, invoice.id, PaymentDraft(method=billing.Method.CARD))
    (void,) = await billing.uncharge(ben, reference, "Handed back before collection")
    await ben.flush()
    assert (void.status, void.due.amount) == (InvoiceStatus.VOID, D("-21.98"))
    assert await billing.uncharge(ben, reference, "Handed back before collection") == []
    payment = await ben.db.scalar(select(billing.Payment).where(billing.Payment.invoice_id == invoice.id))
    await billing.refund(max, payment.id, billing.RefundDraft(reason="Handed back"))
    await max.flush()
    assert (await books(max, invoice), await billing.unbalanced(max)) == ({}, [])


async def test_a_reference_is_charged_once_until_its_invoice_is_void(ruth: Context, mara: Patient) -> None:
    reference = ("visit", uuid7())
    again = {"patient_id": mara.id, "reference": reference, "lines": [CONSULTATION]}
    first = await billing.charge(ruth, **again)
    await ruth.flush()
    with pytest.raises(IntegrityError) as refused:
        async with ruth.db.begin_nested():
            await billing.charge(ruth, **again)
            await ruth.flush()
    assert str(as_refusal(refused.value)) == (
        "This has been charged already. Open the invoice that stands, or void it before charging again."
    )
    ruth.db.expire_all()
    assert [invoice.id for invoice in await billing.invoices_for(ruth, reference)] == [first.id]
    await billing.void_invoice(ruth, first.id, VoidDraft(reason="Wrong fee"))
    await ruth.flush()
    assert (await billing.charge(ruth, **again)).id != first.id
    await ruth.flush()


async def test_a_part_paid_invoice_keeps_its_lines(ruth: Context, max: Context, mara: Patient) -> None:
    invoice = await charged(ruth, mara, CONSULTATION)
    await billing.take_payment(ruth, invoice.id, PaymentDraft(method=billing.Method.CARD, amount=D(5)))
    await ruth.flush()
    again = await max.get(Invoice, invoice.id, lock=True)
    again.lines[0].text = "Something else"
    with pytest.raises(Sealed):
        await max.flush()


async def test_the_database_refuses_a_transaction_that_does_not_sum_to_nothing(ruth: Context, mara: Patient) -> None:
    invoice = await charged(ruth, mara, CONSULTATION)
    connection = await ruth.db.connection()
    await connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    entry = Transaction(
        site_id=invoice.site_id, invoice_id=invoice.id, kind="invoice", reference_id=invoice.id, day=ruth.today,
        at=ruth.now, actor_id=ruth.actor.id,
    )  # fmt: skip
    ruth.add(entry)
    await ruth.flush()
    with pytest.raises(DBAPIError, match="must sum to nothing"):
        async with ruth.db.begin_nested():
            ruth.add(Posting(transaction_id=entry.id, account=LedgerAccount.CASH, amount=D(5), currency="AUD"))
            await ruth.flush()


async def test_the_books_cannot_be_rewritten(ruth: Context, mara: Patient) -> None:
    await charged(ruth, mara, CONSULTATION)
    for statement in (
        "UPDATE posting SET amount = 1",
        "DELETE FROM transaction",
        "DELETE FROM payment",
        "DELETE FROM credit_note",
    ):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with ruth.db.begin_nested():
                await (await ruth.db.connection()).exec_driver_sql(statement)


async def test_a_patient_sees_only_own_invoices(ruth: Context, acting: Any, mara: Patient, tom: Patient) -> None:
    from galen.core.actor import Actor
    from galen.identity import permissions_of

    mine, other = await charged(ruth, mara, CONSULTATION), await charged(ruth, tom, CONSULTATION)
    ctx = await acting("ruth")
    ctx.actor = Actor(uuid7(), "Mara", "patient", permissions_of(["patient"]), ("patient",), mara.id)
    found = (await verbs.invoices(ctx, show="all")).items
    assert [invoice.id for invoice in found] == [mine.id]
    with pytest.raises(Exception, match="There is no such invoice here"):
        await verbs.invoice(ctx, other.id)


@pytest.mark.parametrize("way", ["whole", "small letters", "begun", "plain", "with zeros", "name", "both names"])
async def test_an_invoice_is_found_by_its_number_or_its_patient(ruth: Context, mara: Patient, way: str) -> None:
    invoice = await charged(ruth, mara, CONSULTATION)
    words = {
        "whole": invoice.number,
        "small letters": invoice.number.lower(),
        "begun": invoice.number[:-1],
        "plain": str(invoice.serial),
        "with zeros": invoice.number.partition("-")[2],
        "name": mara.family[:3],
        "both names": f"{mara.family}, {mara.given}",
    }[way]
    assert invoice.id in [invoice.id for invoice in (await verbs.invoices(ruth, words)).items]


@pytest.mark.parametrize("words", ["ZZ-9", "999999999", "99999999999999999999", "nobody", "%", "'", "--", "HC_0"])
async def test_what_names_no_invoice_finds_none(ruth: Context, mara: Patient, words: str) -> None:
    await charged(ruth, mara, CONSULTATION)
    assert (await verbs.invoices(ruth, words)).items == []
