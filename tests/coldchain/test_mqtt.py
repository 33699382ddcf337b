"""Readings over a real broker: what is published is stored once, whatever dies meanwhile. On Debian's mosquitto."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiomqtt import Client, MqttError, ProtocolVersion
from sqlalchemy import func, select

from galen import coldchain
from galen.coldchain import PlaceDraft, PlaceKind, Sensor, SensorDraft, broker_password, mqtt
from galen.coldchain.models import SensorReading
from galen.organizations import pharmacies

MOSQUITTO = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="there is no mosquitto: install the package mosquitto")
CONF = """
listener {port} 127.0.0.1
persistence true
persistence_location {folder}/
autosave_interval 1
autosave_on_changes true
max_queued_messages 0
{more}
"""
BASE = 1795100000  # a moment in November 2026


class Broker:
    """mosquitto with a folder of its own, that can be killed and started again."""

    def __init__(self, folder: Path, more: str = "allow_anonymous true\nuser root", who: str = "") -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.folder, self.who = folder, who
        self.running: subprocess.Popen[bytes] | None = None
        (folder / "conf").write_text(CONF.format(port=self.port, folder=folder, more=more))

    @property
    def url(self) -> str:
        return f"mqtt://{self.who}127.0.0.1:{self.port}"

    async def start(self) -> None:
        command = [str(MOSQUITTO), "-c", str(self.folder / "conf")]
        self.running = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: ASYNC220 it returns at once

        async def answers() -> bool:
            assert self.running and self.running.poll() is None, "mosquitto ended"
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0

        await until(answers)

    def end(self, by: signal.Signals = signal.SIGKILL) -> None:
        if self.running:
            self.running.send_signal(by)
            self.running.wait()
            self.running = None


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    made = Broker(tmp_path)
    await made.start()
    yield made
    made.end()


@pytest.fixture
async def sensors(committed: Any) -> list[str]:
    """Three fridges, a sensor in each."""
    serials = ["M1", "M2", "M3"]
    async with committed.as_system("north", "test") as ctx:
        ctx.site = (await pharmacies(ctx))[0].info
        for serial in serials:
            place = await coldchain.add_place(ctx, PlaceDraft(name=f"Fridge {serial}", kind=PlaceKind.FRIDGE))
            await ctx.flush()
            await coldchain.add_sensor(ctx, place.id, SensorDraft(serial=serial))
    return serials


@asynccontextmanager
async def worker(services: Any, broker: Broker) -> AsyncIterator[list[Client]]:
    """What listens in a worker, for as long as the block; with the connections that it has had."""
    stopped, subscribed = asyncio.Event(), asyncio.Event()
    lines: list[Client] = []

    async def begun(client: Client, services: Any, take: Any = mqtt.take) -> None:
        lines.append(client)
        subscribed.set()
        await take(client, services)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mqtt, "take", begun)
        listening = asyncio.create_task(mqtt.listen(services, services.database.engine.url, broker.url, stopped))
        await subscribed.wait()
        try:
            yield lines
        finally:
            stopped.set()
            await listening


async def publish(broker: Broker, serials: list[str], numbers: range) -> None:
    """As devices do: each reading until the broker has said that it has it."""
    waiting = [(serial, number) for number in numbers for serial in serials]
    while waiting:
        with suppress(MqttError):
            async with Client("127.0.0.1", broker.port, protocol=ProtocolVersion.V5, timeout=5) as client:
                while waiting:
                    serial, number = waiting[0]
                    said = {"at": BASE + 60 * number, "c": 4 + number % 2, "seq": number}
                    await client.publish(f"galen/north/harbour/sensor/{serial}/reading", json.dumps(said), qos=1)
                    waiting.pop(0)
            continue
        await asyncio.sleep(0.02)


async def count(services: Any) -> int:
    async with services.as_system("north", "test") as ctx:
        return await ctx.db.scalar(select(func.count()).select_from(SensorReading)) or 0


async def until(holds: Callable[[], Awaitable[Any]]) -> None:
    """As soon as it holds; the limit ends a vain wait."""
    async with asyncio.timeout(30):
        while not await holds():  # noqa: ASYNC110 what is waited for happens in a database and in another program
            await asyncio.sleep(0.02)


async def arrived(services: Any, expected: int) -> int:
    """How many are stored, as soon as it is what is expected."""

    async def all_there() -> bool:
        return await count(services) >= expected

    await until(all_there)
    return await count(services)


async def test_a_broker_that_is_killed_loses_nothing(committed, broker, sensors):
    """Of what it had passed on; and by itself the worker listens again to the one that is started anew."""
    async with worker(committed, broker) as lines:
        await publish(broker, sensors, range(30))
        assert await arrived(committed, 90) == 90
        broker.end(signal.SIGKILL)
        await broker.start()

        async def begun_again() -> bool:
            return len(lines) > 1

        await until(begun_again)
        await publish(broker, sensors, range(30, 100))
        assert await arrived(committed, 300) == 300


async def test_two_workers_share_the_work_and_store_each_once(committed, broker, sensors, monkeypatch):
    taken = []

    async def noted(services, published, kept=mqtt.keep):
        taken.append((asyncio.current_task(), len(published)))
        return await kept(services, published)

    monkeypatch.setattr(mqtt, "keep", noted)
    async with worker(committed, broker), worker(committed, broker):
        await publish(broker, sensors, range(60))
        await publish(broker, sensors, range(60))  # a second time, as a device does that has heard nothing
        assert await arrived(committed, 180) == 180

        async def all_taken() -> bool:
            return sum(number for _, number in taken) >= 360

        await until(all_taken)
    assert await count(committed) == 180 and len({task for task, _ in taken}) == 2


async def test_what_is_published_while_nobody_listens_waits(committed, broker, sensors):
    async with worker(committed, broker):
        await publish(broker, sensors, range(1))
        await arrived(committed, 3)
    await publish(broker, sensors, range(1, 20))
    broker.end(signal.SIGTERM)
    await broker.start()
    async with worker(committed, broker):
        assert await arrived(committed, 60) == 60


async def dies_once(monkeypatch) -> None:
    """The first transaction that is to store readings fails, as when the database is gone for a moment."""
    calls = []

    async def broken(services, published, kept=mqtt.keep):
        calls.append(len(published))
        if len(calls) == 1:
            raise ConnectionResetError
        return await kept(services, published)

    monkeypatch.setattr(mqtt, "keep", broken)


async def test_what_could_not_be_stored_comes_again(committed, broker, sensors, monkeypatch):
    await dies_once(monkeypatch)
    async with worker(committed, broker):
        await publish(broker, sensors, range(20))
        assert await arrived(committed, 60) == 60


async def test_said_to_be_kept_before_it_is_it_would_be_lost(committed, broker, sensors, monkeypatch):
    """The broken variant of the test above: a message that is acknowledged as it comes."""

    def hasty(address, name, made=mqtt.client_for):
        client = made(address, name)
        client._client.manual_ack_set(False)
        return client

    await dies_once(monkeypatch)
    monkeypatch.setattr(mqtt, "client_for", hasty)
    async with worker(committed, broker) as lines:
        await publish(broker, sensors[:1], range(1))

        async def begun_again() -> bool:
            return len(lines) > 1

        await until(begun_again)
        await publish(broker, sensors[1:2], range(1, 20))
        assert await arrived(committed, 19) == 19


async def test_what_cannot_be_understood_stops_nobody(committed, broker, sensors):
    async with worker(committed, broker):
        async with Client("127.0.0.1", broker.port) as client:
            for topic, said in [
                ("galen/north/x/sensor/M1/reading", "rubbish"),
                ("galen/north/x/sensor/M1/reading", '{"at": 1, "c": "NaN"}'),
                ("galen/nowhere/x/sensor/M1/reading", '{"at": 1795100000, "c": 5}'),
                ("galen/north/x/sensor/STRANGE/reading", '{"at": 1795100000, "c": 5}'),
                ("galen/north/x/sensor/M1/reading", '[{"at": 1795100000, "c": 5}, {"at": 1795100060, "f": 41}]'),
            ]:
                await client.publish(topic, said, qos=1)
        await publish(broker, sensors, range(100, 101))
        assert await arrived(committed, 5) == 5


async def test_a_sensor_writes_to_its_own_topic_alone(committed, sensors, tmp_path):
    """With the two files as `bin/galen mqtt-acl` writes them."""
    async with committed.as_system("north", "test") as ctx:
        hashed = dict((await ctx.db.execute(select(Sensor.serial, Sensor.broker_password))).all())
        sensor = (await ctx.db.scalars(select(Sensor).where(Sensor.serial == "M1"))).one()
        secret = (await coldchain.renew_secret(ctx, sensor.id)).new_secret
        hashed["M1"] = sensor.broker_password
    (tmp_path / "passwords").write_text(
        "\n".join([f"galen:{broker_password('worker')}", *(f"north-{s}:{hashed[s]}" for s in sensors)]) + "\n"
    )
    (tmp_path / "acl").write_text(
        "user galen\ntopic read galen/#\ntopic read $share/galen/galen/#\n\n"
        + "\n".join(f"user north-{s}\ntopic write galen/north/+/sensor/{s}/#\n" for s in sensors)
    )
    more = f"allow_anonymous false\nuser root\npassword_file {tmp_path}/passwords\nacl_file {tmp_path}/acl"
    guarded = Broker(tmp_path, more, "galen:worker@")
    await guarded.start()
    try:
        with pytest.raises(MqttError):
            async with Client("127.0.0.1", guarded.port, username="north-M1", password="wrong"):
                pass
        async with worker(committed, guarded):
            for serial in ("M2", "M1"):
                said = json.dumps({"at": BASE, "c": 5, "seq": 1})
                with suppress(MqttError):  # what it may not say ends its connection, or is swallowed
                    async with Client("127.0.0.1", guarded.port, username="north-M1", password=secret) as client:
                        await client.publish(f"galen/north/harbour/sensor/{serial}/reading", said, qos=1)
            assert await arrived(committed, 1) == 1
        async with committed.as_system("north", "test") as ctx:
            assert list(await ctx.db.scalars(select(SensorReading.sensor_id))) == [sensor.id]
    finally:
        guarded.end()
