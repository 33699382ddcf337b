"""Where questions to prescribers are seen: the pharmacy's list, the prescriber's home, chart and prescription."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, case, select

from galen import patients
from galen.core.context import Context
from galen.core.gate import requires
from galen.core.schemas import TimelineEntry
from galen.i18n import gettext as _
from galen.medicines import raised
from galen.patients import BannerView, Patient
from galen.prescribing import Prescription

from ..changes import DispensingChange
from ..interventions import Intervention, InterventionStatus
from ..models import WITH_PRESCRIBER, Dispensing
from .stops import late

LATELY = 14  # days in which a refusal or an answer is still news


@dataclass(frozen=True)
class Asked:
    """One intervention in a list, with whom it is about."""

    intervention: Intervention
    patient: str
    prescription: str
    number: str  # of the dispensing
    overdue: bool
    mine: bool  # whoever reads it may answer

    @property
    def to_answer(self) -> bool:
        return self.mine and self.intervention.waiting


@dataclass(frozen=True)
class AskedList:
    """What waits for an answer, the longest first, and what was said lately."""

    open: list[Asked]
    lately: list[Asked]

    @property
    def overdue(self) -> int:
        return sum(asked.overdue for asked in self.open)


def interventions_seen() -> Select[Intervention, str, str, str, str]:
    query: Select[Intervention, str, str, str, str] = select(
        Intervention, Patient.family, Patient.given, Prescription.number, Dispensing.number
    )
    query = query.join(Patient, Patient.id == Intervention.patient_id)
    query = query.join(Prescription, Prescription.id == Intervention.prescription_id)
    return query.join(Dispensing, Dispensing.id == Intervention.dispensing_id)


async def listed(ctx: Context, query: Select[Intervention, str, str, str, str]) -> list[Asked]:
    return [
        Asked(
            intervention,
            f"{family.upper()}, {given}".strip(", "),
            rx,
            number,
            late(ctx, intervention),
            intervention.prescriber_id == ctx.actor.id and ctx.actor.may("prescription.sign"),
        )
        for intervention, family, given, rx, number in await ctx.db.execute(query)
    ]


WAITING = (Intervention.status == InterventionStatus.OPEN) & Dispensing.status.in_(WITH_PRESCRIBER)
SAID = Intervention.status.in_([InterventionStatus.ANSWERED, InterventionStatus.TOLD])


@requires("dispensing.read")
async def asked_questions(ctx: Context) -> AskedList:
    """What the pharmacy asked, sent back and refused: what waits, the longest first, and what was said lately."""
    waiting = interventions_seen().where(WAITING).order_by(Intervention.asked_at, Intervention.id).limit(100)
    said = interventions_seen().where(SAID).order_by(Intervention.asked_at.desc(), Intervention.id.desc()).limit(50)
    return AskedList(await listed(ctx, waiting), await listed(ctx, said))


@requires("dispensing.read")
async def interventions_of(ctx: Context, dispensing_id: UUID) -> list[Intervention]:
    """What was asked about one dispensing, sent back or refused, in its order."""
    await ctx.get(Dispensing, dispensing_id)
    query = select(Intervention).where(Intervention.dispensing_id == dispensing_id).order_by(Intervention.id)
    return list(await ctx.db.scalars(query.limit(100)))


@requires("home.doctor")
async def to_answer(ctx: Context) -> AskedList:
    """What the pharmacy asks of the signed-in prescriber, and what it refused lately."""
    mine = Intervention.prescriber_id == ctx.actor.id
    recent = ctx.now - timedelta(days=LATELY)
    waiting = interventions_seen().where(mine, WAITING).order_by(Intervention.asked_at, Intervention.id).limit(20)
    told = mine, Intervention.status == InterventionStatus.TOLD, Intervention.asked_at > recent
    said = interventions_seen().where(*told).order_by(Intervention.asked_at.desc(), Intervention.id.desc()).limit(5)
    return AskedList(await listed(ctx, waiting), await listed(ctx, said))


@dataclass(frozen=True)
class AskedOf:
    """Interventions under the banner of their patient."""

    banner: BannerView
    asked: list[Asked]


@requires("prescription.read")
async def asked_of_patient(ctx: Context, patient_id: UUID) -> AskedOf:
    """What the pharmacy asked, sent back or refused of this patient's prescriptions, the open ones first."""
    banner = await patients.banner(ctx, patient_id)
    query = interventions_seen().where(Intervention.patient_id == patient_id)
    return AskedOf(banner, await listed(ctx, newest(query)))


@requires("prescription.read")
async def asked_of_prescription(ctx: Context, prescription_id: UUID) -> AskedOf:
    """The same of one prescription, where its prescriber answers."""
    rx = await ctx.get(Prescription, prescription_id)
    query = interventions_seen().where(Intervention.prescription_id == prescription_id)
    return AskedOf(await patients.banner(ctx, rx.patient_id), await listed(ctx, newest(query)))


def newest(
    query: Select[Intervention, str, str, str, str],
) -> Select[Intervention, str, str, str, str]:
    waits = case((Intervention.status == InterventionStatus.OPEN, 0), else_=1)
    return query.order_by(waits, Intervention.asked_at.desc(), Intervention.id.desc()).limit(20)


@requires("prescription.read")
async def asked_story(ctx: Context, patient_id: UUID) -> list[TimelineEntry]:
    """The lines that questions, refusals and changes add to a patient's story."""
    of_patient = Intervention.patient_id == patient_id, Intervention.status != InterventionStatus.WITHDRAWN
    said = select(Intervention).where(*of_patient).order_by(Intervention.asked_at.desc()).limit(50)
    made = select(DispensingChange).where(DispensingChange.patient_id == patient_id)
    changed = await ctx.db.scalars(made.order_by(DispensingChange.at.desc()).limit(50))
    return [asked_entry(ctx, intervention) for intervention in await ctx.db.scalars(said)] + [
        TimelineEntry(
            at=change.at,
            icon="pill",
            title=_("Changed before dispensing: %(medicine)s", medicine=raised(change.drug, ctx.organization.country)),
            detail=_("%(change)s. %(why)s", change=change.words, why=change.why),
            href=f"/dispensing/{change.dispensing_id}" if ctx.actor.may("dispensing.read") else "",
        )
        for change in changed
    ]


def asked_entry(ctx: Context, intervention: Intervention) -> TimelineEntry:
    drug = raised(intervention.drug, ctx.organization.country)
    titles = {
        "asked": _("The pharmacy asked about %(medicine)s", medicine=drug),
        "sent back": _("The pharmacy sent back %(medicine)s", medicine=drug),
        "refused": _("The pharmacy refused %(medicine)s", medicine=drug),
    }
    detail = _("%(reason)s: %(words)s", reason=intervention.reason.words, words=intervention.words)
    if intervention.outcome:
        detail += " · " + _("%(reason)s: %(words)s", reason=intervention.outcome.words, words=intervention.answer)
    return TimelineEntry(
        at=intervention.asked_at,
        icon="pill",
        title=titles[intervention.kind.value],
        detail=detail,
        href=f"/prescriptions/{intervention.prescription_id}",
    )
