"""What a place's readings mean: excursions are opened, drawn out, ended; batches that lay there are put on hold."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from galen.core.context import Context
from galen.core.numbers import next_number
from galen.inventory import BatchStatus, set_aside

from ..events import ExcursionChanged, ExcursionOpened
from ..models import (
    BatchFate,
    Excursion,
    ExcursionBatch,
    ExcursionKind,
    ExcursionNote,
    ExcursionStatus,
    LatestReading,
    NoteKind,
    Sensor,
    StoragePlace,
)
from ..rules import (
    MINUTE,
    Departure,
    RangeRule,
    TemperatureAt,
    excursions,
    kinetic_mean_of,
    presence,
    silences,
)

LINES = """
SELECT r.sensor_id, r.taken, r.celsius FROM sensor s
CROSS JOIN LATERAL (
  SELECT coalesce((SELECT b.taken FROM sensor_reading b WHERE b.sensor_id = s.id AND b.taken < $2
                   AND b.celsius BETWEEN $4 AND $5 ORDER BY b.taken DESC LIMIT 1), '-infinity') AS since,
         coalesce((SELECT a.taken FROM sensor_reading a WHERE a.sensor_id = s.id AND a.taken > $3
                   AND a.celsius BETWEEN $4 AND $5 ORDER BY a.taken LIMIT 1), 'infinity') AS until
) w JOIN sensor_reading r ON r.sensor_id = s.id AND r.taken BETWEEN w.since AND w.until
WHERE s.place_id = $1 ORDER BY r.sensor_id, r.taken
"""
LEVELS = """
SELECT l.id, l.batch_id, l.product_id, b.status,
       coalesce((SELECT m.balance FROM movement m WHERE m.level_id = l.id AND m.at < $3
                 ORDER BY m.seq DESC LIMIT 1), 0) AS before
FROM stock_level l JOIN batch b ON b.id = l.batch_id
WHERE l.site_id = $1 AND lower(l.location) = ANY($2)
"""
MOVES = "SELECT level_id, at, balance FROM movement WHERE level_id = ANY($1) AND at BETWEEN $2 AND $3 ORDER BY seq"


async def judge(ctx: Context, place_id: UUID, since: datetime, until: datetime, *, watching: bool = False) -> None:
    """Judge a place anew for a time, and what hangs together with it before and after.

    That nothing is heard any more is told by who is `watching`: of what arrives, the rest may be on its way.
    """
    place = await opened_place(ctx, place_id)
    rule = place.profile.rule
    lines = list((await lines_around(ctx, place, since, until)).values())
    found = excursions(lines, rule, ctx.now)
    await settle_temperature(ctx, place, found, lines, min([since, *(line[0].at for line in lines)]))
    await settle_gaps(ctx, place, [gap for line in lines for gap in silences(line, rule, line[-1].at)])
    await settle_silence(ctx, place, watching)


async def opened_place(ctx: Context, place_id: UUID) -> StoragePlace:
    """One at a time: two that judge the same place would open two threads."""
    await ctx.get(StoragePlace, place_id, lock=True)
    return await ctx.get(StoragePlace, place_id, include=(StoragePlace.profile, StoragePlace.site))


async def lines_around(
    ctx: Context, place: StoragePlace, since: datetime, until: datetime
) -> dict[UUID, list[TemperatureAt]]:
    """Each probe's readings of that time, from the one in range before it to the one in range after it."""
    rule = place.profile.rule
    lines: dict[UUID, list[TemperatureAt]] = defaultdict(list)
    for row in await ctx.raw.fetch(LINES, place.id, since, until, rule.low, rule.high):
        lines[row["sensor_id"]].append(TemperatureAt(row["taken"], row["celsius"]))
    return lines


async def settle_temperature(
    ctx: Context,
    place: StoragePlace,
    found: Sequence[Departure],
    lines: Sequence[Sequence[TemperatureAt]],
    since: datetime,
) -> None:
    """The threads of a place say what its readings say."""
    known = await threads(ctx, place, ExcursionKind.TEMPERATURE, since)
    told: set[UUID] = set()
    for departure in found:
        touched = [thread for thread in known if departure.touches(thread.began, thread.ended)]
        live = next((t for t in touched if t.status is not ExcursionStatus.CLOSED and t.id not in told), None)
        if live is None and any(covers(thread, departure) for thread in touched):
            continue
        thread = live or await opened_thread(ctx, place, ExcursionKind.TEMPERATURE, departure.began, departure.ended)
        told.add(thread.id)
        draw(ctx, thread, departure.began, departure.ended)
        thread.lowest, thread.highest = departure.lowest, departure.highest
        thread.mean = warmest_mean(lines, place.profile.rule, departure, ctx.now)
        await hold_batches(ctx, thread, place)
    for thread in known:
        after = [reading.at for line in lines for reading in line if reading.at >= thread.began]
        if thread.status is ExcursionStatus.ONGOING and thread.id not in told and after:
            draw(ctx, thread, thread.began, min(after))  # what arrived late says that it was not so


def covers(thread: Excursion, departure: Departure) -> bool:
    """Whether a closed thread has said all of it."""
    if thread.ended is None or departure.ended is None or thread.lowest is None or thread.highest is None:
        return False
    within = thread.began <= departure.began and departure.ended <= thread.ended
    return within and thread.lowest <= departure.lowest and departure.highest <= thread.highest


async def threads(ctx: Context, place: StoragePlace, kind: ExcursionKind, since: datetime) -> list[Excursion]:
    """Those of a place that are open or reach into a time: what goes on first."""
    query = select(Excursion).where(
        Excursion.place_id == place.id,
        Excursion.kind == kind,
        or_(Excursion.ended.is_(None), Excursion.ended >= since),
    )
    found = await ctx.db.scalars(query.order_by(Excursion.ended.is_not(None), Excursion.began, Excursion.id))
    return list(found)


async def opened_thread(
    ctx: Context, place: StoragePlace, kind: ExcursionKind, began: datetime, ended: datetime | None
) -> Excursion:
    thread = ctx.add(
        Excursion(
            number=f"E{await next_number(ctx, 'excursion'):06}",
            place_id=place.id,
            place=place,
            kind=kind,
            status=ExcursionStatus.ONGOING if ended is None else ExcursionStatus.OVER,
            began=began,
            ended=ended,
            opened_at=ctx.now,
        )
    )
    ctx.emit(ExcursionOpened(thread.id))
    return thread


def draw(ctx: Context, thread: Excursion, began: datetime, ended: datetime | None) -> None:
    """From when to when it was, as it is known now."""
    status = ExcursionStatus.ONGOING if ended is None else ExcursionStatus.OVER
    if (thread.began, thread.ended) != (began, ended):
        thread.began, thread.ended = began, ended
        ctx.emit(ExcursionChanged(thread.id))
    if thread.status is not status:
        thread.status = status
        if status is ExcursionStatus.OVER:
            note(ctx, thread, NoteKind.ENDED)
            close_if_done(ctx, thread)


def close_if_done(ctx: Context, thread: Excursion) -> None:
    """A thread is closed when it is over, somebody took it up, and all its batches are decided."""
    if thread.can_close:
        thread.status, thread.closed_at = ExcursionStatus.CLOSED, ctx.now
        note(ctx, thread, NoteKind.CLOSED)


def note(ctx: Context, thread: Excursion, kind: NoteKind, words: str = "", number: int | None = None) -> None:
    """One more line of the thread."""
    who = ctx.actor.id, ctx.actor.name
    ctx.add(
        ExcursionNote(
            excursion_id=thread.id, kind=kind, words=words, number=number, at=ctx.now, by=who[0], by_name=who[1]
        )
    )


def warmest_mean(lines: Iterable[Sequence[TemperatureAt]], rule: RangeRule, departure: Departure, now: datetime) -> Any:
    """The mean kinetic temperature of that time, by the probe that shows the warmest."""
    end = departure.ended or now
    means = [
        kinetic_mean_of([reading for reading in line if departure.began <= reading.at < end], rule, end)
        for line in lines
    ]
    return max((mean for mean in means if mean is not None), default=None)


async def hold_batches(ctx: Context, thread: Excursion, place: StoragePlace) -> None:
    """Every batch that lay there at that time is on hold in this transaction; in one order, as stock is issued."""
    held = {part.batch_id: part for part in thread.batches}
    there_then = await lay_there(ctx, thread, place)
    for waiting in thread.undecided:  # what came when it was over already, as is known now, was in no harm
        waiting.minutes = 0
    for (product_id, batch_id), (there, status) in sorted(there_then.items()):
        minutes = int(there / MINUTE)
        part = held.get(batch_id)
        if part is None:
            part = ExcursionBatch(
                excursion_id=thread.id, batch_id=batch_id, product_id=product_id, minutes=minutes, held=False
            )
            thread.batches.append(part)
        longer = minutes > part.minutes
        part.minutes = max(minutes, part.minutes)
        if part.fate is BatchFate.RELEASE and longer:  # it was released for less than is known now
            part.fate = part.decided_by = part.decided_at = None
        if status == BatchStatus.OK.value and part.fate is not BatchFate.RELEASE:
            part.held = True
            await set_aside(ctx, batch_id, BatchStatus.QUARANTINED, f"{place.name}: excursion {thread.number}")


async def lay_there(
    ctx: Context, thread: Excursion, place: StoragePlace
) -> dict[tuple[UUID, UUID], tuple[timedelta, str]]:
    """By medicine and batch: how long units of it were there while it lasted, and how the batch stands."""
    await ctx.flush()
    end = thread.ended or ctx.now
    bins = [location.casefold() for location in place.locations]
    levels = await ctx.raw.fetch(LEVELS, place.site_id, bins, thread.began)
    moves: dict[UUID, list[tuple[datetime, Any]]] = defaultdict(list)
    for row in await ctx.raw.fetch(MOVES, [level["id"] for level in levels], thread.began, end):
        moves[row["level_id"]].append((row["at"], row["balance"]))
    found: dict[tuple[UUID, UUID], tuple[timedelta, str]] = {}
    for level in levels:
        there = presence(level["before"], moves[level["id"]], thread.began, end)
        if there is not None:
            key = level["product_id"], level["batch_id"]
            found[key] = max(there, found.get(key, (there,))[0]), level["status"]
    return found


async def settle_gaps(ctx: Context, place: StoragePlace, gaps: Sequence[Any]) -> None:
    """A time without readings that nobody was told of while it lasted is one thread, in the past."""
    ended = [gap for gap in gaps if gap.ended is not None]
    if not ended:
        return
    known = await threads(ctx, place, ExcursionKind.SILENT, min(gap.began for gap in ended))
    fresh = [
        gap for gap in ended if not any(t.began < gap.ended and (t.ended is None or gap.began < t.ended) for t in known)
    ]
    if fresh:
        first, last = min(gap.began for gap in fresh), max(gap.ended for gap in fresh)
        await opened_thread(ctx, place, ExcursionKind.SILENT, first, last)


async def settle_silence(ctx: Context, place: StoragePlace, watching: bool) -> None:
    """Of an open sensor nothing is known now: that is an alarm, and it is over when all of them are heard again."""
    rule = place.profile.rule
    query = (
        select(Sensor.registered_at, LatestReading)
        .join(LatestReading, LatestReading.sensor_id == Sensor.id, isouter=True)
        .where(Sensor.place_id == place.id, Sensor.closed_at.is_(None))
    )
    since: list[datetime] = []
    for registered, latest in (await ctx.db.execute(query.execution_options(populate_existing=True))).all():
        heard = latest.taken if latest else registered
        if ctx.now - heard > rule.silence or (latest and latest.celsius is None):
            since.append(heard)
        elif latest and rule.flat and latest.taken - latest.flat_since > rule.flat:
            since.append(latest.flat_since)
    known = await threads(ctx, place, ExcursionKind.SILENT, ctx.now)
    going = next((thread for thread in known if thread.status is ExcursionStatus.ONGOING), None)
    if since and going is None and watching:
        await opened_thread(ctx, place, ExcursionKind.SILENT, min(since), None)
    elif not since and going is not None:
        draw(ctx, going, going.began, ctx.now)
