"""The pages and addresses of billing."""

from galen.core.schemas import Slice
from galen.core.web import delete, get, page, post, put
from galen.i18n import N_

from .papers import print_invoice, print_receipt
from .schemas import AgeingView, CloseView, InvoiceSummary, InvoiceView, PaymentView
from .service import (
    add_drawer,
    ageing,
    billing,
    bills_of_patient,
    change_for,
    close_session,
    close_till,
    count_till,
    counter,
    discount,
    drawers,
    find_invoices,
    invoice,
    invoices,
    make_invoice,
    move_cash,
    my_till,
    open_till,
    refund,
    rename_drawer,
    retire_drawer,
    set_till_policy,
    take_payment,
    till,
    till_report,
    timeline,
    unpaid_count,
    use_drawer,
    void_invoice,
)
from .till_papers import print_till_report
from .till_schemas import CashMovementView, DrawerView, TillPolicyView, TillReportView, TillSessionView, ZReportView

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
    get("/till", till, html="till.html", nav="Day close", icon="cash-register", order=75),
    post("/till/closings", close_till, json=CloseView, redirect="/till",
        says=N_("The till is closed.")),
    get("/till/mine", my_till, html="my_till.html", nav="My till", icon="cash-register", order=72),
    post("/till/sessions", open_till, json=TillSessionView, redirect="/till/mine"),
    get("/till/sessions/{session_id}", till_report, json=TillReportView, html="till_report.html"),
    get("/till/sessions/{session_id}/document", print_till_report, media_type=PDF),
    post("/till/sessions/{session_id}/movements", move_cash, json=CashMovementView, redirect="back"),
    post("/till/sessions/{session_id}/counts", count_till, json=TillSessionView, redirect="back"),
    post("/till/sessions/{session_id}/closing", close_session, json=ZReportView,
         redirect="/till/sessions/{till_session_id}"),
    get("/drawers", drawers, html="drawers.html", nav="Drawers", icon="cash", order=76),
    post("/drawers", add_drawer, json=DrawerView, redirect="/drawers"),
    put("/drawers/{drawer_id}", rename_drawer, json=DrawerView, redirect="/drawers"),
    delete("/drawers/{drawer_id}", retire_drawer, json=DrawerView, redirect="/drawers"),
    put("/drawers/{drawer_id}/restoration", use_drawer, json=DrawerView, redirect="/drawers"),
    post("/till/policy", set_till_policy, json=TillPolicyView, redirect="/drawers"),
    get("/receivables", ageing, json=list[AgeingView], html="receivables.html"),
    get(
        "/patients/{patient_id}/invoices", bills_of_patient, html="bills.html",
        panel="patient", tab="papers", title="Invoices", refresh=MOVED, order=60,
    ),
    get("", timeline, panel="timeline"),
    get("", find_invoices, search="Invoices"),
]  # fmt: skip
