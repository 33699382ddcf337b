"""Readings are stored once, by whichever way and however often they come, with both clocks."""

from decimal import Decimal

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from galen import coldchain
from galen.coldchain.schemas import ReadingDraft
from galen.coldchain.service.arriving import UnknownDevice
from galen.coldchain.service.setting_up import BinTaken, SensorClosed, SerialTaken, broker_password
from galen.core.errors import Forbidden
from tests.coldchain.people import at, fridge, readings, send, stored, threads
from tests.conftest import NOW

D = Decimal


async def test_the_same_readings_sent_again_are_known(ben, system):
    box = await fridge(ben)
    for given in (readings((-10, 5), (-5, 6)), readings((-10, 5), (-5, 6), first=7)):
        first, again = await send(system, box, given), await send(system, box, given)
        assert (first.stored, first.known, again.stored, again.known) == (2, 0, 0, 2)
    assert len(await stored(system)) == 4


async def test_a_counter_that_began_anew_loses_nothing(ben, system):
    box = await fridge(ben)
    await send(system, box, readings((-600, 5), (-595, 6), first=0))
    assert (await send(system, box, readings((-10, 5), (-5, 6), first=0))).stored == 2
    assert (await send(system, box, readings((-10, 5), (-5, 6), first=0))).known == 2
    assert (await send(system, box, readings((-4, 7), first=0))).stored == 1  # another value under the same number
    assert len(await stored(system)) == 5


async def test_a_gateway_that_stamps_a_reading_again_does_not_double_it(ben, system):
    box = await fridge(ben)
    await send(system, box, readings((-10, 5), first=3))
    assert (await send(system, box, readings((-8, 5), first=3))).known == 1


async def test_a_sensor_that_speaks_in_fahrenheit_is_understood(ben, system):
    box = await fridge(ben, unit="F")
    given = [
        {"at": at(-3), "value": "41"},
        {"at": at(-2), "f": "39.2"},
        {"at": at(-1), "c": "5.5"},
    ]
    await send(system, box, given)
    kept = [(reading.celsius, reading.said, reading.unit) for reading in await stored(system)]
    assert kept == [(D(5), D(41), "F"), (D(4), D("39.2"), "F"), (D("5.5"), D("5.5"), "C")]
    assert await threads(system) == []


async def test_a_clock_that_is_wrong_is_flagged_and_both_times_are_kept(ben, system):
    box = await fridge(ben)
    await send(system, box, [{"at": at(120), "c": "5"}])
    await send(system, box, [{"at": at(-61), "c": "6"}], sent=at(-60))
    kept = [(reading.at, reading.taken, reading.received_at, reading.clock_off) for reading in await stored(system)]
    assert kept == [(at(-61), at(-1), NOW, True), (at(120), NOW, NOW, True)]


async def test_a_device_ahead_of_its_time_still_falls_silent(ben, system):
    box = await fridge(ben)
    await send(system, box, [{"at": at(600), "c": "5"}])
    system.now = at(11)
    await coldchain.alarms.watch(system)
    (thread,) = await threads(system, coldchain.ExcursionKind.SILENT)
    assert thread.began == NOW


@pytest.mark.parametrize("secret", ["wrong", "x" * 200])
async def test_only_whoever_shows_the_secret_is_believed(ben, system, secret):
    box = await fridge(ben)
    with pytest.raises(UnknownDevice):
        await send(system, box, readings((-5, 5)), secret=secret)
    assert await stored(system) == []


async def test_a_new_secret_ends_the_old_one_and_neither_is_kept(ben, system):
    box = await fridge(ben)
    renewed = await coldchain.renew_secret(ben, box.sensor_id)
    await ben.flush()
    with pytest.raises(UnknownDevice):
        await send(system, box, readings((-5, 5)))
    assert (await send(system, box, readings((-5, 5)), secret=renewed.new_secret)).stored == 1
    columns = (await ben.db.execute(text("SELECT s::text FROM sensor s"))).scalars().all()
    audited = (await ben.db.execute(text("SELECT changes::text FROM audit_entry"))).scalars().all()
    assert not any(word in row for row in [*columns, *audited] for word in (box.secret, renewed.new_secret))


async def test_a_serial_number_is_used_once(ben):
    box = await fridge(ben)
    with pytest.raises(Exception, match=SerialTaken.constraint):
        await coldchain.add_sensor(ben, box.place.id, coldchain.SensorDraft(serial="F1"))
        await ben.flush()


async def test_a_sensor_out_of_use_is_not_believed_and_its_number_is_free(ben, system):
    box = await fridge(ben)
    await coldchain.close_sensor(ben, box.sensor_id)
    await ben.flush()
    with pytest.raises(UnknownDevice):
        await send(system, box, readings((-5, 5)))
    with pytest.raises(SensorClosed):
        await coldchain.renew_secret(ben, box.sensor_id)
    await coldchain.add_sensor(ben, box.place.id, coldchain.SensorDraft(serial="F1"))
    await ben.flush()


@pytest.mark.parametrize(
    "said",
    [
        {"at": "2026-11-20T00:00:00", "c": 5},  # no zone
        {"at": "2026-11-20T00:00:00Z"},
        {"at": "2026-11-20T00:00:00Z", "c": 5, "f": 41},
        {"at": "2026-11-20T00:00:00Z", "c": "NaN"},
        {"at": "2026-11-20T00:00:00Z", "c": 5, "seq": -1},
        {"at": "2026-11-20T00:00:00Z", "c": 5, "battery": 101},
        {"at": "2026-11-20T00:00:00Z", "c": 5, "colour": "red"},
        {"at": "soon", "c": 5},
    ],
)
def test_a_reading_that_says_too_little_or_too_much_is_refused(said):
    with pytest.raises(ValidationError):
        ReadingDraft.model_validate(said)


async def test_over_the_api_a_device_needs_no_session(client, ben, database):
    box = await fridge(ben)
    http = await client()
    body = {"serial": "F1", "secret": box.secret, "organization": "north"}
    first = await http.post("/api/v1/readings", json={**body, "readings": [{"at": "2026-11-20T00:00:00Z", "c": 5}]})
    assert (first.status_code, first.json()) == (200, {"stored": 1, "known": 0})
    wrong = await http.post("/api/v1/readings", json={**body, "readings": [{"at": "2026-11-20T00:00:00Z"}]})
    assert wrong.status_code == 422 and "readings.0" in wrong.text
    other = await http.post(
        "/api/v1/readings", json={**body, "secret": "x", "readings": [{"at": NOW.isoformat(), "c": 5}]}
    )
    assert other.status_code == 401
    elsewhere = {**body, "organization": "south", "readings": [{"at": NOW.isoformat(), "c": 5}]}
    assert (await http.post("/api/v1/readings", json=elsewhere)).status_code == 401


async def test_a_bin_lies_in_one_place(ben):
    await fridge(ben, bins=["Top"])
    with pytest.raises(Exception, match=BinTaken.constraint):
        await fridge(ben, "Second", "F2", bins=["Top"])


async def test_a_nurse_sets_up_no_fridge(nora):
    with pytest.raises(Forbidden):
        await fridge(nora)


def test_a_broker_checks_the_secret_as_it_keeps_it():
    kept = broker_password("a secret")
    assert kept.startswith("$7$101$") and "a secret" not in kept and kept != broker_password("a secret")
