"""Readings arrive: each is stored once, however often and by whichever way it comes."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from hmac import compare_digest
from typing import Any
from uuid import UUID

from galen.core.actor import Actor
from galen.core.context import Context
from galen.core.crypto import digest
from galen.core.errors import Refusal
from galen.core.gate import requires
from galen.values.ids import uuid7

from ..rules import RangeRule, believed, taken_at
from ..schemas import DeviceReadings, ReadingDraft, Receipt
from .judging import judge

SENSORS = """
SELECT s.id, s.serial, s.place_id, s.unit, s.secret, p.low, p.high, p.interval_minutes
FROM sensor s JOIN storage_place l ON l.id = s.place_id JOIN temperature_profile p ON p.id = l.profile_id
WHERE s.serial = ANY($1) AND s.closed_at IS NULL AND l.closed_at IS NULL
"""
KNOWN = "SELECT sensor_id, mark, at, said FROM sensor_reading WHERE sensor_id = ANY($1) AND mark = ANY($2)"
STORE = """
INSERT INTO sensor_reading
  (id, version, sensor_id, mark, at, taken, received_at, clock_off, celsius, said, unit, seq, battery, probe)
SELECT id, 1, sensor, mark, at, taken, $1, off, celsius, said, unit, seq, battery, probe
FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::boolean[], $8::numeric[],
            $9::numeric[], $10::text[], $11::bigint[], $12::integer[], $13::text[])
  AS given (id, sensor, mark, at, taken, off, celsius, said, unit, seq, battery, probe)
ORDER BY sensor, mark
ON CONFLICT DO NOTHING RETURNING id
"""
LATEST = "SELECT * FROM latest_reading WHERE sensor_id = ANY($1) ORDER BY sensor_id FOR UPDATE"
KEEP_LATEST = """
INSERT INTO latest_reading AS l
  (id, version, sensor_id, taken, received_at, celsius, flat_since, clock_off, battery)
SELECT gen_random_uuid(), 1, sensor, taken, $1, celsius, flat, off, battery
FROM unnest($2::uuid[], $3::timestamptz[], $4::numeric[], $5::timestamptz[], $6::boolean[], $7::integer[])
  AS given (sensor, taken, celsius, flat, off, battery)
ORDER BY sensor
ON CONFLICT (sensor_id) DO UPDATE SET taken = excluded.taken, received_at = excluded.received_at,
  celsius = excluded.celsius, flat_since = excluded.flat_since, clock_off = excluded.clock_off,
  battery = coalesce(excluded.battery, l.battery), version = l.version + 1
WHERE l.taken <= excluded.taken
"""
UNSETTLED = "SELECT DISTINCT place_id FROM excursion WHERE status = 'ongoing' AND place_id = ANY($1)"
COUNTED_ANEW = timedelta(hours=1)
"""The same number of a reading, with another value or so far apart, is that of a device that counts from the start."""


THOUSANDTH = Decimal("0.001")


class UnknownDevice(Refusal):
    status, message = 401, "There is no such device here, or its secret is another one. Nothing was kept."


@dataclass(frozen=True, slots=True)
class Device:
    """A sensor as readings need it."""

    id: UUID
    serial: str
    place_id: UUID
    unit: str
    secret: bytes
    rule: RangeRule


@dataclass(frozen=True, slots=True)
class Arrived:
    """A reading on its way into the table."""

    id: UUID
    device: Device
    draft: ReadingDraft
    taken: datetime
    off: bool
    mark: str


async def devices(ctx: Context, serials: Iterable[str]) -> dict[str, Device]:
    """The open sensors of these serial numbers."""
    found = {}
    for row in await ctx.raw.fetch(SENSORS, sorted(set(serials))):
        interval = timedelta(minutes=row["interval_minutes"])
        rule = RangeRule(row["low"], row["high"], row["low"], row["high"], timedelta(), interval)
        device = Device(row["id"], row["serial"], row["place_id"], row["unit"], row["secret"], rule)
        found[device.serial] = device
    return found


@requires("public.readings")
async def take_readings(ctx: Context, draft: DeviceReadings) -> Receipt:
    """Readings of one device, which shows its secret. What was sent before is known again and not stored twice."""
    device = (await devices(ctx, [draft.serial])).get(draft.serial)
    if device is None or not compare_digest(device.secret, digest(draft.secret.get_secret_value())):
        raise UnknownDevice
    ctx.actor = acting_as(device)
    return await store_readings(ctx, [(device, reading, draft.sent) for reading in draft.readings])


def acting_as(device: Device) -> Actor:
    """A sensor, in the ledger and in the audit log."""
    return Actor(device.id, f"Sensor {device.serial}", "system")


async def store_readings(ctx: Context, given: Sequence[tuple[Device, ReadingDraft, datetime | None]]) -> Receipt:
    """Store what is new, keep the latest of each sensor, and judge anew whichever place may stand otherwise now."""
    arrived = await marked(ctx, given)
    stored = set(await stored_ids(ctx, arrived))
    fresh: dict[UUID, list[Arrived]] = defaultdict(list)
    for reading in sorted(arrived, key=lambda reading: reading.taken):
        if reading.id in stored:
            fresh[reading.device.id].append(reading)
    for place_id, (since, until) in sorted((await to_judge(ctx, fresh)).items()):
        await judge(ctx, place_id, since, until)
    return Receipt(stored=len(stored), known=len(given) - len(stored))


async def marked(ctx: Context, given: Sequence[tuple[Device, ReadingDraft, datetime | None]]) -> list[Arrived]:
    """Each with the mark by which it is known again: its number where it has one, else its time."""
    marks = [mark_of(draft) for _, draft, _ in given]
    rows = await ctx.raw.fetch(KNOWN, sorted({device.id for device, *_ in given}), sorted(set(marks)))
    known = {(row["sensor_id"], row["mark"]): (row["at"], row["said"]) for row in rows}
    arrived = []
    for (device, draft, sent), mark in zip(given, marks, strict=True):
        said = draft.said(device.unit)[0].quantize(THOUSANDTH)
        at, before = known.setdefault((device.id, mark), (draft.at, said))
        if draft.seq is not None and (before != said or abs(at - draft.at) > COUNTED_ANEW):
            mark = f"{mark} {draft.at.isoformat()}"
        arrived.append(Arrived(uuid7(), device, draft, *taken_at(draft.at, sent, ctx.now), mark))
    return arrived


def mark_of(draft: ReadingDraft) -> str:
    return draft.at.isoformat() if draft.seq is None else f"#{draft.seq}"


async def stored_ids(ctx: Context, arrived: list[Arrived]) -> list[UUID]:
    """Which of them were not here yet."""
    columns: list[list[Any]] = [[] for _ in range(12)]
    for reading in arrived:
        said, unit = reading.draft.said(reading.device.unit)
        row = (
            reading.id, reading.device.id, reading.mark, reading.draft.at, reading.taken, reading.off,
            believed(reading.draft.celsius(reading.device.unit)), said, unit,
            reading.draft.seq, reading.draft.battery, reading.draft.probe,
        )  # fmt: skip
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    return [row["id"] for row in await ctx.raw.fetch(STORE, ctx.now, *columns)]


async def to_judge(ctx: Context, fresh: dict[UUID, list[Arrived]]) -> dict[UUID, tuple[datetime, datetime]]:
    """Keep the latest of each sensor. The places, with the time in doubt, where not all is in range and in order."""
    latest = {row["sensor_id"]: row for row in await ctx.raw.fetch(LATEST, sorted(fresh))}
    places = sorted({readings[0].device.place_id for readings in fresh.values()})
    unsettled = {row["place_id"] for row in await ctx.raw.fetch(UNSETTLED, places)}
    doubted: dict[UUID, tuple[datetime, datetime]] = {}
    kept: list[tuple[Any, ...]] = []
    for readings in fresh.values():
        device = readings[0].device
        before, first, last = latest.get(device.id), readings[0].taken, readings[-1].taken
        values = [believed(reading.draft.celsius(device.unit)) for reading in readings]
        good = all(value is not None and device.rule.holds(value) for value in values)
        if before is None or last >= before["taken"]:
            flat = before["flat_since"] if before else first
            was = before["celsius"] if before else values[0]
            for reading, value in zip(readings, values, strict=True):
                flat, was = (flat, was) if value == was else (reading.taken, value)
            kept.append((device.id, last, values[-1], flat, readings[-1].off, readings[-1].draft.battery))
        follows = before is not None and before["celsius"] is not None and device.rule.holds(before["celsius"])
        times = [*([before["taken"]] if before else []), *(reading.taken for reading in readings)]
        gap = any(b - a > device.rule.silence for a, b in itertools.pairwise(times))
        late = before is not None and first < before["taken"]
        if device.place_id in unsettled or not good or late or gap or (before is not None and not follows):
            since, until = doubted.get(device.place_id, (first, last))
            doubted[device.place_id] = min(since, first), max(until, last)
    if kept:
        await ctx.raw.execute(KEEP_LATEST, ctx.now, *map(list, zip(*kept, strict=True)))
    return doubted
