"""What the pages of inventory show beside the plain lists."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from galen.core.context import Context, SiteInfo
from galen.core.gate import requires
from galen.core.schemas import Slice
from galen.i18n import label, typed
from galen.medicines import MedicineDraft, Product, add_medicine, scan_of, scanned
from galen.organizations import Site, SiteKind

from ..models import Movement, MovementKind, StockLevel
from ..page_views import Arriving, LevelPage, MedicineStock, MovementsPage, StockAlerts, StockPage
from ..rules import EXPIRY_WARNINGS
from ..schemas import StockLine
from .places import local_day, pharmacy, store
from .shelves import ending, levels, movements, shelf_lines, short

ALERT_DAYS = 30


@requires("stock.read")
async def stock(
    ctx: Context, q: str = "", only: str = "", site_id: UUID | None = None, after: str | None = None, sort: str = ""
) -> StockPage:
    """A pharmacy's stock, to be filtered while typing."""
    place = await pharmacy(ctx, site_id)
    return StockPage(place=place, places=await places(ctx), slice=await levels(ctx, q, only, place.id, after, sort))


async def places(ctx: Context) -> list[SiteInfo]:
    query = select(Site).where(Site.kind.in_([SiteKind.PHARMACY, SiteKind.BOTH]), ~Site.closed).order_by(Site.name)
    return [site.info for site in await ctx.db.scalars(query)]


@requires("stock.read")
async def stock_of(ctx: Context, pharmacy_id: UUID, q: str = "", after: str | None = None) -> Slice[StockLine]:
    """The stock of one pharmacy."""
    return await levels(ctx, q, "", pharmacy_id, after)


@requires("stock.read")
async def medicine_stock(ctx: Context, product_id: UUID) -> MedicineStock:
    """The batches of one medicine, and what of it can be handed out."""
    place = await pharmacy(ctx)
    product = await ctx.get(Product, product_id)
    lines = await shelf_lines(ctx, place, StockLevel.product_id == product.id, StockLevel.quantity > 0)
    usable = sum((line.quantity for line in lines if line.usable), Decimal(0))
    return MedicineStock(place=place, product=product, usable=usable, lines=lines)


@requires("stock.receive")
async def receive_form(ctx: Context, product_id: UUID | None = None, code: str = "") -> Arriving:
    """The form for a delivery, of this medicine when one was chosen or its pack was scanned."""
    if code.strip():
        return Arriving(await scanned(ctx, code), scan_of(ctx, code))
    return Arriving(await ctx.get(Product, product_id) if product_id else None)


@requires("stock.adjust")
async def count_form(ctx: Context, product_id: UUID) -> MedicineStock:
    """The places of a medicine to be counted, without what should be there."""
    place = await store(ctx)
    lines = await shelf_lines(ctx, place, StockLevel.product_id == product_id)
    product = await ctx.get(Product, product_id)
    return MedicineStock(place=place, product=product, usable=Decimal(0), lines=lines)


@requires("stock.read")
async def level(ctx: Context, level_id: UUID) -> LevelPage:
    """One batch in one place, with its latest movements."""
    level = await ctx.get(StockLevel, level_id)
    place = await store(ctx, level.site_id)
    ledger = select(Movement).where(Movement.level_id == level.id).order_by(Movement.seq.desc()).limit(30)
    (line,) = await shelf_lines(ctx, place, StockLevel.id == level.id)
    return LevelPage(place=place, line=line, movements=list(await ctx.db.scalars(ledger)))


@requires("stock.read")
async def ledger_page(
    ctx: Context,
    q: str = "",
    kind: str = "",
    product_id: UUID | None = None,
    since: str = "",
    after: str | None = None,
    sort: str = "",
) -> MovementsPage:
    """The stock ledger, to be filtered while typing."""
    chosen = MovementKind(kind) if kind in {known.value for known in MovementKind} else None
    return MovementsPage(
        slice=await movements(ctx, q, chosen, product_id, None, typed.read_day(since), after, sort),
        kinds=[(kind.value, label(kind).capitalize()) for kind in MovementKind],
    )


@requires("home.pharmacy")
async def stock_alerts(ctx: Context) -> StockAlerts:
    """What the pharmacy has to look after today: expired, ending, low, out."""
    return await alerts_at(ctx, await pharmacy(ctx))


async def alerts_at(ctx: Context, place: SiteInfo) -> StockAlerts:
    lines = await ending(ctx, place, max(EXPIRY_WARNINGS[:3]))
    low = await short(ctx, place)
    soon = local_day(ctx, place) + timedelta(days=ALERT_DAYS)
    return StockAlerts(
        place=place,
        expired=[line for line in lines if line.expired],
        ending=[line for line in lines if not line.expired and line.ends_by(soon)],
        later=[line for line in lines if not line.ends_by(soon)],
        out=[line for line in low if line.usable <= 0],
        low=[line for line in low if line.usable > 0],
    )


@requires("medicine.write")
async def add_stock_item(ctx: Context, draft: MedicineDraft) -> Product:
    """Add a medicine to the catalogue, under the path that the pharmacy's founding documents gave it."""
    return await add_medicine(ctx, draft)
