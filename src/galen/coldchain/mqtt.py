"""Readings that come over MQTT: the worker listens, stores what came together, and says that it has it only then.

The session at the broker outlives the connection, and its client is known again by the number of a lock: what was sent
while nobody listened waits there. Workers share one subscription; what two of them are given is stored once.
"""

import asyncio
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg
from aiomqtt import Client, Message, ProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from pydantic import AwareDatetime, TypeAdapter, ValidationError
from sqlalchemy import URL

from galen.core.database import SESSION, dsn
from galen.core.services import NoSuchOrganization, Services
from galen.lasting import lasting
from galen.logs import log

from .schemas import ReadingDraft, Receipt
from .service import devices, store_readings

TOPIC = "galen/+/+/sensor/+/reading"
SHARED = f"$share/galen/{TOPIC}"
KEPT = 7 * 24 * 3600
"""Seconds for which the broker keeps what a worker has not taken."""
TOGETHER = 1000
"""Readings that are stored in one transaction, when so many have come."""
SLOT = "SELECT n FROM generate_series(0, 63) AS n WHERE pg_try_advisory_lock(20837, n) LIMIT 1"


class SentReading(ReadingDraft):
    """A reading as a device publishes it."""

    sent: AwareDatetime | None = None


PAYLOAD: TypeAdapter[list[SentReading]] = TypeAdapter(list[SentReading])


@dataclass(frozen=True, slots=True)
class Published:
    """What one message said, and of whom."""

    organization: str
    serial: str
    readings: list[SentReading]


class NoSlot(Exception):
    """More workers than a broker has names for."""


async def listen(services: Services, database: URL, broker: str, stopped: asyncio.Event) -> None:
    """Until it is stopped: one connection after another."""
    await lasting("mqtt", partial(hold_line, services, database, broker, stopped), stopped)


async def hold_line(services: Services, database: URL, broker: str, stopped: asyncio.Event) -> None:
    async with slot(database) as (number, lost):
        client = client_for(broker, f"galen-{number}")
        async with client:
            await client.subscribe(SHARED, qos=1)
            tasks = [asyncio.create_task(work) for work in (take(client, services), stopped.wait(), lost.wait())]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                if stopped.is_set() and number:  # what comes from now on is for the others
                    await client.unsubscribe(SHARED)
                for task in done:
                    task.result()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def slot(database: URL) -> AsyncIterator[tuple[int, asyncio.Event]]:
    """A number that no other worker has: the lowest that is free, so that whoever starts again is known again."""
    own = {**SESSION, "application_name": "galen mqtt"}
    connection = await asyncpg.connect(dsn(database), server_settings=own, timeout=10)
    lost = asyncio.Event()
    try:
        connection.add_termination_listener(lambda _: lost.set())
        number = await connection.fetchval(SLOT)
        if number is None:
            raise NoSlot
        yield number, lost
    finally:
        connection.terminate()


def client_for(broker: str, name: str) -> Client:
    """`broker` is mqtt://user:password@host:port, or mqtts:// for TLS."""
    server = urlsplit(broker)
    safe = server.scheme == "mqtts"
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval, properties.ReceiveMaximum = KEPT, TOGETHER
    client = Client(
        server.hostname or "localhost",
        server.port or (8883 if safe else 1883),
        username=unquote(server.username) if server.username else None,
        password=unquote(server.password) if server.password else None,
        identifier=name,
        protocol=ProtocolVersion.V5,
        clean_start=False,
        properties=properties,
        tls_context=ssl.create_default_context() if safe else None,
        timeout=10,
        keepalive=20,
    )
    client._client.manual_ack_set(True)  # a message is ours when it is committed, and not when it has come
    return client


async def take(client: Client, services: Services) -> None:
    """Store what has come, all that is there at once, and only then let the broker forget it."""
    coming = aiter(client.messages)
    while True:
        messages = [await anext(coming)]
        while len(client.messages) and len(messages) < TOGETHER:
            messages.append(await anext(coming))
        await keep(services, [said for message in messages if (said := read(message))])
        for message in messages:
            client._client.ack(message.mid, message.qos)


def read(message: Message) -> Published | None:
    """What a message says; one that cannot be understood is told of in the log, and does not come again."""
    topic = message.topic.value.split("/")
    try:
        payload = message.payload if isinstance(message.payload, bytes | bytearray | str) else b""
        text = bytes(payload, "utf-8") if isinstance(payload, str) else bytes(payload)
        whole = text if text.lstrip()[:1] == b"[" else b"[" + text + b"]"
        return Published(topic[1], topic[4], PAYLOAD.validate_json(whole))
    except (ValidationError, IndexError) as error:
        log.warning("a reading could not be understood", topic=message.topic.value, error=type(error).__name__)
        return None


async def keep(services: Services, published: Sequence[Published]) -> Receipt:
    """All of it, in one transaction for each organisation."""
    by_organization: dict[str, list[Published]] = defaultdict(list)
    for said in published:
        by_organization[said.organization].append(said)
    stored = known = 0
    for slug, all_said in sorted(by_organization.items()):
        try:
            receipt = await keep_for(services, slug, all_said)
        except NoSuchOrganization:
            log.warning("readings for an organisation that is not here", organization=slug)
        else:
            stored, known = stored + receipt.stored, known + receipt.known
    return Receipt(stored=stored, known=known)


async def keep_for(services: Services, slug: str, published: Sequence[Published]) -> Receipt:
    async with services.as_system(slug, "coldchain.listen") as ctx:
        here = await devices(ctx, [said.serial for said in published])
        if strange := sorted({said.serial for said in published} - here.keys()):
            log.warning("readings of devices that are not here", organization=slug, serials=strange[:20])
        given: list[tuple[Any, ReadingDraft, Any]] = [
            (here[said.serial], reading, reading.sent)
            for said in published
            if said.serial in here
            for reading in said.readings
        ]
        return await store_readings(ctx, given) if given else Receipt(stored=0, known=0)
