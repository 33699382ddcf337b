"""Stock on its way to another site: it has left one shelf, and until it lies on the other it is nobody's."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from galen.core.context import Context
from galen.core.errors import Conflict, Invalid
from galen.core.gate import requires
from galen.core.numbers import next_number
from galen.core.schemas import Slice
from galen.i18n import gettext as _
from galen.medicines import find_medicines
from galen.organizations import Site, SiteKind
from galen.values import like

from ..models import Batch, BatchStatus, MovementKind, StockLevel, Transfer, TransferLine, TransferStatus
from ..page_views import TransferForm, TransferList, TransferPage
from ..schemas import ArrivalDraft, BatchReasonDraft, ShelfLine, TransferDraft
from .moves import hold, move, opened
from .pages import places
from .places import store
from .shelves import shelf_lines

OFFERED = 30
SEEN = (
    selectinload(Transfer.from_site),
    selectinload(Transfer.to_site),
    selectinload(Transfer.lines).selectinload(TransferLine.batch),
    selectinload(Transfer.lines).selectinload(TransferLine.product),
)


class NotToThere(Conflict):
    message = "{name} keeps no stock, or is closed. Choose another site."


class StaysHere(Conflict):
    message = "Batch {number} was recalled: it stays where it is until it is destroyed or sent back."


class NotFromHere(Conflict):
    message = "This batch does not lie at {place}. Stock is sent by the site that has it."


class NotForHere(Conflict):
    message = "This transfer is on its way to another site. It is taken in there."


class NotSentFromHere(Conflict):
    message = "This transfer was sent by another site. It is taken back there."


@requires("stock.adjust")
async def send_stock(ctx: Context, draft: TransferDraft) -> Transfer:
    """Take stock from these shelves and send it to another site."""
    here = await store(ctx)
    there = await ctx.get(Site, draft.to_site_id)
    if there.id == here.id:
        raise Invalid("to_site_id", _("Choose another site than the one that sends."))
    if there.closed or there.kind not in (SiteKind.PHARMACY, SiteKind.BOTH):
        raise NotToThere(name=there.name)
    wanted = {line.level_id: line.quantity for line in draft.lines}
    if len(wanted) < len(draft.lines):
        raise Invalid("lines", _("The same batch stands here twice. Write it in one line."))
    levels = sorted([await ctx.get(StockLevel, id) for id in wanted], key=lambda level: (level.product_id, level.id))
    transfer = ctx.add(
        Transfer(
            number=f"T{await next_number(ctx, 'transfer'):06}",
            from_site_id=here.id,
            to_site_id=there.id,
            note=draft.note,
            sent_by=ctx.actor.id,
            sent_name=ctx.actor.name,
            sent_at=ctx.now,
        )
    )
    for product_id in sorted({level.product_id for level in levels}):
        await hold(ctx, here.id, product_id)
    for position, seen in enumerate(levels, 1):
        level = await opened(ctx, seen.id)
        if level.site_id != here.id:
            raise NotFromHere(place=here.name)
        if level.batch.status is BatchStatus.RECALLED:
            raise StaysHere(number=level.batch.number)
        quantity = wanted[level.id]
        move(ctx, level, MovementKind.SEND, -quantity, f"To {there.name}", ("transfer", transfer.id))
        transfer.lines.append(
            TransferLine(
                position=position,
                product_id=level.product_id,
                batch_id=level.batch_id,
                level_id=level.id,
                quantity=quantity,
            )
        )
    ctx.flash(_("On its way to %(site)s.", site=there.name))
    return transfer


@requires("stock.receive")
async def take_in(ctx: Context, transfer_id: UUID, draft: ArrivalDraft) -> Transfer:
    """What was sent has arrived: what is there goes on the shelf, what is not stays on the document with the reason."""
    transfer = await ctx.get(Transfer, transfer_id, lock=True, include=(Transfer.from_site,))
    here = await store(ctx)
    if transfer.to_site_id != here.id:
        raise NotForHere
    said = {line.line_id: line for line in draft.lines}
    place = {line.line_id: number for number, line in enumerate(draft.lines)}
    if unknown := said.keys() - {line.id for line in transfer.lines}:
        raise Invalid("lines", _("A line is not of this transfer: %(id)s.", id=min(unknown)))
    transfer.status = TransferStatus.ARRIVED
    transfer.arrived_by, transfer.arrived_name, transfer.arrived_at = ctx.actor.id, ctx.actor.name, ctx.now
    why = f"From {transfer.from_site.name}"
    for product_id in sorted({line.product_id for line in transfer.lines}):
        await hold(ctx, here.id, product_id)
    for line in sorted(transfer.lines, key=lambda line: (line.product_id, line.level_id)):
        told = said.get(line.id)
        line.arrived = line.quantity if told is None else told.quantity
        line.location, line.short_because = (told.location, told.reason) if told else ("", "")
        if line.arrived > line.quantity:
            raise Invalid(
                f"lines.{place[line.id]}.quantity",
                _("More than was sent cannot arrive. Receive the rest as a delivery."),
            )
        if line.missing and not line.short_because:
            raise Invalid(f"lines.{place[line.id]}.reason", _("Write why less has arrived than was sent."))
        if line.arrived:
            level = await arrived_level(ctx, here.id, line)
            move(ctx, level, MovementKind.ARRIVE, line.arrived, why, ("transfer", transfer.id))
    ctx.flash(_("Transfer %(number)s is on the shelf.", number=transfer.number))
    return transfer


async def arrived_level(ctx: Context, site_id: UUID, line: TransferLine) -> StockLevel:
    """Where the batch lies already, or will lie; held."""
    level = await ctx.db.scalar(
        select(StockLevel)
        .where(StockLevel.site_id == site_id, StockLevel.batch_id == line.batch_id)
        .where(StockLevel.location == line.location)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    batch = await ctx.get(Batch, line.batch_id)
    return level or ctx.add(
        StockLevel(
            site_id=site_id,
            batch_id=batch.id,
            batch=batch,
            product_id=line.product_id,
            location=line.location,
            quantity=Decimal(0),
        )
    )


@requires("stock.adjust")
async def cancel_transfer(ctx: Context, transfer_id: UUID, draft: BatchReasonDraft) -> Transfer:
    """It never left, or came back: every unit lies again where it was taken from."""
    transfer = await ctx.get(Transfer, transfer_id, lock=True)
    here = await store(ctx)
    if transfer.from_site_id != here.id:
        raise NotSentFromHere
    transfer.status, transfer.ended_because = TransferStatus.CANCELLED, draft.reason
    for product_id in sorted({line.product_id for line in transfer.lines}):
        await hold(ctx, here.id, product_id)
    for line in sorted(transfer.lines, key=lambda line: (line.product_id, line.level_id)):
        level = await opened(ctx, line.level_id)
        move(ctx, level, MovementKind.REVERSAL, line.quantity, draft.reason, ("transfer", transfer.id))
    ctx.flash(_("Taken back: everything lies where it lay before."))
    return transfer


@requires("stock.read")
async def transfers(ctx: Context, status: TransferStatus | None = None, after: str | None = None) -> Slice[Transfer]:
    """Transfers from and to every site, newest first."""
    query = select(Transfer).options(*SEEN)
    return await ctx.slice(query.where(Transfer.status == status) if status else query, after)


@requires("stock.adjust")
async def transfer_form(ctx: Context, level_id: UUID | None = None) -> TransferForm:
    """Where stock may be sent to from here; `level_id` is the batch one comes from."""
    here = await store(ctx)
    chosen = await shelf_lines(ctx, here, StockLevel.id == level_id) if level_id else []
    return TransferForm(here, [place for place in await places(ctx) if place.id != here.id], chosen)


@requires("stock.read")
async def batch_options(ctx: Context, q: str = "") -> list[ShelfLine]:
    """Batches that lie here, by medicine, barcode or batch number, first expired first."""
    here = await store(ctx)
    if not q.strip():
        return []
    wanted = [product.id for product in await find_medicines(ctx, q, limit=OFFERED)]
    here_now = StockLevel.quantity > 0, Batch.status != BatchStatus.RECALLED
    either = or_(StockLevel.product_id.in_(wanted), Batch.number.ilike(like.beginning(q.strip())))
    return (await shelf_lines(ctx, here, *here_now, either))[:OFFERED]


@requires("stock.read")
async def transfer(ctx: Context, transfer_id: UUID) -> TransferPage:
    """One transfer, line by line."""
    found = await ctx.get(Transfer, transfer_id)
    seen = await ctx.db.scalar(
        select(Transfer).where(Transfer.id == found.id).options(*SEEN).execution_options(populate_existing=True)
    )
    assert seen
    return TransferPage(seen, here=ctx.site.id if ctx.site else None)


@requires("stock.read")
async def transfer_list(ctx: Context, after: str | None = None) -> TransferList:
    """The same as a page: what waits to be taken in here stands first."""
    here = ctx.site.id if ctx.site else None
    waiting = select(Transfer).options(*SEEN).where(Transfer.to_site_id == here, Transfer.status == TransferStatus.SENT)
    arriving = list(await ctx.db.scalars(waiting.order_by(Transfer.id))) if here and not after else []
    return TransferList(arriving, await transfers(ctx, None, after))
