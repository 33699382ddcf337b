"""What changes stock. Every change is a movement in the ledger; corrections are further movements."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from galen.core.context import Context
from galen.core.errors import Conflict, Invalid
from galen.core.gate import requires
from galen.i18n import gettext as _
from galen.medicines import Product
from galen.values.units import plain

from ..events import StockArrived, StockLow, StockMoved
from ..models import AdjustReason, Batch, BatchStatus, Movement, MovementKind, StockLevel
from ..schemas import AdjustDraft, BatchChange, BatchDraft, BatchReasonDraft, CountDraft, Pick, ReturnDraft
from .authority import refuse_write_off
from .lots import recall_of
from .places import local_day, store


class OutOfStock(Conflict):
    message = "Only {left} of {wanted} can be handed out here; the rest is missing, expired or set aside."


class NotThatMuch(Conflict):
    message, constraint = "There is not that much in this place. Count it first.", "stock_level_quantity_check"


class BatchTaken(Conflict):
    message = "Someone else is receiving this batch at the moment. Please try again."
    constraint = "batch_product_id_number_expires_maker_returned_key"


class InSeveralPlaces(Conflict):
    message = "This batch lies in {places} places here. Name the place (level_id)."


HOLD = "SELECT pg_advisory_xact_lock(hashtextextended($1::uuid::text || $2::uuid::text, 0))"
ISSUE = "SELECT * FROM issue_stock($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"


async def hold(ctx: Context, site_id: UUID, product_id: UUID) -> None:
    """Nobody else moves this medicine here until the end of the transaction: the same lock that `issue` takes."""
    await ctx.raw.execute(HOLD, site_id, product_id)


def move(
    ctx: Context,
    level: StockLevel,
    kind: MovementKind,
    quantity: Decimal,
    reason: str,
    reference: tuple[str, UUID] | tuple[None, None] = (None, None),
    code: AdjustReason | None = None,
) -> Movement:
    """Change a locked place and write the line in the ledger."""
    if level.quantity + quantity < 0:
        raise NotThatMuch
    level.quantity += quantity
    ctx.emit(StockMoved(level.site_id, level.product_id))
    if quantity > 0:
        ctx.emit(StockArrived(level.site_id, level.product_id))
    return ctx.add(
        Movement(
            site_id=level.site_id,
            level_id=level.id,
            level=level,
            batch_id=level.batch_id,
            product_id=level.product_id,
            kind=kind,
            quantity=quantity,
            balance=level.quantity,
            reason=reason,
            reason_code=code,
            reference_kind=reference[0],
            reference_id=reference[1],
            actor_id=ctx.actor.id,
            actor_name=ctx.actor.name,
            at=ctx.now,
        )
    )


@requires("stock.receive")
async def receive(ctx: Context, draft: BatchDraft) -> Batch:
    """Put a delivery of one batch on the shelf. The same number with another expiry is another batch."""
    return (await shelve(ctx, draft)).level.batch


async def shelve(
    ctx: Context, draft: BatchDraft, reference: tuple[str, UUID] | tuple[None, None] = (None, None)
) -> Movement:
    """The same, for the line of a document that it came with."""
    place = await store(ctx, draft.site_id)
    product = await ctx.get(Product, draft.product_id)
    if draft.expires is None and product.tax_class == "medicine":
        raise Invalid("expires", _("A medicine needs its expiry: a day (2027-06-15) or a month (2027-06)."))
    if draft.expires and draft.expires < local_day(ctx, place):
        raise Invalid("expires", _("This batch has expired already. Send it back rather than shelve it."))
    await hold(ctx, place.id, product.id)
    level = await shelf(ctx, place.id, draft)
    if level.batch.status is BatchStatus.RECALLED:
        ctx.flash(
            _("Batch %(number)s was recalled: it is set aside, and nobody is given any of it.", number=draft.number)
        )
    units = draft.packs * product.pack_size + draft.units
    if draft.total_cost is not None:
        known = await lying(ctx, level.batch_id) if level.batch.unit_cost is not None else Decimal(0)
        paid = known * (level.batch.unit_cost or 0) + draft.total_cost
        level.batch.unit_cost = (paid / (known + units)).quantize(Decimal("0.0001"))
    return move(ctx, level, MovementKind.RECEIVE, units, draft.reason, reference)


async def lying(ctx: Context, batch_id: UUID) -> Decimal:
    """What there is of a batch in all places of all sites: its cost is one, wherever it lies."""
    total = select(func.coalesce(func.sum(StockLevel.quantity), 0)).where(StockLevel.batch_id == batch_id)
    return await ctx.db.scalar(total) or Decimal(0)


async def shelf(ctx: Context, site_id: UUID, draft: BatchDraft) -> StockLevel:
    """Where the batch lies or will lie; a batch seen for the first time is written down."""
    batch = await ctx.db.scalar(
        select(Batch).where(
            Batch.product_id == draft.product_id,
            Batch.number == draft.number,
            Batch.expires.is_not_distinct_from(draft.expires),
            Batch.maker == draft.maker,
            Batch.returned == "",
        )
    )
    if batch is None:
        batch = draft.into(Batch, received_at=ctx.now, **await as_recalled(ctx, draft))
    elif level := await ctx.db.scalar(
        select(StockLevel)
        .where(StockLevel.site_id == site_id, StockLevel.batch_id == batch.id, StockLevel.location == draft.location)
        .options(selectinload(StockLevel.batch))
        .with_for_update(of=StockLevel)
        .execution_options(populate_existing=True)
    ):
        return level
    return ctx.add(
        StockLevel(
            site_id=site_id,
            batch_id=batch.id,
            batch=batch,
            product_id=draft.product_id,
            location=draft.location,
            quantity=Decimal(0),
        )
    )


async def as_recalled(ctx: Context, draft: BatchDraft) -> dict[str, Any]:
    """What comes of a recalled lot is set aside as it comes."""
    recall = await recall_of(ctx, draft.product_id, draft.number)
    return {"status": BatchStatus.RECALLED, "status_reason": f"Recall {recall}"} if recall else {}


async def opened(ctx: Context, level_id: UUID) -> StockLevel:
    """One place with its batch, held until the end."""
    return await ctx.get(StockLevel, level_id, lock=True, include=(StockLevel.batch,))


@requires("stock.adjust")
async def adjust(ctx: Context, draft: AdjustDraft) -> Movement:
    """Correct what lies in one place, up or down, with a reason; much of it is taken off by the manager alone."""
    level = await opened(ctx, draft.level_id or await only_place(ctx, draft.batch_id))
    await refuse_write_off(ctx, level, draft.quantity, await ctx.get(Product, level.product_id))
    return move(ctx, level, MovementKind.ADJUST, draft.quantity, draft.reason, code=draft.code)


async def only_place(ctx: Context, batch_id: UUID | None) -> UUID:
    place = await store(ctx)
    batch = await ctx.get(Batch, batch_id or UUID(int=0))
    at_site = select(StockLevel.id).where(StockLevel.site_id == place.id, StockLevel.batch_id == batch.id)
    level_ids = list(await ctx.db.scalars(at_site))
    if len(level_ids) != 1:
        raise InSeveralPlaces(places=len(level_ids) or "no")
    return level_ids[0]


@requires("stock.adjust")
async def count_stock(ctx: Context, draft: CountDraft) -> list[Movement]:
    """Set places to what was counted. The difference is the movement, also when it is nothing."""
    counted = []
    for line in sorted(draft.lines, key=lambda line: line.level_id):
        level = await opened(ctx, line.level_id)
        product = await ctx.get(Product, level.product_id)
        units = line.packs * product.pack_size + line.units
        await refuse_write_off(ctx, level, units - level.quantity, product)
        counted.append(move(ctx, level, MovementKind.COUNT, units - level.quantity, draft.reason))
    return counted


@requires("stock.adjust")
async def quarantine(ctx: Context, batch_id: UUID, draft: BatchReasonDraft) -> Batch:
    """Set a batch aside: nothing of it is handed out until it is released."""
    return await set_aside(ctx, batch_id, BatchStatus.QUARANTINED, draft.reason)


@requires("stock.adjust")
async def release(ctx: Context, batch_id: UUID, draft: BatchReasonDraft) -> Batch:
    """Put a quarantined batch back into use."""
    return await set_aside(ctx, batch_id, BatchStatus.OK, draft.reason)


@requires("stock.adjust")
async def change_batch(ctx: Context, batch_id: UUID, draft: BatchChange) -> Batch:
    """Quarantine, release or recall a batch, with a reason."""
    return await set_aside(ctx, batch_id, draft.status, draft.reason)


async def set_aside(ctx: Context, batch_id: UUID, status: BatchStatus, reason: str) -> Batch:
    """The batch's state changes, and the ledger of each place that holds some of it says so."""
    batch = await ctx.get(Batch, batch_id)
    of_batch = select(StockLevel).where(StockLevel.batch_id == batch.id).order_by(StockLevel.site_id, StockLevel.id)
    for site_id in sorted({level.site_id for level in await ctx.db.scalars(of_batch)}):
        await hold(ctx, site_id, batch.product_id)
    batch = await ctx.get(Batch, batch_id, lock=True)
    batch.status, batch.status_reason = status, reason
    kind = MovementKind.RELEASE if status is BatchStatus.OK else MovementKind.QUARANTINE
    held = of_batch.with_for_update().execution_options(populate_existing=True)
    for level in await ctx.db.scalars(held):
        move(ctx, level, kind, Decimal(0), reason)
    return batch


@requires("stock.adjust")
async def return_to_supplier(ctx: Context, level_id: UUID, draft: ReturnDraft) -> Movement:
    """Send units back to where they came from, good or not."""
    return move(ctx, await opened(ctx, level_id), MovementKind.RETURN, -draft.quantity, draft.reason)


async def issue(
    ctx: Context,
    product_id: UUID,
    quantity: Decimal,
    *,
    reference: tuple[str, UUID],
    outlast: date | None = None,
    partial: bool = False,
    site_id: UUID | None = None,
    in_hand: UUID | None = None,
) -> list[Pick]:
    """Take units out, first expired first, in one call to the database; each unit is traced to its batch.

    With `outlast` only batches good on that day are used while they suffice. `partial` takes what there is. The
    batch `in_hand` goes first while it may be handed out. Whoever issues several medicines in one action does so in
    the order of their ids, so that no two wait for each other.
    """
    if quantity <= 0:
        raise Invalid("quantity", _("The quantity must be above zero."))
    place = await store(ctx, site_id)
    today, (kind, id) = local_day(ctx, place), reference
    by = ctx.actor.id, ctx.actor.name, ctx.now
    rows = await ctx.raw.fetch(
        ISSUE, place.id, product_id, quantity, today, outlast, partial, kind, id, *by, in_hand
    )  # fmt: skip
    if rows and rows[0]["batch"] is None:
        raise OutOfStock(left=plain(rows[0]["remaining"]), wanted=plain(quantity))
    for row in rows:
        note_issue(ctx, row, kind, id)
    if rows:
        ctx.emit(StockMoved(place.id, product_id))
    if any(row["became_low"] for row in rows):
        ctx.emit(StockLow(place.id, product_id))
    return [Pick(row["batch"], row["number"], row["expires"], row["taken"], bool(row["short_dated"])) for row in rows]


def note_issue(ctx: Context, row: Any, kind: str, id: UUID) -> None:
    """What the database did in this call, for the audit log."""
    was, left = row["was"], row["was"] - row["taken"]
    issued = Movement(
        id=row["movement"], kind=MovementKind.ISSUE, quantity=-row["taken"], balance=left,
        level_id=row["level"], batch_id=row["batch"], reference_kind=kind, reference_id=id,
    )  # fmt: skip
    ctx.note_created(issued)
    ctx.note_changed(StockLevel(id=row["level"]), quantity=(was, left))


async def give_back_part(
    ctx: Context, reference: tuple[str, UUID], product_id: UUID, quantity: Decimal, reason: str, *, site_id: UUID
) -> list[Pick]:
    """Put part of what was issued for this reference back where it lay, what expires last first."""
    await hold(ctx, site_id, product_id)
    query = (
        select(Movement.level_id, func.sum(Movement.quantity).label("taken"))
        .join(Batch, Batch.id == Movement.batch_id)
        .where(
            Movement.reference_kind == reference[0],
            Movement.reference_id == reference[1],
            Movement.product_id == product_id,
            Movement.kind.in_([MovementKind.ISSUE, MovementKind.REVERSAL]),
        )
        .group_by(Movement.level_id, Batch.expires)
        .having(func.sum(Movement.quantity) < 0)
        .order_by(Batch.expires.desc().nulls_first(), Movement.level_id)
    )
    missing, given = quantity, []
    for row in list(await ctx.db.execute(query)):
        if units := min(missing, -row.taken):
            level = await opened(ctx, row.level_id)
            move(ctx, level, MovementKind.REVERSAL, units, reason, reference)
            given.append(Pick(level.batch_id, level.batch.number, level.batch.expires, units))
            missing -= units
    return given


async def give_back(ctx: Context, reference: tuple[str, UUID], *, reason: str = "Given back") -> list[Pick]:
    """Undo what was issued for this reference, each unit to its own batch and place. Twice does no more than once."""
    outstanding = (
        select(Movement.level_id, Movement.site_id, Movement.product_id, func.sum(Movement.quantity).label("taken"))
        .where(
            Movement.reference_kind == reference[0],
            Movement.reference_id == reference[1],
            Movement.kind.in_([MovementKind.ISSUE, MovementKind.REVERSAL]),
        )
        .group_by(Movement.level_id, Movement.site_id, Movement.product_id)
        .having(func.sum(Movement.quantity) < 0)
    )
    for site_id, product_id in sorted({(row.site_id, row.product_id) for row in await ctx.db.execute(outstanding)}):
        await hold(ctx, site_id, product_id)
    given = []
    for row in sorted(await ctx.db.execute(outstanding), key=lambda row: (row.product_id, row.level_id)):
        level = await opened(ctx, row.level_id)
        move(ctx, level, MovementKind.REVERSAL, -row.taken, reason, reference)
        given.append(Pick(level.batch_id, level.batch.number, level.batch.expires, -row.taken))
    return given
