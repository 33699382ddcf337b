"""Finding prescriptions, and what pages and other people's pages show of them."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import raiseload, selectinload

from galen import medicines, organizations, patients
from galen.core.context import Context
from galen.core.gate import requires
from galen.core.schemas import Found, Slice, TimelineEntry
from galen.encounters import Visit, VisitStatus
from galen.i18n import N_
from galen.i18n import gettext as _
from galen.patients import BannerView, Patient
from galen.values.search_key import search_key

from ..models import Line, Meaning, Prescription, PrescriptionStatus, Reason
from ..questions import AskedQuestion, OpenQuestion, asked, unanswered
from ..signature import verify_signature
from .drafting import checked, labels

TITLES = {
    PrescriptionStatus.DRAFT: N_("Prescription %(number)s drafted"),
    PrescriptionStatus.SIGNED: N_("Prescription %(number)s signed"),
    PrescriptionStatus.PARTLY_DISPENSED: N_("Prescription %(number)s partly dispensed"),
    PrescriptionStatus.DISPENSED: N_("Prescription %(number)s dispensed"),
    PrescriptionStatus.CANCELLED: N_("Prescription %(number)s cancelled"),
    PrescriptionStatus.EXPIRED: N_("Prescription %(number)s expired"),
}


@requires("prescription.read")
async def prescription(ctx: Context, prescription_id: UUID) -> Prescription:
    """One prescription. A draft comes with the report of the safety check as of now."""
    rx = await ctx.get(Prescription, prescription_id)
    if rx.status is PrescriptionStatus.DRAFT:
        known = await medicines.products(ctx, [line.product_id for line in rx.lines])
        rx.report = await checked(ctx, rx, known)
    return rx


@dataclass(frozen=True)
class PrescriptionSheet:
    """The page of one prescription."""

    rx: Prescription
    banner: BannerView
    doctor: str
    questions: list[AskedQuestion]  # what must still be answered before signing
    sealed: bool | None  # whether the signature holds; nothing for a draft
    reasons: list[tuple[str, str]]
    mine: bool  # whoever looks at it wrote it
    zone: str  # of the site at which it was written

    @property
    def changeable(self) -> bool:
        """One's own draft: it may be changed and signed."""
        return self.rx.draft and self.mine

    @property
    def of_another(self) -> bool:
        """A draft that only its author can sign."""
        return self.rx.draft and not self.mine

    @property
    def cancellable(self) -> bool:
        """One's own, and nothing of it was supplied."""
        return self.mine and self.rx.status in (PrescriptionStatus.DRAFT, PrescriptionStatus.SIGNED)

    @property
    def mailable(self) -> bool:
        """Signed, and nothing of it was supplied: the patient can be told."""
        return self.rx.status is PrescriptionStatus.SIGNED

    @property
    def altered(self) -> bool:
        """It is not what was signed."""
        return self.sealed is False

    @property
    def seal(self) -> str:
        """Whether the seal holds, and the beginning of its digest."""
        if not self.rx.signed_at:
            return ""
        digest = self.rx.content_hash[:16]
        if self.sealed:
            return _("holds, SHA-256 %(digest)s …", digest=digest)
        return _("broken, SHA-256 %(digest)s …", digest=digest)

    @property
    def meanings(self) -> list[tuple[str, str]]:
        """What a signature may say, for a field to choose from."""
        return [
            (Meaning.AUTHORSHIP.value, _("I wrote this prescription")),
            (Meaning.RESPONSIBILITY.value, _("I take responsibility for it")),
        ]


@requires("prescription.read")
async def sheet(ctx: Context, prescription_id: UUID) -> PrescriptionSheet:
    """One prescription under the banner of its patient, with what must be answered, or whether its seal holds."""
    rx = await ctx.get(Prescription, prescription_id, include=(Prescription.practitioner,))
    questions: list[OpenQuestion] = []
    if rx.status is PrescriptionStatus.DRAFT:
        known = await medicines.products(ctx, [line.product_id for line in rx.lines])
        rx.report = await checked(ctx, rx, known)
        answered = [override.key for override in rx.overrides]
        questions = unanswered(asked(rx.report, labels(rx, known)), answered)
    place = await organizations.place_of(ctx, rx.site_id)
    return PrescriptionSheet(
        rx=rx,
        banner=await patients.banner(ctx, rx.patient_id),
        doctor=rx.practitioner.name,
        questions=[AskedQuestion(number, question) for number, question in enumerate(questions)],
        sealed=verify_signature(rx) if rx.signed_at else None,
        reasons=reasons(),
        mine=rx.prescriber_id == ctx.actor.id,
        zone=place.zone if place else "",
    )


def reasons() -> list[tuple[str, str]]:
    """The coded reasons to go on, for a field to choose from."""
    return [(reason.value, reason.words) for reason in Reason if reason is not Reason.ACKNOWLEDGED]


@dataclass(frozen=True)
class Entry:
    """One line of a list of prescriptions."""

    id: UUID
    number: str
    patient_id: UUID
    patient: str
    status: PrescriptionStatus
    written_at: datetime
    signed_at: datetime | None
    valid_until: date | None
    prescriber: str
    drugs: list[str]
    mine: bool


def entries() -> Select[Any]:
    drugs = (
        select(func.array_agg(Line.drug)).where(Line.prescription_id == Prescription.id).correlate(Prescription)
    ).scalar_subquery()
    query = select(Prescription, Patient.family, Patient.given, drugs)
    query = query.join(Patient, Patient.id == Prescription.patient_id)
    return query.options(selectinload(Prescription.practitioner)).order_by(Prescription.written_at.desc())


async def listed(ctx: Context, query: Select[Any]) -> list[Entry]:
    """Entries without their parts: a list shows only the names of the medicines."""
    bare = query.options(raiseload(Prescription.lines), raiseload(Prescription.overrides))
    return [
        Entry(
            id=rx.id,
            number=rx.number,
            patient_id=rx.patient_id,
            patient=", ".join(filter(None, (family.upper(), given))),
            status=rx.status,
            written_at=rx.written_at,
            signed_at=rx.signed_at,
            valid_until=rx.valid_until,
            prescriber=rx.practitioner.name,
            drugs=drugs or [],
            mine=rx.prescriber_id == ctx.actor.id,
        )
        for rx, family, given, drugs in await ctx.db.execute(bare)
    ]


def drugs_of(ctx: Context, rx: Entry) -> str:
    """Its medicines in a line, in tall-man letters."""
    return medicines.raised(", ".join(rx.drugs), ctx.organization.country)


@requires("prescription.read")
async def worklist(
    ctx: Context, q: str = "", status: PrescriptionStatus | None = None, mine: bool = False
) -> list[Entry]:
    """Prescriptions, the newest first: by number or the patient's name, by status, one's own."""
    query = entries().limit(100)
    if q.strip():
        query = query.where(called(q.strip()))
    if status:
        query = query.where(Prescription.status == status)
    if mine:
        query = query.where(Prescription.prescriber_id == ctx.actor.id)
    return await listed(ctx, query)


def called(q: str) -> ColumnElement[bool]:
    """A prescription's number, whole or its end; otherwise the beginning of the patient's name."""
    if found := re.fullmatch(r"(?:rx)?\s*(\d+)", q.lower()):
        return Prescription.number == f"RX{int(found[1]):06}"
    key = search_key(q.replace(",", " "))
    column = Patient.search.collate("C")
    return (column >= key) & (column < key + "\U0010ffff")


@requires("prescription.read")
async def prescriptions(
    ctx: Context,
    patient_id: UUID | None = None,
    q: str = "",
    status: PrescriptionStatus | None = None,
    mine: bool = False,
    after: str | None = None,
) -> Slice[Prescription]:
    """Prescriptions with their lines, the newest first: of a patient, by number or name, by status, one's own."""
    query = select(Prescription)
    if q.strip():
        query = query.join(Patient, Patient.id == Prescription.patient_id).where(called(q.strip()))
    if mine:
        query = query.where(Prescription.prescriber_id == ctx.actor.id)
    if patient_id:
        await patients.known(ctx, patient_id)
        query = query.where(Prescription.patient_id == patient_id)
    if status:
        query = query.where(Prescription.status == status)
    return await ctx.slice(query, after, by=Prescription.written_at)


@requires("prescription.read")
async def of_patient(ctx: Context, patient_id: UUID) -> list[Entry]:
    """A patient's prescriptions, the newest first."""
    await patients.known(ctx, patient_id)
    return await listed(ctx, entries().where(Prescription.patient_id == patient_id).limit(100))


@dataclass(frozen=True)
class Prescribed:
    """What was prescribed in a visit."""

    patient_id: UUID
    open: bool
    prescriptions: list[Prescription]
    reader_id: UUID

    def to_sign(self, rx: Prescription) -> bool:
        """A draft of whoever reads this."""
        return rx.draft and rx.prescriber_id == self.reader_id


@requires("prescription.read")
async def of_visit(ctx: Context, visit_id: UUID) -> Prescribed:
    """What was prescribed in a visit."""
    visit = await ctx.get(Visit, visit_id)
    query = select(Prescription).where(Prescription.visit_id == visit_id).order_by(Prescription.written_at)
    written = list(await ctx.db.scalars(query))
    return Prescribed(visit.patient_id, visit.status is VisitStatus.OPEN, written, ctx.actor.id)


@requires("prescription.read")
async def find(ctx: Context, q: str = "") -> list[Found]:
    """Prescriptions for the search box, by number."""
    if not re.fullmatch(r"(?:rx\s*)?\d+", q.strip().lower()):
        return []
    return [
        Found(title=f"{rx.number} · {rx.patient}", detail=drugs_of(ctx, rx), href=f"/prescriptions/{rx.id}")
        for rx in await listed(ctx, entries().where(called(q.strip())).limit(8))
    ]


@requires("prescription.read")
async def story(ctx: Context, patient_id: UUID) -> list[TimelineEntry]:
    """Prescriptions for the patient's timeline."""
    return [
        TimelineEntry(
            at=rx.signed_at or rx.written_at,
            icon="prescription",
            title=_(TITLES[rx.status], number=rx.number),
            detail=drugs_of(ctx, rx),
            href=f"/prescriptions/{rx.id}",
        )
        for rx in await of_patient(ctx, patient_id)
    ]


async def waiting(ctx: Context) -> int:
    """How many drafts of one's own wait for a signature."""
    own = (Prescription.prescriber_id == ctx.actor.id) & (Prescription.status == PrescriptionStatus.DRAFT)
    return await ctx.db.scalar(select(func.count(Prescription.id)).where(own)) or 0


@requires("home.doctor")
async def unsigned(ctx: Context) -> list[Entry]:
    """One's own drafts, for the home page."""
    own = (Prescription.prescriber_id == ctx.actor.id) & (Prescription.status == PrescriptionStatus.DRAFT)
    return await listed(ctx, entries().where(own).limit(20))
