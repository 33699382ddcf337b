"""Telling the pharmacists what runs low and what ends soon."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from galen.core.context import Context, SiteInfo
from galen.identity import Account, permissions_of
from galen.medicines import Product
from galen.notifications import Message, send

from ..events import StockLow
from ..models import StockLevel
from ..rules import pack_words
from ..schemas import StockLine
from .pages import alerts_at, places
from .places import local_day, store
from .shelves import lines, standing


async def tell_of_shortage(ctx: Context, fact: StockLow) -> None:
    """One message a day for a medicine that has just run low."""
    place = await store(ctx, fact.site_id)
    stock = standing(place.id, local_day(ctx, place))
    query = select(Product).join(stock, stock.c.product_id == Product.id).where(Product.id == fact.product_id)
    for line in await lines(ctx, place, query, stock):
        if line.usable <= line.reorder_level:
            about = f"low stock {place.id} {line.product_id} {local_day(ctx, place)}"
            await tell(ctx, place, about, f"Low stock at {place.name}", shortage(line))


def shortage(line: StockLine) -> str:
    left = pack_words(line.usable, line.pack_size, line.unit)
    return f"{line.name}: {left} left." if line.usable > 0 else f"{line.name}: nothing left that can be handed out."


async def morning_round(ctx: Context) -> None:
    """Once a day for each pharmacy: what is out, low, expired or ends within 30 days."""
    for place in await places(ctx):
        kept = await ctx.db.scalar(select(StockLevel.id).where(StockLevel.site_id == place.id).limit(1))
        alerts = await alerts_at(ctx, place) if kept else None
        if not alerts or not alerts.figures:
            continue
        about = f"stock round {place.id} {local_day(ctx, place)}"
        words = (
            f"Out of stock: {len(alerts.out)}. Low: {len(alerts.low)}. "
            f"Expired: {len(alerts.expired)}. Ends within 30 days: {len(alerts.ending)}."
        )
        if await tell(ctx, place, about, f"Stock this morning at {place.name}", words):
            for line in (*alerts.out, *alerts.low):
                ctx.emit(StockLow(place.id, line.product_id))


async def tell(ctx: Context, place: SiteInfo, about: str, subject: str, words: str) -> bool:
    """In-app messages to whoever receives stock at this site, once for each occasion."""
    if await ctx.db.scalar(select(Message.id).where(Message.about == about).limit(1)):
        return False
    for account in await keepers(ctx, place.id):
        await send(
            ctx, channel="in_app", to=account.username, subject=subject, text=words, about=about, account_id=account.id
        )
    return True


async def keepers(ctx: Context, site_id: UUID) -> Iterable[Account]:
    staff = await ctx.db.scalars(select(Account).where(Account.active, Account.site_id == site_id))
    return [account for account in staff if {"stock.receive", "stock.*"} & set(permissions_of(account.roles))]
