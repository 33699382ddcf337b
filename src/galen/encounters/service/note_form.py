"""What is put into a note while it is written: a template filled from the chart, a recommended test for the plan."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from galen import patients
from galen.core.context import Context
from galen.core.errors import Conflict, Forbidden, Invalid, NotFound
from galen.core.gate import requires
from galen.i18n import formats
from galen.i18n import gettext as _
from galen.patients import BannerView

from .. import recommended
from ..models import Diagnosis, Kept, Visit, Vitals
from ..note_text import PLACEHOLDER, filled, merged
from ..recommended import Recommended
from ..schemas import LONGEST_NOTE, NoteFormDraft, VitalsView
from .note_templates import Offered, TemplateArchived, fitting, opened_template

PRESSURE = {"systolic", "diastolic"}  # one value of two


class TypedSince(Conflict):
    message = "More was typed since it was put in. Nothing was taken out: delete by hand what you do not want."


@dataclass(frozen=True)
class NoteForm:
    """A note with what was put in; nothing is kept yet. Without scripts it is a page of its own."""

    banner: BannerView
    text: str
    before: str
    added: str
    offered: list[Offered]
    tests: list[Recommended]


@requires("visit.write")
async def note_form(ctx: Context, visit_id: UUID, draft: NoteFormDraft) -> NoteForm:
    """Put a template or a recommended test into the note that is being written; what was typed stays."""
    visit = await ctx.get(Visit, visit_id)
    banner = await patients.banner(ctx, visit.patient_id)
    typed = draft.text.replace("\r\n", "\n")
    codes = await codes_of(ctx, visit.id)
    before, text, added = typed, typed, ""
    if draft.taken_out:
        if typed != draft.filled.replace("\r\n", "\n"):
            raise TypedSince
        before = text = draft.before.replace("\r\n", "\n")
    elif draft.template_id:
        added, text = await with_template(ctx, visit, banner, typed, draft.template_id)
    elif draft.test:
        if (row := recommended.named(draft.test)) is None:
            raise NotFound(thing="test")
        added, text = row.test, merged(typed, f"{_('Plan:')}\n{row.wording}")
    if len(text) > LONGEST_NOTE:
        raise Invalid("text", _("With this the note would be too long. What you typed is kept; shorten it first."))
    offered = await fitting(ctx, codes) if ctx.actor.may("template.use") else []
    return NoteForm(banner, text, before, added if text != typed else "", offered, recommended.recommended_for(codes))


async def with_template(
    ctx: Context, visit: Visit, banner: BannerView, typed: str, template_id: UUID
) -> tuple[str, str]:
    """The template's name, and the note with its text, filled from the chart."""
    if not ctx.actor.may("template.use"):
        raise Forbidden(permission="template.use")
    template = await opened_template(ctx, template_id)
    if template.archived_at:
        raise TemplateArchived
    wanted = set(PLACEHOLDER.findall(template.text))
    return template.name, merged(typed, filled(template.text, await from_chart(ctx, visit, banner, wanted)))


async def from_chart(ctx: Context, visit: Visit, banner: BannerView, wanted: set[str]) -> dict[str, str]:
    """What the chart says for each placeholder of the template; what is not known says so."""
    words = {
        "patient": f"{banner.given} {banner.family}",
        "age": banner.age_words,
        "today": formats.day(ctx.today),
        "doctor": ctx.actor.name,
    }
    if "allergies" in wanted:
        known = ", ".join(allergy.substance for allergy in banner.allergies)
        none = _("no known allergies") if banner.allergy_state == "none known" else _("allergies not asked")
        words["allergies"] = known or none
    if "medicines" in wanted:
        taken = [medicine.text for medicine in await taken_now(ctx, visit.patient_id)]
        words["medicines"] = ", ".join(taken) or _("no current medicines on record")
    if "diagnoses" in wanted:
        titles = [diagnosis.title for diagnosis in await diagnoses_of(ctx, visit.id)]
        words["diagnoses"] = "; ".join(titles) or _("no diagnosis yet")
    if "vitals" in wanted:
        words["vitals"] = await vitals_in(ctx, visit.id) or _("not measured")
    return words


async def vitals_in(ctx: Context, visit_id: UUID) -> str:
    """The latest set of this visit in one line; neither what was struck nor what is in doubt."""
    query = select(Vitals).where(Vitals.visit_id == visit_id, Vitals.status == Kept.RECORDED)
    vitals = await ctx.db.scalar(query.order_by(Vitals.taken_at.desc()).limit(1))
    if vitals is None:
        return ""
    view = VitalsView.model_validate(vitals)
    doubted = {doubt.measure for doubt in view.in_doubt}
    left_out = doubted | PRESSURE if doubted & PRESSURE else doubted
    sure = view.model_copy(update=dict.fromkeys(left_out))
    return "; ".join(f"{shown.name} {shown.text}" for shown in sure.measures)


async def taken_now(ctx: Context, patient_id: UUID) -> list[patients.CurrentMedicine]:
    """What the patient takes today; nothing for those who may not see it."""
    if not ctx.actor.may("clinical.read"):
        return []
    found = await patients.current_medicines(ctx, patient_id)
    return [medicine for medicine in found if not medicine.until or medicine.until > ctx.today]


async def diagnoses_of(ctx: Context, visit_id: UUID) -> list[Diagnosis]:
    """What stands in the visit and was not entered in error."""
    query = select(Diagnosis).where(Diagnosis.visit_id == visit_id, Diagnosis.status == Kept.RECORDED)
    return list(await ctx.db.scalars(query.order_by(Diagnosis.id)))


async def codes_of(ctx: Context, visit_id: UUID) -> list[str]:
    return [diagnosis.code for diagnosis in await diagnoses_of(ctx, visit_id)]
