"""How long a medicine is good once it is opened or made up: a table with its sources, and the day it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from galen.i18n import N_

OPENED = N_("Throw away %(days)s days after opening. Opened on:")
USE_BY = N_("Made up: use until %(day)s, then throw away.")


@dataclass(frozen=True, slots=True)
class BeyondUse:
    """One row. `made_up`: its days begin in the pharmacy, when it is made up; else when the patient opens it."""

    atc: str
    days: int
    source: str
    form: tuple[str, ...] = ()  # words of its form, one of which must be there; none: any form
    route: str = ""
    country: str = ""
    made_up: bool = False

    def fits(self, atc: str, route: str, form: str, country: str) -> bool:
        words = form.lower()
        return (
            atc.startswith(self.atc)
            and (not self.form or any(word in words for word in self.form))
            and self.route in ("", route)
            and self.country in ("", country)
        )


LIQUID = ("suspension", "powder for oral")
LABEL = "product information of the powder for oral suspension"
EYE = ("eye",)
TABLE = (
    BeyondUse("J01CR02", 7, f"{LABEL}: 7 days at 2 to 8 °C (Australia: 7 to 10)", LIQUID, country="AU", made_up=True),
    BeyondUse("J01CR02", 10, f"{LABEL}: 10 days, refrigerated (US label)", LIQUID, country="US", made_up=True),
    BeyondUse("J01CA04", 14, f"{LABEL}: 14 days", LIQUID, made_up=True),
    BeyondUse("J01DB01", 14, f"{LABEL}: 14 days at 2 to 8 °C", LIQUID, made_up=True),
    BeyondUse("J01FA10", 10, f"{LABEL}: 10 days", LIQUID, made_up=True),
    BeyondUse("A10A", 28, "product information of insulins: 28 days in use, up to 30 °C (10 to 56 by product)"),
    BeyondUse("", 28, "practice in Australia and the UK, US labels: eye drops 4 weeks after opening", EYE),
    BeyondUse("", 28, "the same", route="ophthalmic"),
    BeyondUse("", 28, "USP <797>, CDC: multi-dose vials 28 days after puncture", ("multi-dose vial", "multidose vial")),
)
"""The first row that fits speaks: the particular ones stand before the general ones."""


def beyond_use(atc: str, route: str, form: str, country: str) -> BeyondUse | None:
    """The row for a medicine; none where nothing is known to hold besides its expiry."""
    return next((row for row in TABLE if row.fits(atc, route, form, country)), None)


def last_good_day(row: BeyondUse, made_up: date, expires: date | None) -> date:
    """What was made up on a day is good for so long, and never beyond the expiry of its batch."""
    day = made_up + timedelta(days=row.days)
    return min(day, expires) if expires else day
