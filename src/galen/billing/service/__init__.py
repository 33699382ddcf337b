"""The verbs of billing: `charging` makes invoices, `paying` takes money, `books` keeps the ledger, `lists` shows,
`drawers` and `tills` keep the cash where it lies."""

from .books import ageing, close_till, post, till, unbalanced
from .charging import charge, credit_lines, discount, invoices_for, make_invoice, uncharge, void_invoice
from .drawers import add_drawer, drawers, rename_drawer, retire_drawer, set_till_policy, use_drawer
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
from .tills import close_session, count_till, move_cash, my_till, open_till, report_of, till_report

__all__ = [
    "add_drawer",
    "ageing",
    "billing",
    "bills_of_patient",
    "change_for",
    "charge",
    "close_session",
    "close_till",
    "count_till",
    "counter",
    "credit_lines",
    "discount",
    "drawers",
    "find_invoices",
    "invoice",
    "invoices",
    "invoices_for",
    "make_invoice",
    "move_cash",
    "my_till",
    "open_till",
    "payments_of",
    "post",
    "receipt_of",
    "refund",
    "rename_drawer",
    "report_of",
    "retire_drawer",
    "set_till_policy",
    "take_payment",
    "till",
    "till_report",
    "timeline",
    "unbalanced",
    "uncharge",
    "unpaid_count",
    "use_drawer",
    "void_invoice",
]
