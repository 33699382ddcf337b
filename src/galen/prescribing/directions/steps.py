"""A step while it is being read."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from .dosage import Dose

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
IN_MG = {"g": Decimal(1000), "mg": Decimal(1), "microgram": Decimal("0.001")}


@dataclass
class Step:
    """A dose with the moments and days of the week that were named for it, in the order and the words of the writer."""

    dose: Dose = field(default_factory=Dose)
    when: list[str] = field(default_factory=list)
    weekdays: tuple[str, ...] = ()
    others: bool = False  # on all days but those of the doses beside it
    bare: str = ""  # a maximum without a time, as written
    asked: list[str] = field(default_factory=list)
    place: int | None = None  # where its dose stands in the row
    written: str = ""  # from its dose to the next, as written
    asked_days: str = ""  # the days of the week, as written

    @property
    def ended(self) -> bool:
        once = bool(self.dose.often and self.dose.often.once)
        return once or self.dose.days is not None or self.dose.open_days is not None

    @property
    def timed(self) -> bool:
        """Says at which moment of a day, or on which days: another dose may stand beside it."""
        return bool(self.when or self.weekdays or self.others)

    @property
    def empty(self) -> bool:
        return self.dose in (Dose(), Dose(together=True)) and not self.when and not self.weekdays
