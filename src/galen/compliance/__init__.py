"""Compliance: the audit log made searchable, and proven to be as it was written."""

from .models import SealRecord
from .sealing import anchor, anchor_file, log_of, seal_log, verify_log
from .service import entries, seals

__all__ = ["SealRecord", "anchor", "anchor_file", "entries", "log_of", "seal_log", "seals", "verify_log"]
