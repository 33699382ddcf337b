"""Who is told of an excursion, and when: one thread each, that goes further until somebody takes it up."""

from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from galen.core.actor import grants
from galen.core.context import Context
from galen.i18n import gettext as _
from galen.identity import Account, AccountKind, permissions_of
from galen.notifications import send
from galen.settings import settings

from ..models import Excursion, ExcursionKind, ExcursionStatus, LatestReading, NoteKind, Sensor, StoragePlace
from ..rules import ESCALATION, ColdState, due_step, standing
from .judging import judge, note

STEPS = ("coldchain.decide", "coldchain.decide", "coldchain.manage")
"""Whom each step tells: those who decide at this site, those who decide anywhere, those who answer for the place."""


async def watch(ctx: Context) -> None:
    """Once a minute: who has fallen silent, what goes on, and whom to tell next."""
    for place_id in await watched(ctx):
        await judge(ctx, place_id, ctx.now, ctx.now, watching=True)
    unheard = select(Excursion.id).where(
        Excursion.acknowledged_by.is_(None),
        Excursion.status != ExcursionStatus.CLOSED,
        Excursion.told < len(ESCALATION),
    )
    for excursion_id in list(await ctx.db.scalars(unheard.order_by(Excursion.id).limit(200))):
        await escalate(ctx, excursion_id)


async def watched(ctx: Context) -> list[UUID]:
    """Places where something goes on, or of whose sensors one has not been heard of for two intervals."""
    going = select(Excursion.place_id).where(Excursion.status == ExcursionStatus.ONGOING)
    places = set(await ctx.db.scalars(going))
    rows = await ctx.db.execute(
        select(Sensor.registered_at, LatestReading, StoragePlace)
        .join(StoragePlace, StoragePlace.id == Sensor.place_id)
        .join(LatestReading, LatestReading.sensor_id == Sensor.id, isouter=True)
        .options(selectinload(StoragePlace.profile))
        .where(Sensor.closed_at.is_(None), StoragePlace.closed_at.is_(None))
    )
    for registered, latest, place in rows:
        heard, flat_since = (latest.measured, latest.flat_since) if latest else (None, None)
        state = standing(heard, flat_since, place.profile.rule, ctx.now, broken=False)
        new = latest is None and ctx.now - registered <= place.profile.rule.silence
        if state is not ColdState.OK and not new:
            places.add(place.id)
    return sorted(places)


async def escalate(ctx: Context, excursion_id: UUID) -> None:
    """Tell whoever is due, each step once; nobody any more when somebody has taken it up."""
    excursion = await ctx.get(Excursion, excursion_id, lock=True)
    if excursion.acknowledged_by or excursion.status is ExcursionStatus.CLOSED:
        return
    place = await ctx.get(StoragePlace, excursion.place_id, include=(StoragePlace.site,))
    while excursion.told < due_step(excursion.opened_at, ctx.now):
        step, excursion.told = excursion.told, excursion.told + 1
        people = await told_at(ctx, step, place.site_id)
        for account in people:
            await tell(ctx, excursion, place, account)
        note(ctx, excursion, NoteKind.TOLD, number=len(people))


async def told_at(ctx: Context, step: int, site_id: UUID) -> list[Account]:
    """Who is told at a step; where nobody of them works at the site, all of them at once."""
    query = select(Account).where(Account.active, Account.kind == AccountKind.STAFF).order_by(Account.id)
    able = [account for account in await ctx.db.scalars(query) if can(account, STEPS[step])]
    here = [account for account in able if account.site_id == site_id]
    return here if step == 0 and here else able


def can(account: Account, permission: str) -> bool:
    return grants(permissions_of(account.roles), permission)


async def tell(ctx: Context, excursion: Excursion, place: StoragePlace, account: Account) -> None:
    """In Galen, and by e-mail where there is an address; always of one subject, so that it is one thread."""
    about = f"cold chain {excursion.id}"
    subject = _(
        "%(place)s at %(site)s: excursion %(number)s", place=place.name, site=place.site.name, number=excursion.number
    )
    words = "\n".join(
        [said_of(excursion), _("Take it up here:"), f"{settings().address}/coldchain/excursions/{excursion.id}"]
    )
    ways: list[tuple[Literal["in_app", "email"], str]] = [("in_app", account.username)]
    if account.email:
        ways.append(("email", account.email))
    for channel, to in ways:
        await send(ctx, channel=channel, to=to, subject=subject, text=words, about=about, account_id=account.id)


def said_of(excursion: Excursion) -> str:
    if excursion.kind is ExcursionKind.SILENT:
        return _("Nothing is known of its temperature. No data is not good: look at the thermometer.")
    low, high = excursion.lowest, excursion.highest
    if excursion.ended:
        return _(
            "It was out of range, between %(low)s and %(high)s °C. Batches that lay there are on hold.",
            low=low,
            high=high,
        )
    return _(
        "It is out of range, between %(low)s and %(high)s °C. Batches that lie there are on hold.", low=low, high=high
    )
