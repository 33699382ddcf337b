"""What the pages show: how every place stands, one place over time, one excursion."""

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import raiseload, selectinload

from galen.core.context import Context
from galen.core.gate import requires
from galen.core.schemas import Slice
from galen.i18n import formats
from galen.i18n import gettext as _
from galen.inventory import Movement, MovementKind, StockLevel
from galen.organizations import Site
from galen.values.units import plain

from ..models import (
    Excursion,
    ExcursionBatch,
    ExcursionKind,
    ExcursionNote,
    ExcursionStatus,
    LatestReading,
    Sensor,
    SensorReading,
    StoragePlace,
)
from ..rules import kinetic_mean, standing, worst
from ..views import ColdBoard, ExcursionPage, HeldBatch, PlaceForm, PlacePage, PlaceStanding
from .setting_up import profiles
from .thread import excursions, used

MOST_PLACES, POINTS, EXPORTED = 100, 288, timedelta(days=31)
SEEN = selectinload(StoragePlace.profile), selectinload(StoragePlace.site)
BUCKETS = """
SELECT date_bin($4, r.taken, $2) AS bucket, min(r.celsius) AS lowest, max(r.celsius) AS highest
FROM sensor_reading r JOIN sensor s ON s.id = r.sensor_id
WHERE s.place_id = $1 AND r.taken >= $2 AND r.taken < $3 AND r.celsius IS NOT NULL GROUP BY 1 ORDER BY 1
"""
WEIGHTS = """
SELECT r.sensor_id, r.celsius, count(*) AS times FROM sensor_reading r JOIN sensor s ON s.id = r.sensor_id
WHERE s.place_id = $1 AND r.taken >= $2 AND r.celsius IS NOT NULL GROUP BY 1, 2
"""
DAYS = """
SELECT s.place_id, min(r.celsius) AS lowest, max(r.celsius) AS highest
FROM unnest($1::uuid[], $2::timestamptz[]) AS given (place, since)
JOIN sensor s ON s.place_id = given.place JOIN sensor_reading r ON r.sensor_id = s.id AND r.taken >= given.since
GROUP BY 1
"""


@requires("coldchain.read")
async def board(ctx: Context) -> ColdBoard:
    """Every fridge, room and freezer: now, the extremes of the day, and since when nothing was heard."""
    return ColdBoard(await standings(ctx), await open_excursions(ctx), ctx.now)


@requires("coldchain.read")
async def places(ctx: Context) -> list[PlaceStanding]:
    """The same for a program."""
    return await standings(ctx)


@requires("coldchain.read")
async def open_count(ctx: Context) -> int:
    """How many excursions ask for somebody."""
    query = select(func.count()).select_from(Excursion).where(Excursion.status != ExcursionStatus.CLOSED)
    return await ctx.db.scalar(query) or 0


async def open_excursions(ctx: Context) -> list[Excursion]:
    query = select(Excursion).where(Excursion.status != ExcursionStatus.CLOSED)
    seen = selectinload(Excursion.place).options(selectinload(StoragePlace.site), raiseload(StoragePlace.bins))
    goes_on = Excursion.ended.is_not(None)
    return list(await ctx.db.scalars(query.options(seen).order_by(goes_on, Excursion.opened_at.desc()).limit(50)))


async def standings(ctx: Context, place_id: UUID | None = None) -> list[PlaceStanding]:
    """How places stand; what asks for somebody first, then by site and name."""
    query = select(StoragePlace).join(Site, Site.id == StoragePlace.site_id).options(*SEEN)
    query = query if place_id else query.options(raiseload(StoragePlace.bins))
    query = query.where(StoragePlace.id == place_id) if place_id else query.where(StoragePlace.closed_at.is_(None))
    found = list(await ctx.db.scalars(query.order_by(Site.name, StoragePlace.name, StoragePlace.id).limit(MOST_PLACES)))
    ids = [place.id for place in found]
    probes: dict[UUID, list[LatestReading | None]] = defaultdict(list)
    heard = (
        select(Sensor.place_id, LatestReading)
        .join(LatestReading, LatestReading.sensor_id == Sensor.id, isouter=True)
        .where(Sensor.place_id.in_(ids), Sensor.closed_at.is_(None))
    )
    for at, latest in (await ctx.db.execute(heard)).all():
        probes[at].append(latest)
    going = select(Excursion).where(Excursion.place_id.in_(ids), Excursion.status == ExcursionStatus.ONGOING)
    ongoing = {(e.place_id, e.kind): e for e in await ctx.db.scalars(going)}
    since = [day_began(ctx.now, place.site.tz) for place in found]
    extremes = {row["place_id"]: row for row in await ctx.raw.fetch(DAYS, ids, since)}
    shown = [stands(ctx, place, probes[place.id], ongoing, extremes.get(place.id)) for place in found]
    order = ["excursion", "no data", "out of range", "in range"]
    return sorted(shown, key=lambda place: order.index(place.standing.value))


def stands(
    ctx: Context, place: StoragePlace, probes: list[LatestReading | None], ongoing: dict[Any, Excursion], extremes: Any
) -> PlaceStanding:
    """One place by its probes: the worst of them is how it stands."""
    broken = ongoing.get((place.id, ExcursionKind.TEMPERATURE))
    rule = place.profile.rule
    states = [
        standing(p.measured if p else None, p.flat_since if p else None, rule, ctx.now, broken=broken is not None)
        for p in probes
    ]
    state = worst(states)
    telling = [probe for probe, own in zip(probes, states, strict=True) if own is state and probe]
    latest = max(telling or [probe for probe in probes if probe], key=lambda probe: probe.taken, default=None)
    return PlaceStanding(
        place=place,
        standing=state,
        latest=latest,
        lowest=extremes["lowest"] if extremes else None,
        highest=extremes["highest"] if extremes else None,
        sensors=len(probes),
        now=ctx.now,
        clock_off=any(probe is not None and probe.clock_off for probe in probes),
        excursion=broken or ongoing.get((place.id, ExcursionKind.SILENT)),
    )


def day_began(now: datetime, zone: ZoneInfo) -> datetime:
    """Midnight where the place is."""
    return datetime.combine(now.astimezone(zone).date(), time(), zone)


@requires("coldchain.read")
async def place(ctx: Context, place_id: UUID) -> PlaceStanding:
    """One place, as it stands now."""
    await ctx.get(StoragePlace, place_id)
    (shown,) = await standings(ctx, place_id)
    return shown


@requires("coldchain.read")
async def place_page(ctx: Context, place_id: UUID, hours: int = 24) -> PlacePage:
    """One place over the last 24 hours, or up to 30 days."""
    hours = min(max(hours, 1), 720)
    shown = await place(ctx, place_id)
    since = ctx.now - timedelta(hours=hours)
    heard = (
        select(Sensor, LatestReading)
        .join(LatestReading, LatestReading.sensor_id == Sensor.id, isouter=True)
        .where(Sensor.place_id == place_id)
        .order_by(Sensor.closed_at.is_not(None), Sensor.serial, Sensor.id)
        .limit(50)
    )
    return PlacePage(
        standing=shown,
        chart=await drawn(ctx, shown.place, since, ctx.now),
        hours=hours,
        mean=await mean_since(ctx, place_id, since),
        sensors=[(sensor, latest) for sensor, latest in (await ctx.db.execute(heard)).all()],
        excursions=await excursions(ctx, place_id),
        profiles=await profiles(ctx),
        now=ctx.now,
    )


async def mean_since(ctx: Context, place_id: UUID, since: datetime) -> Decimal | None:
    """The kinetic mean by the probe that shows the warmest; each reading weighs the same."""
    lines: dict[UUID, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    for row in await ctx.raw.fetch(WEIGHTS, place_id, since):
        lines[row["sensor_id"]].append((row["celsius"], Decimal(row["times"])))
    means = [kinetic_mean(line) for line in lines.values()]
    return max((mean for mean in means if mean is not None), default=None)


async def drawn(ctx: Context, place: StoragePlace, since: datetime, until: datetime) -> dict[str, Any]:
    """A chart of the warmest and the coldest in each step, so that no peak is lost; a time without data is a gap."""
    step = max((until - since) / POINTS, place.profile.rule.interval)
    rows = {row["bucket"]: row for row in await ctx.raw.fetch(BUCKETS, place.id, since, until, step)}
    times = [since + step * n for n in range(int((until - since) / step) + 1)] if rows else []
    zone, short = place.site.tz, until - since <= timedelta(hours=36)
    told = [formats.clock(at.astimezone(zone)) if short else moment(at.astimezone(zone)) for at in times]
    names = (_("Warmest"), "highest"), (_("Coldest"), "lowest")
    series = [{"name": name, "values": [number(rows.get(at), key) for at in times]} for name, key in names]
    profile = place.profile
    return {"x": told, "series": series, "unit": "°C", "band": [number_of(profile.low), number_of(profile.high)]}


def moment(at: datetime) -> str:
    return f"{formats.day_and_month(at.date())} {formats.clock(at)}"


def number(row: Any, key: str) -> Any:
    return number_of(row[key]) if row else None


def number_of(celsius: Decimal) -> Any:
    """As a chart takes it."""
    return plain(celsius.quantize(Decimal("0.1")))


@requires("coldchain.manage")
async def place_form(ctx: Context) -> PlaceForm:
    """The form for a new place."""
    query = select(Site).where(~Site.closed).order_by(Site.name)
    return PlaceForm(list(await ctx.db.scalars(query)), await profiles(ctx), ctx.site.id if ctx.site else None)


@requires("coldchain.read")
async def excursion_page(ctx: Context, excursion_id: UUID) -> ExcursionPage:
    """One excursion: its chart, its batches, its thread."""
    seen = selectinload(Excursion.place).options(*SEEN)
    parts = selectinload(Excursion.batches).options(
        selectinload(ExcursionBatch.batch), selectinload(ExcursionBatch.product)
    )
    await ctx.get(Excursion, excursion_id)
    query = select(Excursion).where(Excursion.id == excursion_id).options(seen, parts)
    found = (await ctx.db.scalars(query.execution_options(populate_existing=True))).one()
    notes = select(ExcursionNote).where(ExcursionNote.excursion_id == found.id).order_by(ExcursionNote.seq.desc())
    around = max(((found.ended or ctx.now) - found.began) / 2, timedelta(hours=1))
    until = min(ctx.now, (found.ended or ctx.now) + around)
    return ExcursionPage(
        excursion=found,
        held=await held(ctx, found),
        notes=list(await ctx.db.scalars(notes.limit(50))),
        chart=await drawn(ctx, found.place, found.began - around, until),
        now=ctx.now,
    )


async def held(ctx: Context, excursion: Excursion) -> list[HeldBatch]:
    """Its batches, with what each has behind it and what has left since it began."""
    site_id, ids = excursion.place.site_id, [part.batch_id for part in excursion.batches]
    went = dict((await ctx.db.execute(gone(ids, site_id, excursion.began))).all())
    lies = select(StockLevel.batch_id, func.sum(StockLevel.quantity)).where(
        StockLevel.batch_id.in_(ids),
        StockLevel.site_id == site_id,
        func.lower(StockLevel.location).in_([location.casefold() for location in excursion.place.locations]),
    )
    here = dict((await ctx.db.execute(lies.group_by(StockLevel.batch_id))).all())
    budget = excursion.place.profile.budget_hours
    return [
        HeldBatch(
            part=part,
            used=await used(ctx, part.batch_id, site_id, ctx.now),
            budget_hours=budget,
            left=went.get(part.batch_id, Decimal(0)),
            here=here.get(part.batch_id, Decimal(0)),
        )
        for part in excursion.batches
    ]


def gone(batch_ids: Sequence[UUID], site_id: UUID, since: datetime) -> Any:
    """What was handed out of batches at a site since then, less what came back."""
    return (
        select(Movement.batch_id, -func.sum(Movement.quantity))
        .where(Movement.batch_id.in_(batch_ids), Movement.site_id == site_id, Movement.at >= since)
        .where(Movement.kind.in_([MovementKind.ISSUE, MovementKind.REVERSAL]))
        .group_by(Movement.batch_id)
    )


@requires("coldchain.read")
async def readings(ctx: Context, sensor_id: UUID, after: str | None = None) -> Slice[SensorReading]:
    """What a sensor said, the latest first."""
    sensor = await ctx.get(Sensor, sensor_id)
    query = select(SensorReading).where(SensorReading.sensor_id == sensor.id)
    return await ctx.slice(query, after, size=100, by=SensorReading.taken)


@requires("coldchain.read")
async def readings_csv(ctx: Context, place_id: UUID) -> bytes:
    """The last 31 days of a place for a spreadsheet, by our clock and the device's."""
    found = await ctx.get(StoragePlace, place_id, include=(StoragePlace.site,))
    query = (
        select(Sensor.serial, SensorReading)
        .join(Sensor, Sensor.id == SensorReading.sensor_id)
        .where(Sensor.place_id == found.id, SensorReading.taken >= ctx.now - EXPORTED)
        .order_by(SensorReading.taken, Sensor.serial)
    )
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(["Sensor", "Taken", "Device's clock", "Received", "Clock wrong", "Celsius", "Battery"])
    for serial, reading in (await ctx.db.execute(query)).all():
        times = [at.astimezone(found.site.tz).isoformat() for at in (reading.taken, reading.at, reading.received_at)]
        celsius = "" if reading.celsius is None else plain(reading.celsius)
        battery = "" if reading.battery is None else reading.battery
        sheet.writerow([serial, *times, "yes" if reading.clock_off else "", celsius, battery])
    return b"\xef\xbb\xbf" + text.getvalue().encode()
