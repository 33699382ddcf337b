"""Inventory: which batches lie where, what came and went, and what goes out first."""

from .events import StockLow, StockMoved
from .models import Batch, BatchStatus, Movement, MovementKind, StockLevel
from .recalls import RecallNotice, read_notice
from .schemas import AdjustDraft, BatchDraft, BatchReasonDraft, CountDraft, CountLine, Pick, StockLine
from .service import (
    OutOfStock,
    adjust,
    count_stock,
    drift,
    expiring,
    give_back,
    issue,
    levels,
    low_stock,
    movements,
    on_hand,
    quarantine,
    receive,
    release,
    return_to_supplier,
)

__all__ = [
    "AdjustDraft",
    "Batch",
    "BatchDraft",
    "BatchReasonDraft",
    "BatchStatus",
    "CountDraft",
    "CountLine",
    "Movement",
    "MovementKind",
    "OutOfStock",
    "Pick",
    "RecallNotice",
    "StockLevel",
    "StockLine",
    "StockLow",
    "StockMoved",
    "adjust",
    "count_stock",
    "drift",
    "expiring",
    "give_back",
    "issue",
    "levels",
    "low_stock",
    "movements",
    "on_hand",
    "quarantine",
    "read_notice",
    "receive",
    "release",
    "return_to_supplier",
]
