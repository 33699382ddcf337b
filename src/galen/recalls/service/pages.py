"""What the pages of recalls show, and the files that leave them."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from galen import patients
from galen.core.context import Context
from galen.core.errors import NotFound, Refusal
from galen.core.gate import requires
from galen.core.schemas import Slice
from galen.inventory import harmless
from galen.medicines import products
from galen.patients import Patient
from galen.values.units import plain

from ..models import (
    ContactState,
    MatchAnswer,
    Recall,
    RecallCall,
    RecallContact,
    RecallMatch,
    RecallReturn,
    RecallStatus,
)
from ..page_views import (
    ContactPage,
    ContactsPage,
    MatchesPage,
    NoticesPage,
    RecallForm,
    RecallLine,
    RecallList,
    RecallPage,
)
from .matching import of_recall
from .telling import contacts, given_to
from .tracing import (
    MOST,
    bags,
    blocked_places,
    figures_of,
    recalled_sales,
    recalled_transfers,
    recipient_lines,
    recipients,
    sources,
)

FEW = 10


class NoOpenRecall(Refusal):
    status, message = 404, "No recall is open."


@requires("recall.read")
async def recalls(ctx: Context, status: RecallStatus | None = None, after: str | None = None) -> Slice[Recall]:
    """Recalls, the latest first."""
    query = select(Recall)
    return await ctx.slice(query.where(Recall.status == status) if status else query, after)


@requires("recall.read")
async def recall_list(ctx: Context, status: str = "", after: str | None = None) -> RecallList:
    """The same as a page, with how far each is."""
    chosen = RecallStatus(status) if status in {known.value for known in RecallStatus} else None
    page = await recalls(ctx, chosen, after)
    return RecallList(page, await standing(ctx, page.items), status)


async def standing(ctx: Context, listed: list[Recall]) -> list[RecallLine]:
    """How far these are: patients, reached, matches that nobody answered yet."""
    ids = [recall.id for recall in listed]
    reached = func.count().filter(RecallContact.state == ContactState.REACHED)
    people = select(RecallContact.recall_id, func.count(), reached).where(RecallContact.recall_id.in_(ids))
    told = {id: (all, some) for id, all, some in await ctx.db.execute(people.group_by(RecallContact.recall_id))}
    still_open = select(RecallMatch.recall_id, func.count()).where(
        RecallMatch.recall_id.in_(ids), RecallMatch.answer == MatchAnswer.OPEN
    )
    undecided = dict((await ctx.db.execute(still_open.group_by(RecallMatch.recall_id))).all())
    return [RecallLine(recall, *told.get(recall.id, (0, 0)), undecided.get(recall.id, 0)) for recall in listed]


@requires("recall.read")
async def open_recalls(ctx: Context) -> list[RecallLine]:
    """What is open, for the first page; nothing is shown there while nothing is."""
    live = Recall.status.in_((RecallStatus.DRAFT, RecallStatus.OPEN))
    listed = list(await ctx.db.scalars(select(Recall).where(live).order_by(Recall.id.desc()).limit(FEW)))
    if not listed:
        raise NoOpenRecall
    return await standing(ctx, listed)


@requires("recall.read")
async def open_recall_record(ctx: Context, recall_id: UUID) -> Recall:
    """One recall."""
    return await ctx.get(Recall, recall_id)


@requires("recall.read")
async def recall(ctx: Context, recall_id: UUID) -> RecallPage:
    """The same as a page: where its batches are and went, and who was reached."""
    opened = await ctx.get(Recall, recall_id)
    received = (await recipients(ctx, opened.id)).items
    known = await products(ctx, [meant.product_id for meant in opened.products])
    return RecallPage(
        opened,
        list(known.values()),
        await figures_of(ctx, opened.id),
        await of_recall(ctx, opened.id),
        await blocked_places(ctx, opened.id),
        await bags(ctx, opened.id),
        await recalled_transfers(ctx, opened.id),
        await sources(ctx, opened.id),
        await recalled_sales(ctx, opened.id),
        received[:FEW],
        bool(received[FEW:]),
    )


@requires("recall.read")
async def matches_page(ctx: Context, recall_id: UUID) -> MatchesPage:
    """What may be meant, one batch after another, to be confirmed or declined."""
    opened = await ctx.get(Recall, recall_id)
    return MatchesPage(opened, await of_recall(ctx, opened.id))


@requires("recall.read")
async def contacts_page(
    ctx: Context, recall_id: UUID, state: str = "", q: str = "", after: str | None = None
) -> ContactsPage:
    """The work list of a recall, to be filtered while typing."""
    opened = await ctx.get(Recall, recall_id)
    page = await contacts(ctx, opened.id, state, q, after)
    return ContactsPage(opened, page, await figures_of(ctx, opened.id), state, q)


@requires("recall.read")
async def contact(ctx: Context, recall_id: UUID, contact_id: UUID) -> ContactPage:
    """One patient of a recall."""
    opened = await ctx.get(Recall, recall_id)
    query = select(RecallContact).where(RecallContact.id == contact_id, RecallContact.recall_id == opened.id)
    found = await ctx.db.scalar(query)
    if found is None:
        raise NotFound(thing=RecallContact.thing())
    calls = select(RecallCall).where(RecallCall.contact_id == found.id).order_by(RecallCall.id.desc()).limit(50)
    back = select(RecallReturn).where(RecallReturn.contact_id == found.id).order_by(RecallReturn.id).limit(50)
    return ContactPage(
        opened,
        found,
        await patients.banner(ctx, found.patient_id),
        await ctx.get(Patient, found.patient_id),
        await given_to(ctx, opened.id, found.patient_id),
        list(await ctx.db.scalars(calls)),
        list(await ctx.db.scalars(back.options(joinedload(RecallReturn.batch)))),
    )


@requires("recall.manage")
async def recall_form(ctx: Context, product_id: UUID | None = None) -> RecallForm:
    """A recall written by hand, of this medicine when one comes from its page."""
    return RecallForm(products=list((await products(ctx, [product_id])).values()) if product_id else [])


@requires("recall.manage")
async def notices_form(ctx: Context) -> NoticesPage:
    """Where a notice is pasted, or a file of them chosen."""
    return NoticesPage()


def sheet_of(heads: list[str], rows: Iterable[Iterable[object]]) -> bytes:
    """A file for a spreadsheet, in which no cell is taken for a formula."""
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(heads)
    sheet.writerows([harmless("" if cell is None else cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


@requires("recall.read")
async def recipients_csv(ctx: Context, recall_id: UUID) -> bytes:
    """Every patient who received some of it, for a spreadsheet."""
    opened = await ctx.get(Recall, recall_id)
    rows = [row._mapping for row in await ctx.db.execute(recipient_lines(opened.id).limit(MOST))]
    ctx.shown |= {row["patient_id"] for row in rows}
    heads = [
        "Patient",
        "Number",
        "Phone",
        "E-mail",
        "Dispensing",
        "Medicine",
        "Batch",
        "Quantity",
        "Unit",
        "Handed over",
    ]
    keys = "name number phone email dispensing medicine batch quantity unit at".split()
    return sheet_of(
        [*heads, "State"],
        ([*(said(row[key]) for key in keys), row["state"].value if row["state"] else ""] for row in rows),
    )


def said(value: object) -> object:
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat(sep=" ", timespec="seconds") if isinstance(value, datetime) else value


@requires("recall.read")
async def places_csv(ctx: Context, recall_id: UUID) -> bytes:
    """Every site, transfer and supplier's paper of its batches, for a spreadsheet."""
    here = [
        ("site", line.site, line.location, line.batch, plain(line.quantity), line.unit, "")
        for line in await blocked_places(ctx, recall_id)
    ]
    moved = [
        ("transfer", line.source, line.target, line.batch, plain(line.quantity), line.unit, line.transfer)
        for line in await recalled_transfers(ctx, recall_id)
    ]
    came = [
        ("delivery", line.supplier, line.site, line.batch, plain(line.quantity), line.unit, line.supplier_number)
        for line in await sources(ctx, recall_id)
    ]
    sold = [
        ("sale", line.site, line.buyer, line.batch, plain(line.quantity), line.unit, line.sale)
        for line in await recalled_sales(ctx, recall_id)
    ]
    heads = ["What", "From or at", "To or place", "Batch", "Quantity", "Unit", "Paper"]
    return sheet_of(heads, [*here, *moved, *came, *sold])
