"""Billing through the door: pages without script, paper, and the API."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from galen import billing
from galen.billing import ChargeLine, Invoice, Method, Payment, PaymentDraft
from galen.core.context import Context
from galen.core.finish import finish
from galen.patients import Patient
from tests.billing.test_charging import charged

D = Decimal
Open = Callable[..., Awaitable[Any]]


@pytest.fixture
async def invoice(ruth: Context, mara: Patient) -> Invoice:
    made = await charged(
        ruth,
        mara,
        ChargeLine("Standard consultation", D(1), D("85.00"), "service"),
        ChargeLine("Sunscreen", D(2), D("10.99"), "goods"),
    )
    await finish(ruth)
    return made


async def test_the_list_begins_with_what_is_to_be_paid(client: Open, invoice: Invoice) -> None:
    browser = await client("ruth", page=True)
    page = (await browser.get("/invoices")).text
    assert invoice.number in page
    assert "QUILL, Mara" in page
    assert invoice.number not in (await browser.get("/invoices", params={"show": "paid"})).text
    assert invoice.number in (await browser.get("/invoices", params={"q": "quill", "show": "paid"})).text
    assert invoice.number in (await browser.get("/search", params={"q": invoice.number})).text


async def test_cash_is_taken_by_keyboard_and_the_change_is_shown(client: Open, ruth: Context, invoice: Invoice) -> None:
    browser = await client("ruth", page=True)
    page = (await browser.get(f"/invoices/{invoice.id}")).text
    assert "QUILL" in page
    assert "Exactly $107.00 in coins" in page
    change = await browser.get(
        f"/invoices/{invoice.id}/change",
        params={"tendered": "120"},
        headers={"hx-request": "true", "hx-target": "p#change"},
    )
    assert "Change <b>$13.00</b>" in change.text
    answer = await browser.post(f"/billing/{invoice.id}/pay", data={"method": "cash", "tendered": "120"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/invoices/{invoice.id}")
    page = (await browser.get(f"/invoices/{invoice.id}")).text
    assert "Give $13.00 change." in page
    assert "Take cash" not in page


async def test_part_in_cash_and_the_rest_by_card_from_the_page(client: Open, ruth: Context, invoice: Invoice) -> None:
    browser = await client("ruth", page=True)
    pay, here = f"/billing/{invoice.id}/pay", f"/invoices/{invoice.id}"
    page = (await browser.get(here)).text
    assert [field(page, id) for id in ("cash-amount", "amount")] == ["106.98", "106.98"]
    change = await browser.get(
        f"{here}/change",
        params={"amount": "30", "tendered": "50"},
        headers={"hx-request": "true", "hx-target": "p#change"},
    )
    assert "Change <b>$20.00</b>" in change.text
    await browser.post(pay, data={"method": "cash", "amount": "30", "tendered": "50"})
    page = (await browser.get(here)).text
    assert "Give $20.00 change." in page
    assert [field(page, id) for id in ("cash-amount", "amount")] == ["76.98", "76.98"]
    await browser.post(pay, data={"method": "card", "amount": "76.98"})
    page = (await browser.get(here)).text
    assert "Take cash" not in page and "Paid" in page
    taken = list(await ruth.db.scalars(select(Payment).where(Payment.invoice_id == invoice.id).order_by(Payment.id)))
    assert [(p.method, p.amount, p.change) for p in taken] == [
        (Method.CASH, D("30.00"), D("20.00")),
        (Method.CARD, D("76.98"), D("0.00")),
    ]


async def test_the_prefilled_amount_and_a_large_note_settle_only_what_is_due(
    client: Open, ruth: Context, invoice: Invoice
) -> None:
    browser = await client("ruth", page=True)
    await browser.post(f"/billing/{invoice.id}/pay", data={"method": "cash", "amount": "106.98", "tendered": "150"})
    (taken,) = await ruth.db.scalars(select(Payment).where(Payment.invoice_id == invoice.id))
    assert (taken.amount, taken.rounding, taken.tendered, taken.change) == (D("106.98"), D("0.02"), D(150), D(43))
    assert "Give $43.00 change." in (await browser.get(f"/invoices/{invoice.id}")).text


def field(page: str, id: str) -> str:
    """What a field of the page is filled with."""
    tag = next(tag for tag in page.split("<input") if f'id="field--{id}"' in tag)
    return tag.split('value="')[1].split('"')[0]


async def test_a_wrong_amount_is_said_beside_its_field(client: Open, invoice: Invoice) -> None:
    browser = await client("ruth", page=True)
    answer = await browser.post(
        f"/billing/{invoice.id}/pay", data={"method": "card", "amount": "200"}, headers={"hx-request": "true"}
    )
    assert answer.status_code == 422
    assert "Only 106.98 AUD is due." in answer.text


async def test_the_api_makes_pays_and_shows_an_invoice(client: Open, mara: Patient) -> None:
    api = await client("ruth")
    made = await api.post(
        "/api/v1/billing",
        json={"patient_id": str(mara.id), "lines": [{"text": "Medical certificate", "unit_price": "25.00"}]},
    )
    assert made.status_code == 201
    one = made.json()
    assert (one["total"], one["status"]) == ({"amount": "25.00", "currency": "AUD"}, "open")
    said = {"method": "cash", "amount": {"amount": "10.00", "currency": "AUD"}, "tendered": "20"}
    paid = await api.post(f"/api/v1/billing/{one['id']}/pay", json=said)
    assert (paid.status_code, paid.json()["change"]) == (201, {"amount": "10.00", "currency": "AUD"})
    again = (await api.get(f"/api/v1/billing/{one['id']}")).json()
    assert (again["due"]["amount"], again["status"], again["lines"][0]["total"]["amount"]) == (
        "15.00",
        "part_paid",
        "25.00",
    )
    listed = (await api.get("/api/v1/invoices")).json()["items"]
    assert listed[0]["id"] == one["id"]


async def test_the_same_key_pays_once(client: Open, ruth: Context, invoice: Invoice) -> None:
    api = await client("ruth")
    headers, said = {"Idempotency-Key": "till-1-receipt-7"}, {"method": "card", "amount": "6.98"}
    first = await api.post(f"/api/v1/billing/{invoice.id}/pay", json=said, headers=headers)
    second = await api.post(f"/api/v1/billing/{invoice.id}/pay", json=said, headers=headers)
    assert (first.status_code, second.status_code, first.json()) == (201, 201, second.json())
    other = await api.post(f"/api/v1/billing/{invoice.id}/pay", json={**said, "amount": "7"}, headers=headers)
    assert other.status_code == 422
    assert (await ruth.get(Invoice, invoice.id, lock=True)).paid == D("6.98")


async def test_invoice_and_receipts_are_printed(client: Open, ruth: Context, invoice: Invoice) -> None:
    payment = await billing.take_payment(ruth, invoice.id, PaymentDraft(method=Method.CASH, tendered=D(120)))
    await finish(ruth)
    browser = await client("ruth", page=True)
    for path in (
        f"/invoices/{invoice.id}/document",
        f"/payments/{payment.id}/receipt",
        f"/payments/{payment.id}/receipt?roll=true",
    ):
        paper = await browser.get(path)
        assert (paper.status_code, paper.headers["content-type"], paper.content[:5]) == (
            200,
            "application/pdf",
            b"%PDF-",
        )


async def test_an_australian_invoice_with_gst_is_a_tax_invoice(ruth: Context, invoice: Invoice, mara: Patient) -> None:
    from galen.billing.papers import document

    said = await document(ruth, invoice, [])
    assert (said["title"], said["paper"], said["tax"], said["buyer"][0]) == ("Tax invoice", "a5", "$2.00", "Mara Quill")
    plain = await charged(ruth, mara, ChargeLine("Consultation", D(1), D("85.00"), "service"))
    assert (await document(ruth, plain, []))["title"] == "Invoice"


async def test_the_desk_sees_who_is_to_pay_today(client: Open, mara: Patient) -> None:
    desk = await client("ruth", page=True)
    assert "Nobody has to pay at the moment." in (await desk.get("/counter")).text
    form = {
        "patient_id": str(mara.id),
        "lines.0.text": "Letter",
        "lines.0.unit_price": "20",
        "lines.0.tax_class": "service",
    }
    assert (await desk.post("/billing", data=form)).status_code == 303
    page = (await desk.get("/counter")).text
    assert "1 invoice to be paid" in page
    assert "QUILL, Mara" in page


async def test_a_patient_page_part_and_the_timeline_know_the_invoice(
    client: Open, ruth: Context, invoice: Invoice, mara: Patient
) -> None:
    page = (await (await client("ruth", page=True)).get(f"/patients/{mara.id}/invoices")).text
    assert "Owes <b>$106.98</b>" in page
    story = await billing.service.timeline(ruth, mara.id)
    assert [(entry.title, entry.detail) for entry in story] == [(f"Invoice {invoice.number}", "$106.98, open")]


async def test_till_and_receivables_are_for_who_keeps_the_books(client: Open, ruth: Context, invoice: Invoice) -> None:
    await billing.take_payment(ruth, invoice.id, PaymentDraft(method=Method.CARD, amount=D(50)))
    await finish(ruth)
    manager, desk = await client("max", page=True), await client("ruth", page=True)
    assert (await desk.get("/till")).status_code == 403
    assert "Altogether <b>$50.00</b>" in (await manager.get("/till")).text
    assert "QUILL, Mara" in (await manager.get("/receivables")).text
    assert (await manager.post("/till/closings", data={"counted": "0"})).headers["location"] == "/till"
    assert "Nothing taken since the till was closed" in (await manager.get("/till")).text


async def test_new_invoice_page_opens(client: Open) -> None:
    answer = await (await client("ruth", page=True)).get("/invoices/new")
    assert (answer.status_code, "Make the invoice" in answer.text) == (200, True)
