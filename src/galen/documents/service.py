"""Adding documents, showing them, releasing them to the patient, withdrawing them (PAT-7)."""

from pathlib import PurePath
from uuid import UUID

from fastapi import Response
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from galen import files
from galen.core.context import Context
from galen.core.errors import Invalid, NotFound
from galen.core.gate import requires
from galen.core.schemas import TimelineEntry
from galen.i18n import gettext as _
from galen.patients import Patient, banner, known
from galen.settings import settings

from .events import DocumentAdded, DocumentChanged
from .models import DocumentState, PatientDocument
from .schemas import DocumentDraft, DocumentSheet, DocumentsView, DocumentView, WithdrawalDraft

WITH_FILE = (PatientDocument.file,)


@requires("document.read")
async def documents(ctx: Context, patient_id: UUID) -> DocumentsView:
    """The documents of a patient, the latest first; those withdrawn for whoever may restore them."""
    await known(ctx, patient_id)
    query = select(PatientDocument).where(PatientDocument.patient_id == patient_id)
    order = PatientDocument.dated.desc().nulls_last(), PatientDocument.id.desc()
    found = list(await ctx.db.scalars(query.options(selectinload(PatientDocument.file)).order_by(*order)))
    views = [DocumentView.model_validate(document) for document in found]
    return DocumentsView(
        patient_id=patient_id,
        current=[view for view in views if view.status is DocumentState.CURRENT],
        withdrawn=[view for view in views if view.status is DocumentState.WITHDRAWN],
    )


@requires("document.write")
async def document_form(ctx: Context, patient_id: UUID) -> DocumentSheet:
    """An empty form for a document."""
    return DocumentSheet(banner=await banner(ctx, patient_id), limit=settings().files_mb)


@requires("document.write")
async def add_document(ctx: Context, patient_id: UUID, draft: DocumentDraft) -> PatientDocument:
    """Keep a file on the chart of a patient. Nobody but staff sees it until it is released."""
    patient = await ctx.get(Patient, patient_id)
    if draft.dated and draft.dated > ctx.today:
        raise Invalid("dated", _("This day has not come yet."))
    kept = await files.keep(ctx, draft.file)
    document = ctx.add(
        PatientDocument(
            patient_id=patient.id,
            file=kept.file,
            file_id=kept.file.id,
            preview=kept.preview,
            preview_id=kept.preview.id if kept.preview else None,
            title=draft.title or PurePath(kept.file.name).stem,
            kind=draft.kind,
            dated=draft.dated,
            note=draft.note,
            shared=draft.shared,
            added_at=ctx.now,
            added_by=ctx.actor.id,
            added_by_name=ctx.actor.name,
        )
    )
    ctx.emit(DocumentAdded(document.id))
    return document


async def of_patient(ctx: Context, patient_id: UUID, document_id: UUID, *, lock: bool = False) -> PatientDocument:
    """A document of this patient and no other, opened."""
    document = await ctx.get(PatientDocument, document_id, lock=lock, include=WITH_FILE)
    if document.patient_id != patient_id:
        raise NotFound(thing=PatientDocument.thing())
    return document


@requires("document.read")
async def open_document(ctx: Context, patient_id: UUID, document_id: UUID) -> PatientDocument:
    """One document, without its bytes."""
    return await of_patient(ctx, patient_id, document_id)


@requires("document.read")
async def content(ctx: Context, patient_id: UUID, document_id: UUID) -> Response:
    """The file itself."""
    document = await of_patient(ctx, patient_id, document_id)
    return await files.answer(ctx, document.file, inline=document.preview_id is not None)


@requires("document.read")
async def preview(ctx: Context, patient_id: UUID, document_id: UUID) -> Response:
    """A small picture of it. It is part of the chart, whose opening is audited, so it leaves no row of its own."""
    query = select(PatientDocument).where(PatientDocument.id == document_id, PatientDocument.patient_id == patient_id)
    document = await ctx.db.scalar(query.options(selectinload(PatientDocument.preview)))
    if document is None or document.preview is None:
        raise NotFound(thing="preview")
    return await files.answer(ctx, document.preview, inline=True)


@requires("document.write")
async def release(ctx: Context, patient_id: UUID, document_id: UUID) -> PatientDocument:
    """The patient may see it from now on."""
    return await shared(ctx, patient_id, document_id, True)


@requires("document.write")
async def keep_back(ctx: Context, patient_id: UUID, document_id: UUID) -> PatientDocument:
    """The patient sees it no longer."""
    return await shared(ctx, patient_id, document_id, False)


async def shared(ctx: Context, patient_id: UUID, document_id: UUID, yes: bool) -> PatientDocument:
    document = await of_patient(ctx, patient_id, document_id, lock=True)
    document.shared = yes
    ctx.emit(DocumentChanged(document.id))
    return document


@requires("document.withdraw")
async def withdrawal_form(ctx: Context, patient_id: UUID, document_id: UUID) -> DocumentSheet:
    """Why a document is withdrawn."""
    document = await of_patient(ctx, patient_id, document_id)
    return DocumentSheet(
        banner=await banner(ctx, patient_id),
        limit=settings().files_mb,
        document=DocumentView.model_validate(document),
    )


@requires("document.withdraw")
async def withdraw(ctx: Context, patient_id: UUID, document_id: UUID, draft: WithdrawalDraft) -> PatientDocument:
    """It leaves the chart, and says who took it away and why. The file is kept: it was part of the record."""
    document = await of_patient(ctx, patient_id, document_id, lock=True)
    document.status = DocumentState.WITHDRAWN
    document.withdrawn_at, document.withdrawn_by_name = ctx.now, ctx.actor.name
    document.withdrawn_reason = draft.reason
    ctx.emit(DocumentChanged(document.id))
    return document


@requires("document.withdraw")
async def restore(ctx: Context, patient_id: UUID, document_id: UUID) -> PatientDocument:
    """Back on the chart; the audit log keeps that it was away. The patient sees it only when it is released again."""
    document = await of_patient(ctx, patient_id, document_id, lock=True)
    document.status = DocumentState.CURRENT
    document.shared, document.withdrawn_at, document.withdrawn_by_name, document.withdrawn_reason = False, None, "", ""
    ctx.emit(DocumentChanged(document.id))
    return document


@requires("document.read")
async def story(ctx: Context, patient_id: UUID) -> list[TimelineEntry]:
    """What was added, for the timeline."""
    current = PatientDocument.status == DocumentState.CURRENT
    found = await ctx.db.scalars(select(PatientDocument).where(PatientDocument.patient_id == patient_id, current))
    return [
        TimelineEntry(
            at=document.added_at,
            icon="file",
            title=_("Document added: %(title)s", title=document.title),
            detail=_(document.kind.value).capitalize(),
            href=f"/patients/{patient_id}/documents/{document.id}/content",
        )
        for document in found
    ]
