"""The verbs of the import page: upload, correct the columns, look, apply. Nothing changes before it is applied."""

from pathlib import PurePath
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from galen.core.context import Context
from galen.core.errors import Conflict, Invalid
from galen.core.gate import requires
from galen.core.schemas import Slice
from galen.i18n import gettext as _
from galen.values.ids import uuid7

from ..models import Product
from .applying import apply
from .comparing import ASKED, OUTCOMES, LineVerdict, Preview, ValueChange, compared
from .events import FileArrived, ImportMoved, ImportOrdered
from .fields import FIELDS
from .models import CatalogueImport, ImportedLine, ImportFile, ImportState
from .reading import AT_ONCE, BEHIND, FileBounds
from .schemas import ColumnsDraft, ColumnView, ImportedLineView, ImportPage, ImportView, UploadDraft
from .service import KINDS, BadFile, MuchToUnderstand, Source, read, source_of

LARGEST = 64_000_000  # bytes of an upload
REMARKS_KEPT = 200
BYTES_AT_ONCE, LINES_AT_ONCE = 150_000, 2_000  # larger files are read and applied by a job


class NothingToApply(Conflict):
    message = "This import has nothing to apply. Read the file again, or choose another."


class NoColumns(Conflict):
    message = "The columns of this kind of file are fixed; there is nothing to choose."


@requires("medicine.write")
async def imports(ctx: Context, after: str | None = None) -> Slice[CatalogueImport]:
    """Imports of medicines, the newest first."""
    return await ctx.slice(select(CatalogueImport), after)


@requires("medicine.write")
async def upload(ctx: Context, draft: UploadDraft) -> CatalogueImport:
    """Bring a file in to be looked at; a large one is read in the background."""
    if draft.kind not in KINDS:
        raise Invalid("kind", _("Choose what the file is."))
    name = PurePath(draft.file.filename or "file").name
    content = await draft.file.read()
    if len(content) > LARGEST:
        raise Invalid("file", _("The file is larger than 64 MB. Split it, or use the command line: galen import."))
    source = source_of(draft.kind, draft.supplier)
    made = CatalogueImport(
        kind=draft.kind,
        source=source.name,
        file=name,
        columns=dict(source.columns),
        at=ctx.now,
        status=ImportState.WAITING,
    )
    ctx.add(made)
    await ctx.flush()
    ctx.add(ImportFile(import_id=made.id, content=content))
    await look_now_or_later(ctx, made, content)
    return made


@requires("medicine.write")
async def open_import(ctx: Context, import_id: UUID, show: str = "", after: str | None = None) -> ImportPage:
    """One import: how its columns are read, and what it would change or has changed."""
    return await shown(ctx, await ctx.get(CatalogueImport, import_id), show, after)


@requires("medicine.write")
async def read_columns(ctx: Context, import_id: UUID, draft: ColumnsDraft) -> ImportPage:
    """Read the file again with other columns."""
    run = await ctx.get(CatalogueImport, import_id, lock=True)
    if run.kind != "prices":
        raise NoColumns
    run.status = ImportState.WAITING
    guess = {c["header"]: c["field"] for c in run.guess}
    said = {c.header: c.field for c in draft.columns if guess.get(c.header, "") != c.field}
    run.columns = {**run.columns, **said}
    await look_now_or_later(ctx, run, await content_of(ctx, run))
    return await shown(ctx, run)


@requires("medicine.write")
async def accept_line(ctx: Context, import_id: UUID, line_id: UUID) -> ImportPage:
    """Let the file replace the organisation's own values of one medicine, or take that back."""
    run = await ctx.get(CatalogueImport, import_id, lock=True)
    if run.status is not ImportState.PREVIEW:
        raise NothingToApply
    line = await ctx.get(ImportedLine, line_id)
    line.accepted = not line.accepted
    await ctx.flush()
    return await shown(ctx, run, "kept")


@requires("medicine.write")
async def link_line(ctx: Context, import_id: UUID, line_id: UUID, product_id: UUID) -> ImportPage:
    """Say which medicine of the catalogue a line is."""
    return await answered(ctx, import_id, line_id, product_id)


@requires("medicine.write")
async def part_line(ctx: Context, import_id: UUID, line_id: UUID) -> ImportPage:
    """Say that a line is a new medicine, and none of those that it is like."""
    return await answered(ctx, import_id, line_id, None)


async def answered(ctx: Context, import_id: UUID, line_id: UUID, product_id: UUID | None) -> ImportPage:
    run = await ctx.get(CatalogueImport, import_id, lock=True)
    line = await ctx.get(ImportedLine, line_id)
    if run.status is not ImportState.PREVIEW or line.import_id != run.id or line.outcome != ASKED:
        raise NothingToApply
    if product_id and str(product_id) not in {candidate["id"] for candidate in line.candidates}:
        raise Invalid("product_id", _("Choose one of the medicines that are named beside the line."))
    line.product_id, line.accepted = product_id, True
    await ctx.flush()
    return await shown(ctx, run, ASKED)


@requires("medicine.write")
async def apply_import(ctx: Context, import_id: UUID) -> CatalogueImport:
    """Write what was shown into the catalogue, all or nothing; a large file goes on in the background."""
    run = await ctx.get(CatalogueImport, import_id, lock=True)
    if run.status is not ImportState.PREVIEW:
        raise NothingToApply
    run.status = ImportState.APPLYING
    await ctx.flush()
    content = await content_of(ctx, run)
    if len(content) > BYTES_AT_ONCE or run.counts.get("read", 0) > LINES_AT_ONCE:
        ctx.emit(ImportOrdered(run.id))
    else:
        await write(ctx, run, content)
    return run


@requires("medicine.write")
async def discard_import(ctx: Context, import_id: UUID) -> CatalogueImport:
    """Leave the catalogue as it is; the file is thrown away."""
    run = await ctx.get(CatalogueImport, import_id, lock=True)
    if run.status is not ImportState.PREVIEW:
        raise NothingToApply
    run.status = ImportState.DISCARDED
    await throw_away(ctx, run)
    return run


async def read_waiting(ctx: Context, import_id: UUID) -> None:
    """Read a large file; what is wrong with the file as a whole is kept for the page to say."""
    run = await ctx.get(CatalogueImport, import_id, lock=True)
    if run.status is not ImportState.WAITING:
        return
    try:
        await look(ctx, run, await content_of(ctx, run), BEHIND)
    except BadFile as error:
        await give_up(ctx, run, error)
    ctx.emit(ImportMoved(run.id))


async def apply_ordered(ctx: Context, import_id: UUID) -> None:
    """Apply a large file; run twice, the second finds it done."""
    run = await ctx.get(CatalogueImport, import_id, lock=True)
    if run.status is ImportState.APPLYING:
        try:
            await write(ctx, run, await content_of(ctx, run))
        except BadFile as error:
            await give_up(ctx, run, error)
        ctx.emit(ImportMoved(run.id))


async def give_up(ctx: Context, run: CatalogueImport, error: BadFile) -> None:
    """What is wrong with the file as a whole is said on its page; nothing of it was taken."""
    run.status, run.problem = ImportState.FAILED, str(error)
    await throw_away(ctx, run)


async def look_now_or_later(ctx: Context, run: CatalogueImport, content: bytes) -> None:
    """At once what is small and holds little, behind the page what is large or holds much."""
    if len(content) <= BYTES_AT_ONCE:
        try:
            return await look(ctx, run, content, AT_ONCE)
        except MuchToUnderstand:
            pass
    ctx.emit(FileArrived(run.id))


async def look(ctx: Context, run: CatalogueImport, content: bytes, bounds: FileBounds) -> None:
    """Read and compare, and keep what would change."""
    contents = await read(origin(run), run.file, content, ctx.organization.country, bounds)
    preview = await compared(ctx, contents, run.source)
    describe(run, preview)
    run.status, run.problem = ImportState.PREVIEW, ""
    await keep_lines(ctx, run, preview)


async def write(ctx: Context, run: CatalogueImport, content: bytes) -> None:
    contents = await read(origin(run), run.file, content, ctx.organization.country)
    accepted = select(ImportedLine.key).where(ImportedLine.import_id == run.id, ImportedLine.accepted)
    accepted = accepted.where(ImportedLine.outcome != ASKED)
    asked = select(ImportedLine.key, ImportedLine.product_id).where(
        ImportedLine.import_id == run.id, ImportedLine.accepted, ImportedLine.outcome == ASKED
    )
    answers = {row.key: row.product_id for row in await ctx.db.execute(asked)}
    preview = await compared(ctx, contents, run.source, accept=await ctx.db.scalars(accepted), answers=answers)
    await apply(ctx, preview)
    describe(run, preview)
    run.status, run.applied_at = ImportState.DONE, ctx.now
    await keep_lines(ctx, run, preview)
    await throw_away(ctx, run)


def origin(run: CatalogueImport) -> Source:
    return Source(run.kind, run.source.removeprefix("supplier: "), run.columns)


def describe(run: CatalogueImport, preview: Preview) -> None:
    """Counts, remarks and columns as they are shown; each header once, however many sheets have it."""
    columns: dict[str, dict[str, Any]] = {}
    for table in preview.contents.tables:
        for c in table.columns:
            known = columns.setdefault(
                c.header, {"header": c.header, "field": c.field, "why": c.why, "sample": c.sample}
            )
            known["field"] = known["field"] or c.field
    run.guess = [c for c in columns.values() if c["header"]]
    run.counts = preview.counts | {"rows": preview.contents.rows, "sheets": len(preview.contents.tables)}
    run.remarks = [remark.as_json() for remark in preview.contents.remarks[:REMARKS_KEPT]]


async def keep_lines(ctx: Context, run: CatalogueImport, preview: Preview) -> None:
    """The lines anew, in the order of the file."""
    await ctx.flush()
    await ctx.raw.execute("DELETE FROM imported_line WHERE import_id = $1", run.id)
    rows = [
        ImportedLine(
            id=uuid7(),
            import_id=run.id,
            place=place,
            sheet=verdict.line.sheet,
            row=verdict.line.row,
            key=verdict.line.key,
            label=verdict.line.label,
            outcome=verdict.outcome,
            changes=[change.as_json() for change in verdict.changes or news_of(verdict)],
            remarks=[remark.as_json() for remark in verdict.line.remarks],
            candidates=[told_briefly(medicine) for medicine in verdict.candidates],
            product_id=verdict.product.id if verdict.product else None,
            accepted=False,
        )
        for place, verdict in enumerate(preview.verdicts)
    ]
    await ctx.insert_many(ImportedLine, rows)


def told_briefly(medicine: Product) -> dict[str, str]:
    return {"id": str(medicine.id), "label": f"{medicine.label}, {medicine.pack}"}


def news_of(verdict: LineVerdict) -> list[ValueChange]:
    """What a person looks at before a medicine is added: pack, prices, schedule, content."""
    if verdict.outcome not in ("created", ASKED):
        return []
    line = verdict.line
    found = line.product | line.listing
    names = ("pack_size", "unit", "price", "cost", "schedule_au", "schedule_us", "thc", "cbd", "te_code", "ndc", "code")
    return [ValueChange(name, None, found[name]) for name in names if found.get(name) not in (None, "")]


async def content_of(ctx: Context, run: CatalogueImport) -> bytes:
    kept = await ctx.db.scalar(select(ImportFile).where(ImportFile.import_id == run.id))
    if kept is None:
        raise NothingToApply
    return kept.content


async def throw_away(ctx: Context, run: CatalogueImport) -> None:
    await ctx.flush()
    await ctx.raw.execute("DELETE FROM import_file WHERE import_id = $1", run.id)


async def shown(ctx: Context, run: CatalogueImport, show: str = "", after: str | None = None) -> ImportPage:
    """The page of an import; lines of one outcome, at first those that matter most."""
    if show not in (*OUTCOMES, ASKED):
        show = next(
            (o for o in (ASKED, "refused", "kept", "updated", "created", "unchanged") if run.counts.get(o)), "created"
        )
    query = select(ImportedLine).where(ImportedLine.import_id == run.id, ImportedLine.outcome == show)
    lines = await ctx.slice(query, after, by=ImportedLine.place, descending=False)
    number = (
        select(func.count()).select_from(ImportedLine).where(ImportedLine.import_id == run.id, ImportedLine.accepted)
    )
    view = ImportView.model_validate(run).model_dump()
    return ImportPage(
        **view,
        columns=[ColumnView(**c) for c in run.guess],
        remarks=run.remarks,
        lines=Slice[ImportedLineView](
            items=[ImportedLineView.model_validate(line) for line in lines.items], next=lines.next
        ),
        show=show,
        accepted=await ctx.db.scalar(number) or 0,
        sheets=run.counts.get("sheets", 0) > 1,
        fields=[(field.name, _(field.label)) for field in FIELDS.values()],
    )
