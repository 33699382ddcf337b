"""The verbs of purchasing: whom stock is bought from, what they brought, and that it is on the shelf."""

from .deliveries import (
    cancel_delivery,
    deliveries,
    delivery,
    delivery_form,
    delivery_line,
    delivery_list,
    edit_delivery,
    open_delivery,
    start_delivery,
    waiting_deliveries,
)
from .lines import add_line, change_line, count_packs, scan_line, scan_pack, take_away
from .proof import drift
from .receipts import came_with, receive_delivery
from .suppliers import (
    add_supplier,
    archive_supplier,
    edit_supplier,
    open_supplier,
    restore_supplier,
    supplier_options,
    suppliers,
)

__all__ = [
    "add_line",
    "add_supplier",
    "archive_supplier",
    "came_with",
    "cancel_delivery",
    "change_line",
    "count_packs",
    "deliveries",
    "delivery",
    "delivery_form",
    "delivery_line",
    "delivery_list",
    "drift",
    "edit_delivery",
    "edit_supplier",
    "open_delivery",
    "open_supplier",
    "receive_delivery",
    "restore_supplier",
    "scan_line",
    "scan_pack",
    "start_delivery",
    "supplier_options",
    "suppliers",
    "take_away",
    "waiting_deliveries",
]
