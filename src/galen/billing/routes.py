"""The pages and addresses of billing."""

from galen.core.schemas import Slice
from galen.core.web import get, page, post
from galen.i18n import N_

from .papers import print_invoice, print_receipt
from .schemas import AgeingView, CloseView, InvoiceSummary, InvoiceView, PaymentView
from .service import (
    ageing,
    billing,
    bills_of_patient,
    change_for,
    close_till,
    counter,
    discount,
    find_invoices,
    invoice,
    invoices,
    make_invoice,
    refund,
    take_payment,
    till,
    timeline,
    unpaid_count,
    void_invoice,
)

PDF = "application/pdf"
MOVED = "invoice-made, invoice-changed, invoice-paid"

routes = [
    get(
        "/invoices", invoices, json=Slice[InvoiceSummary], html="invoices.html",
        nav="Billing", icon="receipt", order=70, count=unpaid_count,
    ),
    page("/invoices/new", "new_invoice.html", needs="invoice.write", module="billing"),
    get("/invoices/{invoice_id}", billing, json=InvoiceView),
    get("/invoices/{invoice_id}", invoice, html="invoice.html", panel_area="invoice"),
    get("/invoices/{invoice_id}/change", change_for, html="change.html"),
    get("/invoices/{invoice_id}/document", print_invoice, media_type=PDF),
    post("/billing", make_invoice, json=InvoiceView, redirect="/invoices/{id}",
        says=N_("Invoice %(number)s is made.")),
    get("/billing/{invoice_id}", billing, json=InvoiceView),
    post("/billing/{invoice_id}/pay", take_payment, json=PaymentView, redirect="/invoices/{invoice_id}",
        says=N_("The payment is taken: receipt %(number)s.")),
    post("/billing/{invoice_id}/discount", discount, json=InvoiceView, redirect="/invoices/{id}",
        says=N_("The discount is on invoice %(number)s.")),
    post("/billing/{invoice_id}/credit-note", void_invoice, json=InvoiceView, redirect="/invoices/{id}",
        says=N_("Invoice %(number)s is credited.")),
    post("/payments/{payment_id}/refunds", refund, json=PaymentView, redirect="/invoices/{invoice_id}"),
    get("/payments/{payment_id}/receipt", print_receipt, media_type=PDF),
    get("/counter", counter, html="counter.html", panel="home", title="To pay today", refresh=MOVED, order=60),
    get("/till", till, html="till.html", nav="Till", icon="cash-register", order=75),
    post("/till/closings", close_till, json=CloseView, redirect="/till",
        says=N_("The till is closed.")),
    get("/receivables", ageing, json=list[AgeingView], html="receivables.html"),
    get(
        "/patients/{patient_id}/invoices", bills_of_patient, html="bills.html",
        panel="patient", tab="papers", title="Invoices", refresh=MOVED, order=60,
    ),
    get("", timeline, panel="timeline"),
    get("", find_invoices, search="Invoices"),
]  # fmt: skip
