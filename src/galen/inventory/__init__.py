"""Inventory: which batches lie where, what came and went, and what goes out first."""

from .events import StockLow, StockMoved
from .models import Batch, BatchStatus, Destruction, Movement, MovementKind, StockLevel, Transfer
from .recalls import RecallNotice, read_notice
from .recalls import RecallNotice, read_notice
from .schemas import AdjustDraft, BatchDraft, BatchReasonDraft, CountDraft, CountLine, Drift, Pick, StockLine
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
    "Destruction",
    "Drift",
    "Movement",
    "MovementKind",
    "OutOfStock",
    "Pick",
    "RecallNotice",
    "StockLevel",
    "StockLine",
    "StockLow",
    "StockMoved",
    "Transfer",
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
