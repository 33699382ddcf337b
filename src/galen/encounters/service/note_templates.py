"""Templates of notes: kept for everybody or for oneself, put into the note that is being written."""

import re
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from galen.core.context import Context
from galen.core.errors import Conflict, Forbidden, Invalid, NotFound
from galen.core.gate import requires
from galen.i18n import gettext as _
from galen.values import like

from ..icd import begins, dotted
from ..models import IcdCode, NoteTemplate, TemplateStar
from ..note_text import PLACEHOLDERS, unknown_placeholders
from ..schemas import TemplateDraft

CODE = re.compile(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?")
MANAGE = "template.manage"


class TemplateNameTaken(Conflict):
    message = "A template is called so already. Give this one another name, or change or archive the other."
    constraint = "note_template_name_key"


class NotForOrganization(Forbidden):
    message = "Templates of the whole organisation are kept by those who manage it. Make one of your own instead."


class TemplateArchived(Conflict):
    message = "This template is archived. Bring it back before you change it or put it into a note."


@dataclass(frozen=True)
class Offered:
    """A template as this person sees it."""

    template: NoteTemplate
    starred: bool
    changeable: bool


@dataclass(frozen=True)
class Templates:
    """One's own templates and the organisation's, those with a star first."""

    offered: list[Offered]
    archived: bool  # these are the archived ones
    asked: str = ""


@dataclass(frozen=True)
class TemplateForm:
    """A template that is written or changed."""

    name: str = ""
    text: str = ""
    codes: str = ""
    record: NoteTemplate | None = None
    may_share: bool = False
    placeholders: list[tuple[str, str]] = field(default_factory=list)


def seen_by(ctx: Context) -> ColumnElement[bool]:
    """The organisation's, and one's own."""
    return or_(NoteTemplate.owner_id.is_(None), NoteTemplate.owner_id == ctx.actor.id)


def changeable(ctx: Context, template: NoteTemplate) -> bool:
    return template.owner_id == ctx.actor.id or (template.shared and ctx.actor.may(MANAGE))


@requires("template.use")
async def note_templates(ctx: Context, q: str = "", archived: bool = False) -> list[NoteTemplate]:
    """The templates that one may use: one's own, and the organisation's; `q` is a part of the name."""
    return [offered.template for offered in await offered_to(ctx, q, archived)]


@requires("template.use")
async def template_list(ctx: Context, q: str = "", archived: bool = False) -> Templates:
    """One's own templates and the organisation's, to be looked through."""
    return Templates(await offered_to(ctx, q, archived), archived, q)


async def offered_to(ctx: Context, q: str = "", archived: bool = False) -> list[Offered]:
    """Those with a star first, then by name; `q` is a part of the name."""
    starred = select(TemplateStar.id).where(
        TemplateStar.template_id == NoteTemplate.id, TemplateStar.account_id == ctx.actor.id
    )
    query = select(NoteTemplate, starred.exists()).where(
        seen_by(ctx), NoteTemplate.archived_at.is_not(None) == archived
    )
    if words := q.strip():
        query = query.where(func.lower(NoteTemplate.name).like(like.within(words.lower())))
    query = query.order_by(starred.exists().desc(), func.lower(NoteTemplate.name), NoteTemplate.id).limit(500)
    return [Offered(row, star, changeable(ctx, row)) for row, star in await ctx.db.execute(query)]


async def fitting(ctx: Context, codes: list[str]) -> list[Offered]:
    """Those for a visit with these diagnoses: with a star first, then those for one of them, then those for any."""

    def rank(offered: Offered) -> tuple[bool, bool, bool]:
        meant = tuple(offered.template.codes)
        fits = any(code.startswith(meant) for code in codes)
        return not offered.starred, not fits, not fits and bool(meant)

    return sorted(await offered_to(ctx), key=rank)


@requires("template.use")
async def new_template(ctx: Context) -> TemplateForm:
    """An empty template."""
    return form_of(ctx)


@requires("template.use")
async def template_form(ctx: Context, note_template_id: UUID) -> TemplateForm:
    """A template to be changed."""
    return form_of(ctx, await own_template(ctx, note_template_id))


def form_of(ctx: Context, record: NoteTemplate | None = None) -> TemplateForm:
    words = [(f"{{{name}}}", _(meaning)) for name, meaning in PLACEHOLDERS.items()]
    kept = (record.name, record.text, " ".join(record.codes)) if record else ("", "", "")
    return TemplateForm(*kept, record, ctx.actor.may(MANAGE), words)


@requires("template.use")
async def add_template(ctx: Context, draft: TemplateDraft) -> NoteTemplate:
    """Keep wording for notes: for oneself, or, for those who manage, for the whole organisation."""
    if draft.shared and not ctx.actor.may(MANAGE):
        raise NotForOrganization
    template = NoteTemplate(owner_id=None if draft.shared else ctx.actor.id)
    await written(ctx, template, draft)
    ctx.flash(_("Template kept."))
    return ctx.add(template)


@requires("template.use")
async def edit_template(ctx: Context, note_template_id: UUID, draft: TemplateDraft) -> NoteTemplate:
    """Change a template; whose it is stays. Notes that it was put into stay as they are."""
    if draft.version is not None:
        ctx.if_match = draft.version
    template = await own_template(ctx, note_template_id, lock=True)
    if template.archived_at:
        raise TemplateArchived
    await written(ctx, template, draft)
    ctx.flash(_("Template changed."))
    return template


async def written(ctx: Context, template: NoteTemplate, draft: TemplateDraft) -> None:
    if unknown := unknown_placeholders(draft.text):
        there = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        sentence = _("Galen does not know {%(name)s}. There are: %(there)s.", name=unknown[0], there=there)
        raise Invalid("text", sentence)
    template.name, template.text = " ".join(draft.name.split()), draft.text.replace("\r\n", "\n")
    template.codes = await codes_in(ctx, draft.codes)
    template.changed_at, template.changed_by = ctx.now, ctx.actor.name


async def codes_in(ctx: Context, typed: str) -> list[str]:
    """The codes that were typed, each once and with its dot; there is at least one diagnosis for each."""
    codes = {dotted(word): word for word in re.split(r"[\s,;]+", typed) if word}
    for code, word in codes.items():
        there = CODE.fullmatch(code) and await ctx.db.scalar(select(IcdCode.id).where(begins(code)).limit(1))
        if not there:
            raise Invalid("codes", _("No diagnosis of ICD-10-CM begins with %(code)s.", code=word))
    return list(codes)


@requires("template.use")
async def archive_template(ctx: Context, note_template_id: UUID) -> NoteTemplate:
    """Offer a template no longer; it is kept, and can be brought back."""
    template = await own_template(ctx, note_template_id, lock=True)
    template.archived_at = template.archived_at or ctx.now
    ctx.flash(_("Archived: %(name)s.", name=template.name), "encounters.restore_template", note_template_id=template.id)
    return template


@requires("template.use")
async def restore_template(ctx: Context, note_template_id: UUID) -> NoteTemplate:
    """Offer an archived template again."""
    template = await own_template(ctx, note_template_id, lock=True)
    template.archived_at = None
    ctx.flash(_("Brought back: %(name)s.", name=template.name))
    return template


@requires("template.use")
async def star_template(ctx: Context, note_template_id: UUID) -> NoteTemplate:
    """Find this template first from now on: one's own choice."""
    template = await opened_template(ctx, note_template_id)
    if await star_of(ctx, template.id) is None:
        await ctx.insert(TemplateStar(account_id=ctx.actor.id, template_id=template.id))
    return template


@requires("template.use")
async def unstar_template(ctx: Context, note_template_id: UUID) -> NoteTemplate:
    """Find this template first no longer."""
    template = await opened_template(ctx, note_template_id)
    if star := await star_of(ctx, template.id):
        await ctx.db.delete(star)
    return template


async def star_of(ctx: Context, template_id: UUID) -> TemplateStar | None:
    query = select(TemplateStar).where(TemplateStar.template_id == template_id, TemplateStar.account_id == ctx.actor.id)
    return await ctx.db.scalar(query)


async def opened_template(ctx: Context, note_template_id: UUID, *, lock: bool = False) -> NoteTemplate:
    """One's own or the organisation's; somebody else's own is not found."""
    template = await ctx.get(NoteTemplate, note_template_id, lock=lock)
    if template.owner_id not in (None, ctx.actor.id):
        raise NotFound(thing=NoteTemplate.thing())
    return template


async def own_template(ctx: Context, note_template_id: UUID, *, lock: bool = False) -> NoteTemplate:
    """One that this person may change."""
    template = await opened_template(ctx, note_template_id, lock=lock)
    if not changeable(ctx, template):
        raise NotForOrganization
    return template
