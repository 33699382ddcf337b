"""The ranges that guidelines give, to begin with; each place may have its own."""

from dataclasses import dataclass
from decimal import Decimal

from galen.i18n import N_


@dataclass(frozen=True, slots=True)
class Preset:
    """Celsius, minutes, and hours out of range in all that a batch may have."""

    name: str
    low: Decimal
    high: Decimal
    tolerated_low: Decimal
    tolerated_high: Decimal
    tolerated_minutes: int
    interval_minutes: int
    mean_most: Decimal | None
    budget_hours: int | None = None


D = Decimal
PRESETS = {
    # Strive for 5: up to 12 for no more than 15 minutes is a door that was open; below 2 is a breach at any moment
    "fridge": Preset(N_("Refrigerator, 2 to 8 °C"), D(2), D(8), D(2), D(12), 15, 5, D(8)),
    # USP <659>: 20 to 25, excursions 15 to 30 allowed, spikes to 40 for up to 24 hours; mean kinetic no more than 25
    "room": Preset(N_("Controlled room, 15 to 30 °C"), D(15), D(30), D(15), D(40), 24 * 60, 15, D(25)),
    # CDC: frozen vaccines between -50 and -15; each thaw is recorded
    "freezer": Preset(N_("Freezer, -50 to -15 °C"), D(-50), D(-15), D(-50), D(-15), 0, 5, None),
}
