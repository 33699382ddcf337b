"""What insurance plans say about medicines: looked up, and brought in from a file."""

import asyncio
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from galen.core.context import Context
from galen.core.errors import Invalid
from galen.core.finish import finish
from galen.core.gate import requires
from galen.i18n import N_
from galen.i18n import gettext as _
from galen.values import like

from . import search
from .formulary_file import PlanRow, Wrong, by_name, table
from .importing.reading import FileBounds, FileSheet, UnreadableFile, read_sheets
from .models import FormularyEntry, Product
from .naming import ingredient_names
from .schemas import FormularyDraft, FormularyPage, FormularyReport, FormularyView, WrongView

LARGEST = 4_000_000  # bytes: many times the longest plan; a list of several is split
BOUNDS = FileBounds(rows=20_000, cells=200_000, parser="table at once")
TOGETHER = 200  # rows that are compared and written in one go: some ten milliseconds
SAID = ("tier", "copay", "limit_quantity", "limit_days", "prior_authorisation", "note")
SEVERAL = N_("'%(code)s': several medicines have this code. Name the medicine instead.")
NONE = N_("'%(code)s': no medicine here has this code. Name the medicine instead.")
Key = tuple[str, str, UUID | None]


@requires("medicine.read")
async def formulary(
    ctx: Context, plan: str = "", q: str = "", product_id: UUID | None = None, after: str | None = None
) -> FormularyPage:
    """What plans say, by medicine; of one plan, one name, or one product."""
    query = select(FormularyEntry).options(joinedload(FormularyEntry.product))
    if plan:
        query = query.where(FormularyEntry.plan == plan)
    if q.strip():
        name = by_name(ingredient_names(q.strip())) or q.strip().casefold()
        query = query.where(FormularyEntry.generic.ilike(like.within(name)))
    if product_id:
        query = about(query, await ctx.get(Product, product_id))
    page = await ctx.slice(query, after, by=FormularyEntry.generic, descending=False)
    plans = await ctx.db.scalars(select(FormularyEntry.plan).distinct().order_by(FormularyEntry.plan))
    return FormularyPage(plans=list(plans), items=list(map(FormularyView.model_validate, page.items)), next=page.next)


@requires("medicine.read")
async def formulary_of(ctx: Context, product_id: UUID) -> list[FormularyEntry]:
    """What each plan says about one medicine; what it says of this very product goes before its ingredients."""
    query = about(select(FormularyEntry), await ctx.get(Product, product_id))
    query = query.options(joinedload(FormularyEntry.product)).order_by(FormularyEntry.plan, FormularyEntry.product_id)
    chosen: dict[str, FormularyEntry] = {}
    for entry in await ctx.db.scalars(query):
        chosen.setdefault(entry.plan, entry)
    return list(chosen.values())


def about(query: Select[FormularyEntry], product: Product) -> Select[FormularyEntry]:
    mine = FormularyEntry.product_id == product.id
    if not product.holds:
        return query.where(mine)
    alike = (FormularyEntry.generic == by_name(product.holds)) & FormularyEntry.product_id.is_(None)
    return query.where(or_(mine, alike))


@requires("medicine.write")
async def import_formulary(ctx: Context, draft: FormularyDraft) -> FormularyReport:
    """Read a plan's list and say what it would change; with `apply` change it. Wrong rows are left out and named."""
    name, content = _("The list"), draft.text.encode("utf-8", "replace")
    if draft.file is not None:
        name, content = draft.file.filename or "file", await draft.file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise Invalid("file", _("The file is larger than 4 MB. Split it by plan."))
    if not content.strip():
        raise Invalid("file", _("Choose a file."))
    try:
        sheet = (await read_sheets(name, content, BOUNDS))[0]
        rows = await asyncio.to_thread(table, sheet.rows, draft.plan.strip())
    except UnreadableFile as unreadable:
        raise Invalid("file", str(unreadable)) from None
    text = draft.text if draft.file is None else await asyncio.to_thread(as_text, sheet)
    report = FormularyReport(text=text, plan=draft.plan, whole=draft.whole, applied=draft.apply)
    await compare(ctx, rows, report)
    return report


def as_text(sheet: FileSheet) -> str:
    """The first sheet as text with tabs, so that what was looked at is what is applied."""
    clean = (["" if c is None else " ".join(str(c).split()) for c in row.cells] for row in sheet.rows)
    return "\n".join("\t".join(cells) for cells in clean)


async def compare(ctx: Context, rows: list[PlanRow], report: FormularyReport) -> None:
    """Beside what is there: new, changed, the same, and gone where the file is the whole list of its plans."""
    plans = {row.plan for row in rows if row.plan}
    there: dict[Key, FormularyEntry] = {}
    known_rows = await ctx.db.stream_scalars(select(FormularyEntry).where(FormularyEntry.plan.in_(plans)))
    async for entries in known_rows.partitions(TOGETHER):
        there |= {(entry.plan, entry.generic, entry.product_id): entry for entry in entries}
    seen: set[Key] = set()
    for place, row in enumerate(rows):
        if place % TOGETHER == TOGETHER - 1:
            await pause(ctx)
        if (key := await placed(ctx, row, seen)) is None:
            report.wrong += map(WrongView.model_validate, row.wrong)
            continue
        seen.add(key)
        said = {name: getattr(row, name) for name in SAID}
        known = there.get(key)
        if known is None:
            report.new += 1
        elif all(getattr(known, name) == value for name, value in said.items()):
            report.same += 1
            continue
        else:
            report.changed += 1
        if report.applied:
            entry = known or ctx.add(new_entry(ctx, key))
            for name, value in said.items():
                setattr(entry, name, value)
    gone = [there[key] for key in there.keys() - seen] if report.whole and not report.wrong else []
    report.gone = len(gone)
    if report.applied:
        await remove(ctx, gone)


async def remove(ctx: Context, entries: Iterable[FormularyEntry]) -> None:
    for place, entry in enumerate(entries):
        if place % TOGETHER == TOGETHER - 1:
            await pause(ctx)
        await ctx.db.delete(entry)


async def pause(ctx: Context) -> None:
    """Write what is pending, with its audit rows, and let others be answered."""
    await finish(ctx)
    await asyncio.sleep(0)


def new_entry(ctx: Context, key: Key) -> FormularyEntry:
    plan, generic, product_id = key
    said: dict[str, Any] = {"plan": plan, "generic": generic, "product_id": product_id}
    return FormularyEntry(**said, currency=ctx.organization.currency)


async def placed(ctx: Context, row: PlanRow, seen: set[Key]) -> Key | None:
    """Which entry a row speaks of: a product by its code, else the ingredients; none when the row is wrong."""
    product: Product | None = None
    if row.code and not row.wrong:
        products = await search.by_code(ctx, row.code)
        if len(products) == 1:
            product = products[0]
        elif not row.generic:
            says = SEVERAL if products else NONE
            row.wrong.append(Wrong(row.row, "code", _(says, code=row.code)))
    if row.wrong:
        return None
    key = (
        row.plan,
        by_name(product.holds) or product.generic if product else row.generic,
        product.id if product else None,
    )
    if key in seen:
        row.wrong.append(Wrong(row.row, "medicine", _("This medicine stands twice in the file for this plan.")))
        return None
    return key
