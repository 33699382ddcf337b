"""What was seen and measured elsewhere, as an import brings it: no queue, no fee, complete from the start."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from galen.core.context import Context
from galen.patients import Sex

from ..models import Kept, Visit, VisitStatus, Vitals
from ..rules import UNITS_BY_UCUM, Measure, implausible, into_own_unit
from .vitals import derived, flags_of


def past_visit(
    ctx: Context,
    patient_id: UUID,
    started_at: datetime,
    *,
    elsewhere: str,
    ended_at: datetime | None = None,
    reason: str = "",
    cancelled: bool = False,
) -> Visit:
    """A visit to somebody else; `elsewhere` says to whom and where."""
    status = VisitStatus.CANCELLED if cancelled else VisitStatus.COMPLETED
    visit = Visit(patient_id=patient_id, started_at=started_at, ended_at=ended_at, reason=reason, status=status)
    visit.elsewhere = elsewhere
    return ctx.add(visit)


def past_measure(measure: Measure, value: Decimal, ucum: str) -> Decimal:
    """A measurement in its own unit, from a UCUM code; what is not possible is refused with a sentence."""
    own = into_own_unit(measure, value, UNITS_BY_UCUM.get(ucum, ucum))
    if fault := implausible(measure, own):
        raise ValueError(fault)
    return own


def past_vitals(
    ctx: Context,
    patient_id: UUID,
    taken_at: datetime,
    measures: dict[str, Decimal],
    *,
    born: date | None,
    sex: Sex,
    visit_id: UUID | None = None,
    by_name: str = "",
) -> Vitals:
    """One set of measurements, flagged at the age of that day; `measures` may bring a body mass index of its own."""
    index, kept = measures.get("bmi"), {k: v for k, v in measures.items() if k != "bmi"}
    vitals = Vitals(patient_id=patient_id, visit_id=visit_id, taken_at=taken_at, by_name=by_name, **kept)
    day = taken_at.astimezone(ctx.zone).date()
    vitals.flags = flags_of(kept, born, day) if born and born <= day else {}
    reckoned, vitals.egfr = derived(kept, None, born, sex, day)
    vitals.bmi = reckoned or index
    return ctx.add(vitals)


def strike_past_vitals(vitals: Vitals) -> None:
    """Another set of measurements takes the place of this one."""
    vitals.status = Kept.ENTERED_IN_ERROR
