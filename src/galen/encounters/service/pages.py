"""What pages show of visits: a patient's history and trends, a doctor's day."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import raiseload

from galen import organizations, patients, scheduling
from galen.core.context import Context
from galen.core.gate import requires
from galen.core.schemas import TimelineEntry
from galen.i18n import formats
from galen.i18n import gettext as _
from galen.patients import Patient
from galen.queue import Token, TokenStatus
from galen.values.units import plain

from ..models import Diagnosis, Kept, Note, NoteStatus, Visit, VisitStatus, Vitals
from ..rules import SCALES, Measure, normal_range
from ..schemas import VitalsView
from .waiting import is_here

MEASURES = tuple(Measure)


@dataclass(frozen=True)
class PastVisit:
    """One line of a patient's visits."""

    id: UUID
    started_at: datetime
    doctor: str
    status: VisitStatus
    reason: str
    diagnoses: list[str]


@requires("visit.read")
async def history(ctx: Context, patient_id: UUID) -> list[PastVisit]:
    """A patient's visits with their diagnoses, the latest first."""
    await patients.known(ctx, patient_id)
    titles = (
        select(func.array_agg(Diagnosis.title))
        .where(Diagnosis.visit_id == Visit.id, Diagnosis.status == Kept.RECORDED)
        .scalar_subquery()
    )
    query = select(Visit, scheduling.Practitioner.name, titles).outerjoin(Visit.practitioner)
    query = query.where(Visit.patient_id == patient_id).order_by(Visit.started_at.desc()).limit(100)
    rows = (await ctx.db.execute(query)).all()
    places = await organizations.places(ctx, [visit for visit, doctor, diagnoses in rows])
    return [
        PastVisit(
            visit.id,
            organizations.on_its_clock(visit.started_at, places.get(visit.site_id)),
            doctor or visit.elsewhere,
            visit.status,
            visit.reason,
            diagnoses or [],
        )
        for visit, doctor, diagnoses in rows
    ]


def title_of(visit: PastVisit) -> str:
    if visit.status is VisitStatus.CANCELLED:
        return _("Visit with %(doctor)s (cancelled)", doctor=visit.doctor)
    return _("Visit with %(doctor)s", doctor=visit.doctor)


@requires("visit.read")
async def story(ctx: Context, patient_id: UUID) -> list[TimelineEntry]:
    """Visits for the patient's timeline."""
    return [
        TimelineEntry(
            at=visit.started_at,
            icon="stethoscope",
            title=title_of(visit),
            detail="; ".join(visit.diagnoses) or visit.reason,
            href=f"/visits/{visit.id}",
        )
        for visit in await history(ctx, patient_id)
    ]


@dataclass(frozen=True)
class Trends:
    """A patient's measurements over time: one chart for each measure that was taken more than once."""

    latest: VitalsView | None
    charts: list[tuple[str, dict[str, Any]]]
    questioned: list[VitalsView]  # what is in doubt and nobody has confirmed
    here: bool  # checked in, or expected today: to be measured

    @property
    def at_once(self) -> list[tuple[str, dict[str, Any]]]:
        """The charts that are drawn at once; the others wait to be unfolded."""
        return self.charts[:2]

    @property
    def folded(self) -> list[tuple[str, dict[str, Any]]]:
        return self.charts[2:]

    @property
    def folded_titles(self) -> str:
        return ", ".join(title for title, _data in self.folded)

    @property
    def derived(self) -> list[str]:
        """What follows from the latest measurements."""
        if self.latest is None:
            return []
        bmi = [f"BMI {plain(self.latest.bmi)} kg/m²"] if self.latest.bmi else []
        return bmi + ([f"eGFR {plain(self.latest.egfr)} mL/min/1.73 m²"] if self.latest.egfr else [])


@requires("visit.read")
async def chart_of(ctx: Context, patient_id: UUID) -> Trends:
    """Vital signs over time, each with what is normal at the patient's age (ENC-4)."""
    await patients.known(ctx, patient_id)
    query = select(Vitals).where(Vitals.patient_id == patient_id, Vitals.status == Kept.RECORDED)
    found = [
        VitalsView.model_validate(row) for row in await ctx.db.scalars(query.order_by(Vitals.taken_at.desc()).limit(60))
    ]
    taken = found[::-1]
    born = await ctx.db.scalar(select(Patient.born).where(Patient.id == patient_id))
    pairs: list[tuple[str, tuple[Measure, ...]]] = [(_("Blood pressure"), (Measure.SYSTOLIC, Measure.DIASTOLIC))]
    pairs += [(name_of_measure(measure), (measure,)) for measure in MEASURES if measure not in pairs[0][1]]
    charts = [(title, drawn(ctx, taken, measures, born)) for title, measures in pairs]
    drawable = [(title, data) for title, data in charts if len(data["x"]) > 1]
    here = ctx.site is not None and ctx.actor.may("visit.write") and await is_here(ctx, patient_id)
    return Trends(taken[-1] if taken else None, drawable, [vitals for vitals in found if vitals.in_doubt], here)


def drawn(ctx: Context, taken: list[VitalsView], measures: tuple[Measure, ...], born: date | None) -> dict[str, Any]:
    """The figures of one chart; the normal band is that of the first measure today."""
    rows = [vitals for vitals in taken if any(believed(vitals, measure) is not None for measure in measures)]
    series = [
        {"name": name_of_measure(measure), "values": [number(believed(vitals, measure)) for vitals in rows]}
        for measure in measures
    ]
    data = {"x": [formats.day(vitals.taken_at.astimezone(ctx.zone)) for vitals in rows], "series": series}
    data["unit"] = SCALES[measures[0]].unit
    low, high = normal_range(measures[0], born, ctx.today) if born else (None, None)
    if low is not None and high is not None:
        data["band"] = [plain(low), plain(high)]
    return data


def believed(vitals: VitalsView, measure: Measure) -> Decimal | None:
    """A value; nothing while it is in doubt."""
    return None if measure in {doubt.measure for doubt in vitals.in_doubt} else getattr(vitals, measure)


def name_of_measure(measure: Measure) -> str:
    """As a title: Heart rate."""
    return _(SCALES[measure].name).capitalize()


def number(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


@dataclass(frozen=True)
class Called:
    """Someone whom this doctor has called and who is on the way to the room."""

    token: Token
    patient: Patient


@dataclass(frozen=True)
class Now:
    """Who is with a doctor: inside, called; and which notes are unsigned."""

    open: list[tuple[Visit, Patient]]
    called: list[Called]
    unsigned: list[tuple[Note, Patient]]


@requires("home.doctor")
async def with_doctor(ctx: Context) -> Now:
    """The doctor's home: visits still open, the patient just called, notes to sign."""
    own, bare = await scheduling.practitioner_of_actor(ctx), raiseload(Patient.allergies)
    running = select(Visit, Patient).join(Patient, Patient.id == Visit.patient_id).options(bare)
    running = running.where(Visit.practitioner_id == own.id, Visit.status == VisitStatus.OPEN)
    drafts = select(Note, Patient).join(Patient, Patient.id == Note.patient_id).options(bare)
    drafts = drafts.where(Note.author_id == ctx.actor.id, Note.status == NoteStatus.DRAFT).order_by(Note.written_at)
    called = select(Token, Patient).join(Patient, Patient.id == Token.patient_id).options(bare)
    called = called.where(Token.day == ctx.today, Token.status == TokenStatus.CALLED, Token.practitioner_id == own.id)
    return Now(
        open=[(visit, patient) for visit, patient in await ctx.db.execute(running.order_by(Visit.started_at))],
        called=[Called(token, patient) for token, patient in await ctx.db.execute(called.order_by(Token.called_at))],
        unsigned=[(note, patient) for note, patient in await ctx.db.execute(drafts.limit(10))],
    )
