"""Directions: what prescribers write, compiled to a dosage, to plain words in several languages, and to quantities.

words → shapes → grammar → dosage → text, quantity. What is not understood is handed back as written, never dropped;
what people misread is rewritten with a notice, or refused.
"""

from .compiled import compiled, in_language, read
from .dosage import Directions, DirectionsNotice, Dose, Often, daily
from .numbers import plain
from .places import misplaced
from .quantity import counted_in, course, days_supply, quantity_for
from .structure import structured
from .supplies import Supply, supply_of
from .text import LANGUAGES, say

__all__ = [
    "LANGUAGES",
    "Directions",
    "DirectionsNotice",
    "Dose",
    "Often",
    "Supply",
    "compiled",
    "counted_in",
    "course",
    "daily",
    "days_supply",
    "in_language",
    "misplaced",
    "plain",
    "quantity_for",
    "read",
    "say",
    "structured",
    "supply_of",
]
