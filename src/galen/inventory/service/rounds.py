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

NAMED = 40  # medicines that a message names


async def tell_of_shortage(ctx: Context, fact: StockLow) -> None:
    """One message a day for all that runs low on it: what follows is added to the one that is there."""
    place = await store(ctx, fact.site_id)
    day = local_day(ctx, place)
    stock = standing(place.id, day)
    query = select(Product).join(stock, stock.c.product_id == Product.id).where(Product.id == fact.product_id)
    for line in await lines(ctx, place, query, stock):
        about, words = f"low stock {place.id} {day}", shortage(line)
        if line.usable > line.reorder_level or await tell_keepers(
            ctx, place, about, f"Low stock at {place.name}", words
        ):
            continue
        for message in await ctx.db.scalars(select(Message).where(Message.about == about)):
            kept = [known for known in message.text.split("\n") if not known.startswith(f"{line.name}: ")]
            message.text = "\n".join([*kept, words])


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
        short = [shortage(line) for line in (*alerts.out, *alerts.low)]
        more = [f"And {len(short) - NAMED} more: see Stock."] if len(short) > NAMED else []
        await tell_keepers(
            ctx, place, about, f"Stock this morning at {place.name}", "\n".join([words, *short[:NAMED], *more])
        )


async def tell_keepers(ctx: Context, place: SiteInfo, about: str, subject: str, words: str) -> bool:
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
