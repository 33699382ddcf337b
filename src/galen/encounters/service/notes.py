"""Notes: written, signed, amended, never changed."""

from uuid import UUID

from sqlalchemy import select

from galen import identity
from galen.core.context import Context
from galen.core.errors import Conflict, Forbidden
from galen.core.gate import requires
from galen.i18n import label

from ..events import VisitChanged
from ..models import Note, NoteStatus, Visit, VisitStatus
from ..schemas import AmendmentDraft, NoteDraft
from .visits import VisitOver


class OthersNote(Forbidden):
    message, audited = "Only {author} may sign or change this note.", True


class SignedAlready(Conflict):
    message = "This note is signed and stays as it is. Amend it instead: the original remains beside the amendment."


class NoteNotSigned(Conflict):
    message = "This note is still a draft: change it as it is. Only a signed note is amended."


class DraftThere(Conflict):
    message = "A draft of yours was saved meanwhile. Reload it and make your change again."
    constraint = "note_draft_key"


@requires("visit.write")
async def write_note(ctx: Context, visit_id: UUID, draft: NoteDraft) -> Note:
    """Write down or go on writing one's own draft of this visit; `sign` seals it at once."""
    visit = await ctx.get(Visit, visit_id)
    if visit.status is VisitStatus.CANCELLED:
        raise VisitOver(status=label(visit.status))
    mine = select(Note).where(Note.visit_id == visit.id, Note.author_id == ctx.actor.id)
    note = await ctx.db.scalar(mine.where(Note.status == NoteStatus.DRAFT).with_for_update())
    if note is None:
        note = Note(
            patient_id=visit.patient_id,
            visit_id=visit.id,
            author_id=ctx.actor.id,
            author_name=ctx.actor.name,
            written_at=ctx.now,
        )
        ctx.add(note)
    note.text = draft.text
    if draft.sign:
        seal(ctx, note)
    ctx.emit(VisitChanged(visit.id, visit.patient_id))
    return note


@requires("visit.write")
async def edit_note(ctx: Context, note_id: UUID, draft: NoteDraft) -> Note:
    """Go on writing a draft."""
    note = await own_draft(ctx, note_id)
    note.text = draft.text
    if draft.sign:
        seal(ctx, note)
    ctx.emit(VisitChanged(note.visit_id, note.patient_id))
    return note


@requires("visit.write")
async def sign_note(ctx: Context, note_id: UUID) -> Note:
    """Seal one's own note: it stays as it is from now on."""
    identity.refuse_doubtful_time()
    note = await own_draft(ctx, note_id)
    seal(ctx, note)
    ctx.emit(VisitChanged(note.visit_id, note.patient_id))
    return note


async def own_draft(ctx: Context, note_id: UUID) -> Note:
    note = await ctx.get(Note, note_id, lock=True)
    if note.author_id != ctx.actor.id:
        raise OthersNote(author=note.author_name)
    if note.status is not NoteStatus.DRAFT:
        raise SignedAlready
    return note


def seal(ctx: Context, note: Note) -> None:
    note.status, note.signed_at = NoteStatus.SIGNED, ctx.now


@requires("visit.write")
async def amend_note(ctx: Context, note_id: UUID, draft: AmendmentDraft) -> Note:
    """Add to or correct a signed note: the original stays, and both are shown (ENC-3)."""
    original = await ctx.get(Note, note_id)
    if original.status is not NoteStatus.SIGNED:
        raise NoteNotSigned
    amendment = Note(
        patient_id=original.patient_id,
        visit_id=original.visit_id,
        amends_id=original.amends_id or original.id,
        author_id=ctx.actor.id,
        author_name=ctx.actor.name,
        text=draft.text,
        reason=draft.reason,
        written_at=ctx.now,
    )
    seal(ctx, ctx.add(amendment))
    ctx.emit(VisitChanged(original.visit_id, original.patient_id))
    return amendment


@requires("visit.write")
async def unsigned(ctx: Context) -> list[Note]:
    """One's own notes that wait for a signature, the oldest first."""
    query = select(Note).where(Note.author_id == ctx.actor.id, Note.status == NoteStatus.DRAFT)
    return list(await ctx.db.scalars(query.order_by(Note.written_at)))
