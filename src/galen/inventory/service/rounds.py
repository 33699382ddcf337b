"""Telling the pharmacists what runs low and what ends soon."""

from collections.abc import Iterable
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from galen.core.context import Context, SiteInfo
from galen.identity import Account, permissions_of
from galen.medicines import Product
from galen.notifications import Message, send

from ..events import StockLow
from ..models import StockLevel
from ..rules import pack_words
from ..schemas import ShelfLine, StockLine
from .pages import alerts_at, places
from .places import local_day, store
from .shelves import lines, standing
from .usage import surplus_at

NAMED = 40  # of each kind that a message names
MORNING = range(8, 12)
HEAD = "Out of stock: "


async def tell_of_shortage(ctx: Context, fact: StockLow) -> None:
    """What runs low in the course of a day stands in the one message of that day, with what is left now."""
    place = await store(ctx, fact.site_id)
    stock = standing(place.id, local_day(ctx, place))
    query = select(Product).join(stock, stock.c.product_id == Product.id).where(Product.id == fact.product_id)
    for line in await lines(ctx, place, query, stock):
        if line.usable <= line.reorder_level:
            await tell_today(ctx, place, f"Low stock at {place.name}", [shortage(line)])


def shortage(line: StockLine) -> str:
    left = pack_words(line.usable, line.pack_size, line.unit)
    return f"{line.name}: {left} left." if line.usable > 0 else f"{line.name}: nothing left that can be handed out."


async def morning_round(ctx: Context) -> None:
    """Once a day for each pharmacy, in its own morning: what is out, low, expired, ends soon or will not be used."""
    for place in await places(ctx):
        hour = ctx.now.astimezone(ZoneInfo(place.zone)).hour
        kept = await ctx.db.scalar(select(StockLevel.id).where(StockLevel.site_id == place.id).limit(1))
        if not kept or hour not in MORNING or await told_this_morning(ctx, place):
            continue
        alerts, unused = await alerts_at(ctx, place), await surplus_at(ctx, place)
        if not (alerts.figures or unused):
            continue
        head = (
            f"{HEAD}{len(alerts.out)}. Low: {len(alerts.low)}. Expired: {len(alerts.expired)}. "
            f"Ends within 30 days: {len(alerts.ending)}. Will not be used in time: {len(unused)}."
        )
        short = [shortage(line) for line in (*alerts.out, *alerts.low)]
        ending = [f"{ended(line)}, {line.words}." for line in (*alerts.expired, *alerts.ending)]
        surplus = [f"{batch_words(line)} will not be used in time: {line.surplus_words}." for line in unused]
        said = [row for rows in (short, ending, surplus) for row in named(rows)]
        await tell_today(ctx, place, f"Stock this morning at {place.name}", said, head)


def batch_words(line: ShelfLine) -> str:
    return f"{line.name}, batch {line.number}"


def ended(line: ShelfLine) -> str:
    return f"{batch_words(line)} {'has ended' if line.expired else f'ends on {line.expires}'}"


def named(rows: list[str]) -> list[str]:
    """The first of them by name, and how many more there are."""
    return [*rows[:NAMED], *([f"And {len(rows) - NAMED} more: see Stock."] if len(rows) > NAMED else [])]


def about_today(ctx: Context, place: SiteInfo) -> str:
    return f"stock {place.id} {local_day(ctx, place)}"


async def told_this_morning(ctx: Context, place: SiteInfo) -> bool:
    """Whether the message of this day holds the morning's figures already."""
    texts = select(Message.text).where(Message.about == about_today(ctx, place))
    return any(HEAD in text for text in await ctx.db.scalars(texts))


async def tell_today(ctx: Context, place: SiteInfo, subject: str, rows: list[str], head: str = "") -> None:
    """The one message of a day for a place: begun with these rows, or with each of them put in anew."""
    about = about_today(ctx, place)
    if await tell_keepers(ctx, place, about, subject, "\n".join([head, *rows] if head else rows)):
        return
    names = {row.partition(": ")[0] for row in rows}
    for message in await ctx.db.scalars(select(Message).where(Message.about == about)):
        kept = [row for row in message.text.split("\n") if row.partition(": ")[0] not in names]
        message.text = "\n".join([head, *rows, *kept] if head else [*kept, *rows])


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
