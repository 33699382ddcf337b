"""The verbs of inventory: `moves` change stock, `shelves` and `pages` show it."""

from . import rounds
from .alternatives import alternatives
from .moves import (
    OutOfStock,
    adjust,
    change_batch,
    count_stock,
    give_back,
    issue,
    quarantine,
    receive,
    release,
    return_to_supplier,
)
from .pages import (
    add_stock_item,
    count_form,
    ledger_page,
    level,
    medicine_stock,
    receive_form,
    stock,
    stock_alerts,
    stock_of,
)
from .shelves import drift, expiring, levels, low_stock, movements, movements_csv, on_hand

__all__ = [
    "OutOfStock",
    "add_stock_item",
    "adjust",
    "alternatives",
    "change_batch",
    "count_form",
    "count_stock",
    "drift",
    "expiring",
    "give_back",
    "issue",
    "ledger_page",
    "level",
    "levels",
    "low_stock",
    "medicine_stock",
    "movements",
    "movements_csv",
    "on_hand",
    "quarantine",
    "receive",
    "receive_form",
    "release",
    "return_to_supplier",
    "rounds",
    "stock",
    "stock_alerts",
    "stock_of",
]
