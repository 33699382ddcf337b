"""What lies where: lists of stock, of what ends soon, and the ledger."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, and_, cast, func, or_, select
from sqlalchemy.orm import joinedload

from galen.core.context import Context, SiteInfo
from galen.core.gate import requires
from galen.core.schemas import Slice
from galen.medicines import Product, find_medicines
from galen.organizations import Site
from galen.sorting import Orders, count_of
from galen.values import like
from galen.values.units import plain

from ..models import Batch, BatchStatus, Movement, MovementKind, StockLevel
from ..rules import level
from ..schemas import ShelfLine, StockLine
from .places import local_day, pharmacy, store

SOON = 90
SORTED = 500  # lines that are shown by a figure that is reckoned
ORDERS = Orders("-at", at=Movement.seq)
NOTHING = Decimal(0)


def good(today: date) -> Any:
    """Neither set aside nor expired: what may be handed out."""
    return and_(Batch.status == BatchStatus.OK, or_(Batch.expires.is_(None), Batch.expires >= today))


def standing(site_id: UUID, today: date) -> Any:
    """For each medicine kept at a site: what lies there, what of it is usable, and what ends next."""
    usable = func.coalesce(func.sum(StockLevel.quantity).filter(good(today)), 0)
    ends = func.min(Batch.expires).filter(and_(good(today), StockLevel.quantity > 0))
    return (
        select(
            StockLevel.product_id,
            func.sum(StockLevel.quantity).label("on_hand"),
            usable.label("usable"),
            ends.label("next_expiry"),
        )
        .join(Batch, Batch.id == StockLevel.batch_id)
        .where(StockLevel.site_id == site_id)
        .group_by(StockLevel.product_id)
        .subquery()
    )


def line(product: Product, place: SiteInfo, row: Any) -> StockLine:
    return StockLine(
        product_id=product.id,
        name=product.name,
        tall_name=product.tall_name,
        brand=product.brand,
        unit=product.unit,
        pack_size=product.pack_size,
        on_hand=row.on_hand,
        usable=row.usable,
        reorder_level=product.reorder_level,
        next_expiry=row.next_expiry,
        level=level(row.usable, product.reorder_level),
        site_id=place.id,
    )


async def lines(ctx: Context, place: SiteInfo, query: Select[Any], stock: Any) -> list[StockLine]:
    rows = await ctx.db.execute(query.add_columns(stock.c.on_hand, stock.c.usable, stock.c.next_expiry))
    return [line(row[0], place, row) for row in rows]


@requires("stock.read")
async def levels(
    ctx: Context, q: str = "", only: str = "", site_id: UUID | None = None, after: str | None = None, sort: str = ""
) -> Slice[StockLine]:
    """What a pharmacy keeps, by name, or the first of them by `usable`, `reorder` or `expiry` (`-…` downwards); `only`
    "low" or "out" leaves out the rest."""
    place = await pharmacy(ctx, site_id)
    stock = standing(place.id, local_day(ctx, place))
    base = select(Product).join(stock, stock.c.product_id == Product.id)
    if only:
        base = base.where(stock.c.usable <= (NOTHING if only == "out" else Product.reorder_level))
    if q.strip():
        wanted = [product.id for product in await find_medicines(ctx, q, limit=60)]
        kept = {line.product_id: line for line in await lines(ctx, place, base.where(Product.id.in_(wanted)), stock)}
        found = [kept[id] for id in wanted if id in kept]
        return Slice(items=found, count=len(found))
    count = await count_of(ctx.db, base)
    reckoned = {"usable": stock.c.usable, "reorder": Product.reorder_level, "expiry": stock.c.next_expiry}
    if (column := reckoned.get(sort.removeprefix("-"))) is not None:
        order = column.desc() if sort.startswith("-") else column.asc()
        ordered = base.order_by(order.nulls_last(), Product.sort, Product.id).limit(SORTED)
        return Slice(items=await lines(ctx, place, ordered, stock), count=count)
    by = Orders("name", name=Product.sort).of(sort)
    page = await ctx.slice(base, after, size=100, **by)
    found = await lines(ctx, place, base.where(Product.id.in_([product.id for product in page.items])), stock)
    known = {line.product_id: line for line in found}
    return Slice(
        items=[known[product.id] for product in page.items if product.id in known], next=page.next, count=count
    )


@requires("stock.read")
async def low_stock(ctx: Context, site_id: UUID | None = None) -> list[StockLine]:
    """What is at its reorder level or below, emptiest first. Expired and set-aside units do not count."""
    place = await pharmacy(ctx, site_id)
    return await short(ctx, place)


async def short(ctx: Context, place: SiteInfo) -> list[StockLine]:
    """The same for a known place: what jobs and panels ask."""
    stock = standing(place.id, local_day(ctx, place))
    query = (
        select(Product)
        .join(stock, stock.c.product_id == Product.id)
        .where(stock.c.usable <= Product.reorder_level, Product.archived_at.is_(None))
        .order_by(stock.c.usable > 0, Product.sort)
    )
    return await lines(ctx, place, query, stock)


@requires("stock.read")
async def expiring(ctx: Context, days: int = SOON, site_id: UUID | None = None) -> list[ShelfLine]:
    """Batches in stock that end within so many days, the expired ones first."""
    place = await pharmacy(ctx, site_id)
    return await ending(ctx, place, days)


async def ending(ctx: Context, place: SiteInfo, days: int) -> list[ShelfLine]:
    """The same for a known place."""
    until = local_day(ctx, place) + timedelta(days=max(0, min(days, 3650)))
    return await shelf_lines(ctx, place, StockLevel.quantity > 0, Batch.expires <= until)


async def shelf_lines(ctx: Context, place: SiteInfo, *which: Any) -> list[ShelfLine]:
    """Batches of a site with their medicine, first expired first."""
    query = (
        select(
            StockLevel.id.label("level_id"), StockLevel.quantity, StockLevel.location, Batch.id.label("batch_id"),
            Batch.number, Batch.maker, Batch.expires, Batch.status, Batch.status_reason, Product,
        )
        .join(Batch, Batch.id == StockLevel.batch_id)
        .join(Product, Product.id == StockLevel.product_id)
        .where(StockLevel.site_id == place.id, *which)
        .order_by(Batch.expires.nulls_last(), Product.sort, Batch.id, StockLevel.id)
    )  # fmt: skip
    today = local_day(ctx, place)
    return [shelf_line(row._mapping, today) for row in await ctx.db.execute(query)]


def shelf_line(row: Any, today: date) -> ShelfLine:
    product, expires = row["Product"], row["expires"]
    return ShelfLine(
        **{key: value for key, value in row.items() if key != "Product"},
        product_id=product.id,
        name=product.tall_name,
        unit=product.unit,
        pack_size=product.pack_size,
        days_left=(expires - today).days if expires else None,
    )


async def on_hand(ctx: Context, product_ids: Iterable[UUID], site_id: UUID | None = None) -> dict[UUID, Decimal]:
    """What could be handed out today of each medicine, in units."""
    place, wanted = await store(ctx, site_id), list(product_ids)
    query = (
        select(StockLevel.product_id, func.sum(StockLevel.quantity))
        .join(Batch, Batch.id == StockLevel.batch_id)
        .where(StockLevel.site_id == place.id, StockLevel.product_id.in_(wanted), good(local_day(ctx, place)))
        .group_by(StockLevel.product_id)
    )
    usable = dict((await ctx.db.execute(query)).all())
    return {id: usable.get(id, NOTHING) for id in wanted}


def ledger(
    q: str, kind: MovementKind | None, product_id: UUID | None, site_id: UUID | None, since: date | None
) -> Select[Movement]:
    """The movements asked for; `q` is a batch number, a person, or a word of the reason."""
    seen = joinedload(Movement.product), joinedload(Movement.batch), joinedload(Movement.site)
    query = select(Movement).options(*seen)
    if q.strip():
        query = query.join(Batch, Batch.id == Movement.batch_id).where(
            or_(
                Batch.number.ilike(like.within(q.strip())),
                Movement.actor_name.ilike(like.within(q.strip())),
                Movement.reason.ilike(like.within(q.strip())),
            )
        )
    if kind:
        query = query.where(Movement.kind == kind)
    if product_id:
        query = query.where(Movement.product_id == product_id)
    if site_id:
        query = query.where(Movement.site_id == site_id)
    return query.where(*since_day(since)) if since else query


def since_day(day: date) -> tuple[ColumnElement[bool], ...]:
    """From the beginning of a day of the site on; the plain bound, in the earliest zone, is for the index."""
    zone = select(Site.zone).where(Site.id == Movement.site_id).correlate(Movement).scalar_subquery()
    earliest = datetime.combine(day, time(), UTC) - timedelta(hours=14)
    return Movement.at >= earliest, cast(func.timezone(zone, Movement.at), Date) >= day


@requires("stock.read")
async def movements(
    ctx: Context,
    q: str = "",
    kind: MovementKind | None = None,
    product_id: UUID | None = None,
    site_id: UUID | None = None,
    since: date | None = None,
    after: str | None = None,
    sort: str = "",
) -> Slice[Movement]:
    """The stock ledger, newest first, or with `sort` "at" oldest first."""
    query = ledger(q, kind, product_id, site_id, since)
    page = await ctx.slice(query, after, **ORDERS.of(sort))
    page.count = await count_of(ctx.db, query)
    return page


@requires("stock.read")
async def movements_csv(
    ctx: Context,
    q: str = "",
    kind: MovementKind | None = None,
    product_id: UUID | None = None,
    site_id: UUID | None = None,
    since: date | None = None,
) -> bytes:
    """The same ledger for a spreadsheet: at most 50 000 lines, oldest first."""
    query = ledger(q, kind, product_id, site_id, since).order_by(Movement.seq).limit(50_000)
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(
        ["Line", "When", "Medicine", "Batch", "Expires", "Kind", "Quantity", "Balance", "Unit", "Reason", "By"]
    )
    for movement in await ctx.db.scalars(query):
        product, batch = movement.product, movement.batch
        when = movement.at.astimezone(movement.site.tz).isoformat(sep=" ", timespec="seconds")
        cells = [
            product.name,
            batch.number,
            batch.expires or "",
            movement.kind.value,
            plain(movement.quantity),
            plain(movement.balance),
            product.unit,
            movement.reason,
            movement.actor_name,
        ]
        sheet.writerow([movement.seq, when, *map(harmless, cells)])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def harmless(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula; plain numbers, also below nothing, stay numbers (OWASP)."""
    text = str(cell)
    number = text.removeprefix("-").replace(".", "", 1).isdigit()
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not number else text
