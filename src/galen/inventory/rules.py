"""Which batch goes first, what may not go at all, and how much is left."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from galen.i18n import gettext as _
from galen.i18n import ngettext, typed
from galen.values.units import counted

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Shelf:
    """What lies of one batch in one place; no expiry for goods that do not perish."""

    batch: UUID
    expires: date | None
    received: datetime
    on_hand: Decimal
    quarantined: bool = False

    def usable(self, today: date) -> bool:
        """Neither gone, nor quarantined, nor expired: the day of expiry is the last good day."""
        return self.on_hand > 0 and not self.quarantined and self.outlasts(today)

    def outlasts(self, day: date) -> bool:
        """Whether it is still good on that day."""
        return self.expires is None or self.expires >= day


@dataclass(frozen=True, slots=True)
class Take:
    """So much from this shelf; `short_dated` when it expires before the course ends."""

    shelf: Shelf
    quantity: Decimal
    short_dated: bool = False


@dataclass(frozen=True, slots=True)
class Picked:
    """What to take, first expired first, and what is missing."""

    takes: tuple[Take, ...]
    missing: Decimal

    @property
    def short_dated(self) -> bool:
        """Some of it expires before the course ends: the pharmacist decides."""
        return any(take.short_dated for take in self.takes)


def fefo(shelf: Shelf) -> tuple[date, datetime, UUID]:
    """First expired, first out: then first received, then by batch, so that everybody locks in one order."""
    return shelf.expires or date.max, shelf.received, shelf.batch


def pick(shelves: Iterable[Shelf], wanted: Decimal, today: date, lasting_until: date | None = None) -> Picked:
    """First expired, first out, of what is usable; with a course, only batches that outlast it while those suffice."""
    if wanted <= 0:
        raise ValueError(_("The quantity must be above zero."))
    usable = sorted((shelf for shelf in shelves if shelf.usable(today)), key=fefo)
    last_day = lasting_until or today
    lasting = [shelf for shelf in usable if shelf.outlasts(last_day)]
    enough = sum((shelf.on_hand for shelf in lasting), NOTHING) >= wanted
    takes, missing = [], wanted
    for shelf in lasting if enough else usable:
        if not missing:
            break
        quantity = min(shelf.on_hand, missing)
        missing -= quantity
        takes.append(Take(shelf, quantity, short_dated=not shelf.outlasts(last_day)))
    return Picked(tuple(takes), missing)


def available(shelves: Iterable[Shelf], today: date) -> Decimal:
    """What could be handed out today."""
    return sum((shelf.on_hand for shelf in shelves if shelf.usable(today)), NOTHING)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a second pair of eyes is needed, in units or in the organisation's currency: above either."""

    write_off_units: Decimal = Decimal(1000)  # more is taken off by the manager
    write_off_value: Decimal = Decimal(500)
    recount_units: Decimal = Decimal(50)  # differs by more: somebody else counts it again
    recount_value: Decimal = Decimal(50)

    def needs_manager(self, taken: Decimal, value: Decimal) -> bool:
        """Whether taking off so many units, worth so much, is for the manager."""
        return taken > self.write_off_units or value > self.write_off_value

    def needs_recount(self, difference: Decimal, unit_value: Decimal) -> bool:
        """Whether a counted difference, over or short, has to be counted again."""
        return abs(difference) > self.recount_units or abs(difference) * unit_value > self.recount_value


LAST_ROUND = 3


def settles(limits: Thresholds, difference: Decimal, unit_value: Decimal, round: int, before: Decimal | None) -> bool:
    """Whether a count decides: it is near the ledger, it agrees with the one before, or it is the third."""
    return not limits.needs_recount(difference, unit_value) or difference == before or round >= LAST_ROUND


def unit_value(unit_cost: Decimal | None, price: Decimal, pack_size: Decimal) -> Decimal:
    """What one unit is worth: what was paid for it, else its share of the pack's price."""
    return (price / pack_size).quantize(Decimal("0.0001")) if unit_cost is None else unit_cost


class Level(StrEnum):
    """Whether there is enough."""

    OUT = "out"
    LOW = "low"
    ENOUGH = "enough"

    @property
    def out(self) -> bool:
        """Nothing is left."""
        return self is Level.OUT

    @property
    def low(self) -> bool:
        """At its reorder level or below, but not out."""
        return self is Level.LOW


def level(quantity: Decimal, reorder_at: Decimal | None) -> Level:
    """Out at nothing, low at the reorder level and below; without a level nothing is low."""
    if quantity <= 0:
        return Level.OUT
    return Level.LOW if reorder_at is not None and quantity <= reorder_at else Level.ENOUGH


EXPIRY_WARNINGS = (30, 60, 90, 180)


def expires_within(expires: date | None, today: date) -> int | None:
    """0 when expired, else the nearest warning (30, 60, 90, 180 days) it falls into; None when far off."""
    if expires is None:
        return None
    left = (expires - today).days
    return 0 if left < 0 else next((days for days in EXPIRY_WARNINGS if left <= days), None)


def in_packs(quantity: Decimal, pack_size: Decimal) -> tuple[int, Decimal]:
    """Whole packs and loose units; a correction below zero is counted the same way."""
    if pack_size <= 0:
        raise ValueError(_("The pack size must be above zero."))
    packs, loose = divmod(abs(quantity), pack_size)
    return (int(packs), loose) if quantity >= 0 else (-int(packs), -loose)


def pack_words(quantity: Decimal, pack_size: Decimal, unit: str = "unit") -> str:
    """How much, as a person counts it: `3 packs + 4 tablets`."""
    packs, loose = in_packs(quantity, pack_size)
    if pack_size == 1 or not packs:
        words = counted(abs(quantity), unit)
    else:
        words = ngettext("%(num)s pack", "%(num)s packs", abs(packs))
        if loose:
            words = _("%(packs)s + %(loose)s", packs=words, loose=counted(abs(loose), unit))
    return _("minus %(quantity)s", quantity=words) if quantity < 0 else words


def expiry(text: str) -> date:
    """An expiry as printed: a day (2027-06-15), or a month (2027-06, 06/2027, 06/29, Jun 2029): its last day.

    Two numbers are a month and a year, as packs say it; a day is written with a year of four digits, or spelt out.
    """
    text = text.strip()
    if short := re.fullmatch(r"([0-9]{1,2})[/.-]([0-9]{2})", text):
        return _day(text, typed.whole_year(short[2]), int(short[1]), 0)
    if month := typed.read_month(text):
        return _day(text, month.year, month.month, 0)
    if re.match(r"[0-9]{4}-|.*[^\W\d_]{3}", text) and (day := typed.read_day(text)):
        return day
    if re.fullmatch(r"[0-9]{4}-[0-9]{1,2}(?:-[0-9]{1,2})?|[0-9]{1,2}/[0-9]{4}", text) and not text.endswith("-00"):
        raise ValueError(_("%(text)s is not in the calendar.", text=text))
    raise ValueError(_("The expiry must be a day (2027-06-15) or a month (2027-06 or 06/2027)."))


def _day(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day or monthrange(year, month)[1])
    except ValueError:
        raise ValueError(_("%(text)s is not in the calendar.", text=text)) from None
