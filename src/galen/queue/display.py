"""The screen in the waiting room: numbers and the rooms they go to, never a name."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, select

from galen.core.context import Context
from galen.core.gate import requires
from galen.core.visibility import bypass_visibility
from galen.organizations import Site

from .models import Token, TokenStatus
from .service import TURNS


@dataclass(frozen=True, slots=True)
class NumberCalled:
    """A number with where it goes; the moment tells one call from the next."""

    label: str
    room: str
    called_at: datetime


@dataclass(frozen=True, slots=True)
class WaitingBoard:
    """What the screen shows, the latest call first, and the clock beside it."""

    site: str
    zone: str
    now: datetime
    called: list[NumberCalled]
    waiting: list[str]


@requires("public.display")
async def display(ctx: Context, organization: str, site_id: UUID) -> WaitingBoard:
    """What the screen in the waiting room shows: numbers and rooms, never a name."""
    site = await ctx.get(Site, site_id)
    today = ctx.now.astimezone(site.tz).date()
    query = (
        select(Token.number, Token.status, Token.room, Token.called_at)
        .where(Token.site_id == site.id, Token.day == today)
        .where(Token.status.in_([TokenStatus.WAITING, TokenStatus.CALLED]))
        .order_by(case((Token.status == TokenStatus.CALLED, Token.called_at)).desc().nulls_last(), *TURNS)
    )
    rows = (await ctx.db.execute(bypass_visibility(query, "the display shows numbers and rooms to everybody"))).all()
    called = [row for row in rows if row.status is TokenStatus.CALLED]
    return WaitingBoard(
        site=site.name,
        zone=site.zone,
        now=ctx.now,
        called=[NumberCalled(f"{row.number:03}", row.room, row.called_at) for row in called],
        waiting=[f"{row.number:03}" for row in rows if row.status is TokenStatus.WAITING],
    )
