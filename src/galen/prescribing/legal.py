"""What the law of a country asks of a prescription, by the medicine's schedule: a table, and questions put to it."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from galen.i18n import N_, ngettext
from galen.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Law:
    """One schedule in one country. `months` or `days`: how long a prescription may be supplied; `repeats`: the most."""

    schedule: str
    months: int = 0
    days: int = 0
    repeats: int | None = None
    interval: bool = False  # repeats need a least number of days between them
    registration: bool = False  # the prescriber needs the registration for controlled medicines
    address: bool = False  # the patient's address stands on the prescription
    strict: bool = False  # a repeat before its day is refused, whatever the reason
    source: str = ""

    def last_day(self, written: date) -> date:
        """The last day of supply: the same day of the month, or the month's last."""
        if self.days:
            return date.fromordinal(written.toordinal() + self.days)
        month = written.month - 1 + self.months
        year, month = written.year + month // 12, month % 12 + 1
        return date(year, month, min(written.day, monthrange(year, month)[1]))


POISONS = "Poisons Standard; state regulations, common core"
LAWS: dict[str, dict[str, Law]] = {
    "AU": {
        law.schedule: law
        for law in (
            Law("", months=12, source=POISONS),
            Law("S2", months=12, source=POISONS),
            Law("S3", months=12, source=POISONS),
            Law("S4", months=12, source=POISONS),
            Law(
                "S8",
                months=6,
                interval=True,
                address=True,
                strict=True,
                source=f"{POISONS}; NSW, Vic, Qld, SA: six months",
            ),
        )
    },
    "US": {
        law.schedule: law
        for law in (
            Law("", months=12, source="state pharmacy acts, common core"),
            # No federal limit; states set one from 30 to 365 days.
            Law(
                "CII",
                days=90,
                repeats=0,
                registration=True,
                address=True,
                strict=True,
                source="21 CFR 1306.05, 1306.12",
            ),
            Law("CIII", months=6, repeats=5, registration=True, address=True, source="21 CFR 1306.05, 1306.22"),
            Law("CIV", months=6, repeats=5, registration=True, address=True, source="21 CFR 1306.05, 1306.22"),
            # Federal law leaves the refills of CV to the prescriber; states commonly apply the limit of CIV.
            Law("CV", months=6, repeats=5, registration=True, address=True, source="21 CFR 1306.05; states as for CIV"),
        )
    },
}


def law_of(country: str, schedule: str) -> Law:
    """The row for a medicine; what has no row follows the country's rule for medicines that are not controlled."""
    table = LAWS[country]
    return table.get(schedule, table[""])


def line_fault(law: Law, drug: str, repeats: int, interval_days: int | None) -> tuple[str, str] | None:
    """What one medicine's line lacks: the field, and a sentence."""
    about = {"drug": drug, "schedule": law.schedule, "source": law.source}
    if law.repeats is not None and repeats > law.repeats:
        return "repeats", (
            ngettext(
                "%(drug)s is %(schedule)s: it may be repeated at most %(num)s time (%(source)s).",
                "%(drug)s is %(schedule)s: it may be repeated at most %(num)s times (%(source)s).",
                law.repeats,
                **about,
            )
            if law.repeats
            else _("%(drug)s is %(schedule)s: it may not be repeated (%(source)s).", **about)
        )
    if law.interval and repeats and not interval_days:
        sentence = _("%(drug)s is %(schedule)s: its repeats need the least number of days between them.", **about)
        return "interval_days", sentence
    return None


def valid_until(laws: Iterable[Law], written: date) -> date:
    """The last day on which all of a prescription may be supplied: that of its shortest-lived medicine."""
    return min(law.last_day(written) for law in laws)


@dataclass(frozen=True, slots=True)
class Identity:
    """A number under which prescribers practise: whose field it is, and what people call it."""

    field: str
    name: str


IDENTITIES = {
    "AU": (
        Identity("prescriber_number", N_("PBS prescriber number")),
        Identity("provider_number", N_("provider number")),
        Identity("hpi_i", "HPI-I"),
    ),
    "US": (Identity("npi", "NPI"), Identity("dea", N_("DEA number"))),
}


def prescriber_fault(country: str, numbers: dict[str, str], laws: Iterable[Law]) -> str | None:
    """The numbers needed to sign: AU the prescriber number; US the NPI and, for controlled ones, the DEA number."""
    needed = [IDENTITIES[country][0]]
    if any(law.registration for law in laws):
        needed = list(IDENTITIES[country])
    missing = [_(identity.name) for identity in needed if not numbers.get(identity.field)]
    if not missing:
        return None
    first, *others = missing
    if not others:
        return _("Your profile has no %(number)s. Ask the administrator to add it; then sign.", number=first)
    return _(
        "Your profile has no %(number)s and no %(other)s. Ask the administrator to add it; then sign.",
        number=first,
        other=", ".join(others),
    )
