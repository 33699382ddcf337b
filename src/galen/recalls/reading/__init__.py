"""Recall notices read: which lots, drug codes and expiry days a text names, and what of it nobody could tell.

`read_notice` is a pure function of the texts of a notice. It reads what is said and guesses nothing: what looks like a
lot and cannot be told stands in `unknown`, for a person to read. It proposes;
a person confirms before anything is held.
"""

from .codes import ndc11
from .notice import COLUMNS, LotLine, RecallNotice, read_notice
from .product import NoticeProduct

__all__ = ["COLUMNS", "LotLine", "NoticeProduct", "RecallNotice", "ndc11", "read_notice"]
