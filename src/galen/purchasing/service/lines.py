"""The lines of a draft: scanned off packs, or typed. Several people may write at one delivery at the same time."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from galen.core.context import Context
from galen.core.errors import Conflict, Invalid, NotFound, Stale
from galen.core.gate import requires
from galen.i18n import gettext as _
from galen.medicines import Product, Scan, of_code, scan_of, scanned

from ..events import DeliveryChanged
from ..models import Delivery, DeliveryLine
from ..page_views import DeliveryPage
from ..schemas import LineDraft, PackScanDraft, PacksDraft
from .costs import last_costs
from .receiving import order_line_of

MOST = 500
SEEN = (
    selectinload(Delivery.supplier),
    selectinload(Delivery.site),
    selectinload(Delivery.order),
    selectinload(Delivery.lines).selectinload(DeliveryLine.product),
)


class NotADraft(Conflict):
    message = "Delivery {number} is {now}. Nothing was changed; what is wrong on the shelf is corrected in the stock."


class FullDelivery(Conflict):
    message = "A delivery has at most {most} lines. Write the rest down as a second one."


async def held(ctx: Context, delivery_id: UUID, version: int | None = None) -> Delivery:
    """A draft that nobody else changes until the end; refused when it is none any more, or another than was seen."""
    if version is not None:
        ctx.if_match = version
    delivery = await ctx.get(Delivery, delivery_id, lock=True)
    if not delivery.draft:
        raise NotADraft(number=delivery.number, now=delivery.status)
    return delivery


async def held_line(ctx: Context, delivery: Delivery, line_id: UUID, version: int | None = None) -> DeliveryLine:
    line = next((line for line in delivery.lines if line.id == line_id), None)
    if line is None:
        raise NotFound(thing=DeliveryLine.thing())
    if version is not None and line.version != version:
        raise Stale(thing=DeliveryLine.thing())
    return line


def touch(ctx: Context, delivery: Delivery) -> None:
    """Another version of the whole, by whom and when."""
    delivery.changes += 1
    delivery.changed_name, delivery.changed_at = ctx.actor.name, ctx.now
    ctx.emit(DeliveryChanged(delivery.id))


async def page_of(
    ctx: Context,
    delivery: Delivery,
    line: DeliveryLine | None = None,
    *,
    unknown: str = "",
    scan: Scan | None = None,
) -> DeliveryPage:
    """The delivery as it stands now, with the line one works at."""
    await ctx.flush()
    query = select(Delivery).where(Delivery.id == delivery.id).options(*SEEN)
    seen = await ctx.db.scalar(query.execution_options(populate_existing=True))
    assert seen
    costs = await last_costs(ctx, {line.product_id for line in seen.lines}) if seen.draft else {}
    return DeliveryPage(seen, costs, ctx.today, line, unknown, scan)


@requires("stock.receive")
async def add_line(ctx: Context, delivery_id: UUID, draft: LineDraft) -> DeliveryPage:
    """Write a line down that was not scanned."""
    delivery = await held(ctx, delivery_id)
    line = await new_line(ctx, delivery, draft.product_id)
    await written(ctx, line, draft)
    touch(ctx, delivery)
    return await page_of(ctx, delivery)


@requires("stock.receive")
async def change_line(ctx: Context, delivery_id: UUID, line_id: UUID, draft: LineDraft) -> DeliveryPage:
    """Write a line down anew."""
    delivery = await held(ctx, delivery_id)
    line = await held_line(ctx, delivery, line_id, draft.version)
    await written(ctx, line, draft)
    touch(ctx, delivery)
    return await page_of(ctx, delivery)


@requires("stock.receive")
async def count_packs(ctx: Context, delivery_id: UUID, line_id: UUID, draft: PacksDraft) -> DeliveryPage:
    """Write only how many packs of a line came."""
    delivery = await held(ctx, delivery_id)
    line = await held_line(ctx, delivery, line_id)
    if draft.packs is not None:
        line.packs = draft.packs
        if not (line.came.paid or line.came.free or line.came.noted):
            raise Invalid("packs", _("Nothing is left of this line then. Take it away instead."))
        refuse_more_than_came(line)
        touch(ctx, delivery)
    return await page_of(ctx, delivery)


@requires("stock.receive")
async def take_away(ctx: Context, delivery_id: UUID, line_id: UUID) -> DeliveryPage:
    """Take a line off the delivery."""
    delivery = await held(ctx, delivery_id)
    line = await held_line(ctx, delivery, line_id)
    delivery.lines.remove(line)
    touch(ctx, delivery)
    ctx.flash(_("Line %(line)s is taken away.", line=line.position))
    return await page_of(ctx, delivery)


@requires("stock.receive")
async def scan_line(ctx: Context, delivery_id: UUID, draft: PackScanDraft) -> DeliveryPage:
    """One more pack of what was scanned: on its line, or on a new one."""
    delivery = await held(ctx, delivery_id)
    product = await scanned(ctx, draft.code)
    return await one_more(ctx, delivery, product, scan_of(ctx, draft.code))


@requires("stock.receive")
async def scan_pack(ctx: Context, delivery_id: UUID, draft: PackScanDraft) -> DeliveryPage:
    """The same on the page: what nobody knows here yet is kept in the form of a line, for its medicine to be found."""
    delivery = await held(ctx, delivery_id)
    scan = scan_of(ctx, draft.code)
    if (product := await of_code(ctx, draft.code)) is None:
        return await page_of(ctx, delivery, unknown=draft.code, scan=scan)
    return await one_more(ctx, delivery, product, scan)


async def one_more(ctx: Context, delivery: Delivery, product: Product, scan: Scan | None) -> DeliveryPage:
    scan = scan or Scan()
    line = line_of(delivery, product.id, scan) or await new_line(ctx, delivery, product.id)
    line.packs += 1
    line.number = line.number or scan.lot
    line.expires = line.expires or scan.expires
    line.gtin = line.gtin or scan.gtin
    touch(ctx, delivery)
    return await page_of(ctx, delivery, line, scan=scan)


def line_of(delivery: Delivery, product_id: UUID, scan: Scan) -> DeliveryLine | None:
    """The line that a pack belongs to: nothing it says differs from what stands there, and most of it agrees."""

    def agrees(line: DeliveryLine) -> bool:
        return not (
            (scan.lot and line.number and scan.lot != line.number)
            or (scan.expires and line.expires and scan.expires != line.expires)
        )

    def likeness(line: DeliveryLine) -> tuple[bool, bool, int]:
        return line.number == scan.lot, line.expires == scan.expires, line.position

    fitting = [line for line in delivery.lines if line.product_id == product_id and agrees(line)]
    return max(fitting, key=likeness, default=None)


async def new_line(ctx: Context, delivery: Delivery, product_id: UUID) -> DeliveryLine:
    """The next line of a delivery."""
    if len(delivery.lines) >= MOST:
        raise FullDelivery(most=MOST)
    product = await ctx.get(Product, product_id)
    position = max((line.position for line in delivery.lines), default=0) + 1
    nothing = Decimal(0)
    line = DeliveryLine(
        order_line_id=await order_line_of(ctx, delivery, product.id),
        position=position,
        product_id=product.id,
        pack_size=product.pack_size,
        number="",
        gtin="",
        packs=nothing,
        units=nothing,
        free_packs=nothing,
        refused=nothing,
    )
    delivery.lines.append(line)
    return line


async def written(ctx: Context, line: DeliveryLine, draft: LineDraft) -> None:
    """Put what was said into the line; its pack is the medicine's as it is today."""
    product = await ctx.get(Product, draft.product_id)
    for name, value in draft.model_dump(exclude={"version"}).items():
        setattr(line, name, value)
    line.pack_size = product.pack_size
    line.order_line_id = await order_line_of(ctx, line.delivery, product.id)
    refuse_more_than_came(line)


def refuse_more_than_came(line: DeliveryLine) -> None:
    if line.refused > line.came.paid + line.came.free:
        raise Invalid("refused", _("More cannot be kept off the shelf than came. Count it in units, not in packs."))
