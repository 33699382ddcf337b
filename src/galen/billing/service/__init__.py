"""The verbs of billing: `charging` makes invoices, `paying` takes money, `books` keeps the ledger, `lists` shows."""

from .books import ageing, close_till, post, till, unbalanced
from .charging import charge, discount, invoices_for, make_invoice, uncharge, void_invoice
from .lists import (
    billing,
    bills_of_patient,
    counter,
    find_invoices,
    invoice,
    invoices,
    payments_of,
    timeline,
    unpaid_count,
)
from .paying import change_for, receipt_of, refund, take_payment

__all__ = [
    "ageing",
    "billing",
    "bills_of_patient",
    "change_for",
    "charge",
    "close_till",
    "counter",
    "discount",
    "find_invoices",
    "invoice",
    "invoices",
    "invoices_for",
    "make_invoice",
    "payments_of",
    "post",
    "receipt_of",
    "refund",
    "take_payment",
    "till",
    "timeline",
    "unbalanced",
    "uncharge",
    "unpaid_count",
    "void_invoice",
]
