"""Purchasing: whom stock is bought from, and what they brought."""

from .events import DeliveryChanged
from .models import Delivery, DeliveryLine, DeliveryStatus, PriceFor, Refused, Supplier
from .schemas import CancelDraft, DeliveryDraft, LineDraft, PackScanDraft, PacksDraft, ReceiptDraft, SupplierDraft
from .service import (
    add_line,
    add_supplier,
    came_with,
    cancel_delivery,
    change_line,
    count_packs,
    deliveries,
    drift,
    edit_delivery,
    open_delivery,
    receive_delivery,
    scan_line,
    start_delivery,
    suppliers,
    take_away,
)

__all__ = [
    "CancelDraft",
    "Delivery",
    "DeliveryChanged",
    "DeliveryDraft",
    "DeliveryLine",
    "DeliveryStatus",
    "LineDraft",
    "PackScanDraft",
    "PacksDraft",
    "PriceFor",
    "ReceiptDraft",
    "Refused",
    "Supplier",
    "SupplierDraft",
    "add_line",
    "add_supplier",
    "came_with",
    "cancel_delivery",
    "change_line",
    "count_packs",
    "deliveries",
    "drift",
    "edit_delivery",
    "open_delivery",
    "receive_delivery",
    "scan_line",
    "start_delivery",
    "suppliers",
    "take_away",
]
