"""The page of a visit: what is written on one side, and on the other what one reads while writing."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from galen import organizations, patients
from galen.core.context import Context
from galen.core.errors import Invalid
from galen.core.gate import requires
from galen.core.schemas import Slice
from galen.i18n import gettext as _
from galen.patients import Condition, CurrentMedicine
from galen.scheduling import Practitioner

from ..icd import CODE, dotted
from ..models import Diagnosis, IcdCode, Kept, Note, NoteStatus, Visit, Vitals
from ..recommended import Recommended, recommended_for
from ..schemas import EarlierNote, NoteView, VisitPage, VitalsView
from .note_form import taken_now
from .note_templates import Offered, fitting

OFTEN, LOOKED_BACK = 8, timedelta(days=365)
NOTES_BESIDE = 5


@dataclass(frozen=True)
class Beside:
    """What is read while one writes."""

    conditions: list[Condition]
    medicines: list[CurrentMedicine]
    last: VitalsView | None  # the last set before this visit
    notes: list[EarlierNote]
    count: int  # of all earlier notes


@dataclass(frozen=True)
class VisitSheet:
    """A visit, and for those who work in it what is read beside it, and what saves typing."""

    page: VisitPage
    beside: Beside | None = None
    templates: list[Offered] = field(default_factory=list)
    often: list[IcdCode] = field(default_factory=list)
    tests: list[Recommended] = field(default_factory=list)
    measures_first: bool = False  # nothing is measured yet, and whoever reads is no doctor


@requires("visit.read")
async def visit_record(ctx: Context, visit_id: UUID) -> VisitPage:
    """A visit with all that was recorded in it."""
    visit = await ctx.get(Visit, visit_id, include=(Visit.practitioner,))
    vitals = select(Vitals).where(Vitals.visit_id == visit.id).order_by(Vitals.taken_at.desc())
    diagnoses = select(Diagnosis).where(Diagnosis.visit_id == visit.id).order_by(Diagnosis.id)
    notes = select(Note).where(Note.visit_id == visit.id).order_by(Note.id)
    place = await organizations.place_of(ctx, visit.site_id)
    page = VisitPage(
        visit=visit,
        zone=place.zone if place else "",
        banner=await patients.banner(ctx, visit.patient_id),
        doctor=visit.practitioner.name if visit.practitioner else visit.elsewhere,
        vitals=list(await ctx.db.scalars(vitals)),
        diagnoses=list(await ctx.db.scalars(diagnoses)),
        notes=list(await ctx.db.scalars(notes)),
    )
    return page.read_by(ctx.actor.id)


@requires("visit.read")
async def visit_page(ctx: Context, visit_id: UUID) -> VisitSheet:
    """A visit with all that was recorded in it, beside what is known of the patient."""
    page = await visit_record(ctx, visit_id)
    if ctx.actor.kind == "patient":
        return VisitSheet(page)
    codes = [diagnosis.code for diagnosis in page.diagnoses if not diagnosis.struck]
    writes = ctx.actor.may("visit.write") and not page.visit.cancelled
    return VisitSheet(
        page,
        await beside(ctx, page),
        await fitting(ctx, codes) if writes and ctx.actor.may("template.use") else [],
        await often_made(ctx, codes) if writes and page.visit.open else [],
        recommended_for(codes),
        not page.vitals and not ctx.actor.may("home.doctor"),
    )


async def beside(ctx: Context, page: VisitPage) -> Beside:
    patient_id, clinical = page.banner.id, ctx.actor.may("clinical.read")
    listed = await patients.conditions(ctx, patient_id) if clinical else []
    before = select(Vitals).where(
        Vitals.patient_id == patient_id, Vitals.status == Kept.RECORDED, Vitals.taken_at < page.visit.started_at,
        Vitals.visit_id.is_distinct_from(page.visit.id),
    )  # fmt: skip
    last = await ctx.db.scalar(before.order_by(Vitals.taken_at.desc()).limit(1))
    earlier = signed_notes(patient_id).where(Note.visit_id != page.visit.id)
    count = await ctx.db.scalar(select(func.count()).select_from(earlier.order_by(None).subquery()))
    found = list(await ctx.db.scalars(earlier.order_by(Note.written_at.desc(), Note.id.desc()).limit(NOTES_BESIDE)))
    return Beside(
        conditions=[condition for condition in listed if not condition.until or condition.until > ctx.today],
        medicines=await taken_now(ctx, patient_id),
        last=VitalsView.model_validate(last) if last else None,
        notes=await in_context(ctx, found),
        count=count or 0,
    )


def signed_notes(patient_id: UUID) -> Select[Any]:
    """A patient's signed notes; what amends them comes with them."""
    return select(Note).where(Note.patient_id == patient_id, Note.status == NoteStatus.SIGNED, Note.amends_id.is_(None))


async def in_context(ctx: Context, notes: list[Note]) -> list[EarlierNote]:
    """Each note with what amends it and what was diagnosed in its visit."""
    if not notes:
        return []
    amending = select(Note).where(Note.amends_id.in_([note.id for note in notes]), Note.status == NoteStatus.SIGNED)
    amendments = list(await ctx.db.scalars(amending.order_by(Note.id)))
    titles = select(Diagnosis.visit_id, Diagnosis.title).where(
        Diagnosis.visit_id.in_({note.visit_id for note in notes}), Diagnosis.status == Kept.RECORDED
    )
    made = (await ctx.db.execute(titles.order_by(Diagnosis.id))).all()
    return [
        EarlierNote(
            note=NoteView.model_validate(note),
            amendments=[NoteView.model_validate(more) for more in amendments if more.amends_id == note.id],
            diagnoses=[title for visit_id, title in made if visit_id == note.visit_id],
        )
        for note in notes
    ]


@requires("visit.read")
async def notes_of(ctx: Context, patient_id: UUID, after: str | None = None) -> Slice[EarlierNote]:
    """A patient's signed notes, the latest first, with what amends them and the diagnoses of their visits."""
    await patients.known(ctx, patient_id)
    found: Slice[Note] = await ctx.slice(signed_notes(patient_id), after, size=20, by=Note.written_at)
    return Slice(items=await in_context(ctx, found.items), next=found.next)


async def often_made(ctx: Context, without: list[str]) -> list[IcdCode]:
    """The diagnoses that this doctor made most often in their own visits of the last year."""
    counted = (
        select(Diagnosis.code, func.count().label("times"), func.max(Diagnosis.noted_at).label("last"))
        .join(Visit, Visit.id == Diagnosis.visit_id)
        .join(Practitioner, Practitioner.id == Visit.practitioner_id)
        .where(Practitioner.account_id == ctx.actor.id, Diagnosis.status == Kept.RECORDED)
        .where(Diagnosis.noted_at > ctx.now - LOOKED_BACK, Diagnosis.code.not_in(without))
        .group_by(Diagnosis.code)
        .subquery()
    )
    query = select(IcdCode).join(counted, counted.c.code == IcdCode.code)
    return list(await ctx.db.scalars(query.order_by(counted.c.times.desc(), counted.c.last.desc()).limit(OFTEN)))


@requires("visit.read")
async def tests_for(ctx: Context, code: str) -> list[Recommended]:
    """The tests that guidelines recommend for a diagnosis (ENC-5): support for a professional."""
    if not CODE.fullmatch(code.strip()):
        raise Invalid("code", _("%(code)s is no code of ICD-10-CM, such as E11.9.", code=code))
    return recommended_for([dotted(code.strip())])
