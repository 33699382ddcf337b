"""What was seen and measured elsewhere, as an import brings it: no queue, no fee, complete from the start."""

from bisect import insort
from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter
from uuid import UUID

from sqlalchemy import case, or_, select

from galen.core.context import Context
from galen.patients import Sex

from ..doubts import CHANGES, Doubt
from ..models import Visit, VisitStatus, Vitals
from ..rules import UNITS_BY_UCUM, Measure, implausible, into_own_unit
from .lasting import doubted
from .vitals import derived, flags_of, strike


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


Past = list[tuple[datetime, dict[str, Decimal]]]


async def believed_before(ctx: Context, people: Collection[UUID]) -> dict[UUID, Past]:
    """What was measured of these people and is believed, the earliest first: what an import is compared with."""
    sure = {measure: case((Vitals.believed(measure), getattr(Vitals, measure))).label(measure) for measure in CHANGES}
    query = select(Vitals.patient_id, Vitals.taken_at, *sure.values()).where(
        Vitals.patient_id.in_(people), or_(*(Vitals.believed(measure) for measure in CHANGES))
    )
    found: dict[UUID, Past] = {}
    for patient_id, at, *values in await ctx.db.execute(query.order_by(Vitals.taken_at)):
        kept = {measure: value for measure, value in zip(CHANGES, values, strict=True) if value is not None}
        found.setdefault(patient_id, []).append((at, kept))
    return found


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
    before: Past | None = None,
) -> Vitals:
    """One set of measurements, flagged at the age of that day; `measures` may bring a body mass index of its own.

    What is hard to believe beside the age and what was measured `before` is kept, marked in doubt, and counts for
    nothing until somebody confirms it; what is believed joins `before`.
    """
    index, kept = measures.get("bmi"), {k: v for k, v in measures.items() if k != "bmi"}
    vitals = Vitals(patient_id=patient_id, visit_id=visit_id, taken_at=taken_at, by_name=by_name, **kept)
    day = taken_at.astimezone(ctx.zone).date()
    before = [] if before is None else before
    last = {
        measure: (value, at.astimezone(ctx.zone).date())
        for at, values in before if at <= taken_at
        for measure, value in values.items()
    }  # fmt: skip
    vitals.flags = flags_of(kept, born, day)
    vitals.doubts = {doubt.measure: doubt.kept() for doubt in doubted(kept, born, sex, day, last)}
    sure = {measure: value for measure, value in kept.items() if measure not in vitals.doubts}
    insort(before, (taken_at, {m: v for m, v in sure.items() if m in CHANGES}), key=itemgetter(0))
    reckoned, vitals.egfr = derived(sure, None, born, sex, day)
    vitals.bmi = reckoned or index
    return ctx.add(vitals)


def doubts_of(vitals: Vitals) -> list[Doubt]:
    """What of an imported set is in doubt."""
    return [Doubt.read(name, getattr(vitals, name), kept) for name, kept in vitals.doubts.items()]


def strike_past_vitals(ctx: Context, vitals: Vitals) -> None:
    """Another set of measurements takes the place of this one."""
    strike(ctx, vitals)
