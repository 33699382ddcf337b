"""A fridge with a sensor, a batch in it, and how readings are said."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from galen import coldchain, inventory, medicines
from galen.coldchain import Excursion, ExcursionKind, PlaceKind, StoragePlace
from galen.coldchain.models import SensorReading
from galen.coldchain.schemas import Receipt
from galen.core.actor import SYSTEM
from galen.core.context import Context
from galen.inventory import Batch, BatchDraft
from galen.medicines import Product
from tests.conftest import NOW

D = Decimal


@dataclass
class Watched:
    """A place and the sensor in it, with its secret."""

    place: StoragePlace
    serial: str
    sensor_id: UUID
    secret: str


async def fridge(ctx: Context, name: str = "Vaccines", serial: str = "F1", unit: Any = "C", **said: Any) -> Watched:
    """Set up an hour before noon's readings begin."""
    draft = {"name": name, "kind": PlaceKind.FRIDGE, "bins": [f"Bin of {name}"]} | said
    place: StoragePlace = await coldchain.add_place(ctx, coldchain.PlaceDraft.model_validate(draft))
    issued: Any = await coldchain.add_sensor(ctx, place.id, coldchain.SensorDraft(serial=serial, unit=unit))
    await ctx.flush()
    return Watched(place, serial, issued.sensor.id, issued.new_secret)


def at(minutes: float) -> datetime:
    """So many minutes from now; before it where negative."""
    return NOW + timedelta(minutes=minutes)


def readings(*given: tuple[float, float], first: int | None = None) -> list[dict[str, Any]]:
    """Minutes from now, and degrees; numbered from `first`."""
    number = {} if first is None else {"seq": first}
    return [{"at": at(m), "c": str(c), **({"seq": first + n} if number else {})} for n, (m, c) in enumerate(given)]  # type: ignore[operator]


async def send(
    ctx: Context, watched: Watched, given: list[dict[str, Any]], secret: str = "", now: datetime = NOW, **more: Any
) -> Receipt:
    """As the device itself."""
    said = {"serial": watched.serial, "secret": secret or watched.secret, "readings": given, **more}
    before = ctx.actor
    ctx.actor, ctx.now = SYSTEM, now
    try:
        receipt: Receipt = await coldchain.take_readings(ctx, coldchain.DeviceReadings.model_validate(said))
        await ctx.flush()
        return receipt
    finally:
        ctx.actor, ctx.now = before, NOW


async def warm(ctx: Context, watched: Watched, now: datetime = NOW) -> None:
    """An hour that was too warm and is over."""
    await send(ctx, watched, readings((-90, 5), (-80, 14), (-20, 14), (-10, 5), (-5, 6)), now=now)


async def medicine(ctx: Context, name: str = "insulin glargine") -> Product:
    part = medicines.PartDraft(name=name, strength="311 units/mL")
    draft = medicines.MedicineDraft(ingredients=[part], form="injection", pack_size=D(5), price=D(9))
    product: Product = await medicines.add_medicine(ctx, draft)
    return product


async def shelved(ctx: Context, product: Product, number: str, place: StoragePlace, minutes: float = -1440) -> Batch:
    """Put into the place's first bin so long before now."""
    said = {
        "product_id": product.id,
        "number": number,
        "expires": "2028-01",
        "packs": 4,
        "location": place.locations[0],
    }
    ctx.now = at(minutes)
    batch: Batch = await inventory.receive(ctx, BatchDraft.model_validate(said))
    await ctx.flush()
    ctx.now = NOW
    return batch


async def threads(ctx: Context, kind: ExcursionKind = ExcursionKind.TEMPERATURE) -> list[Excursion]:
    """All of a kind, as they are now, by when they began."""
    query = (
        select(Excursion)
        .where(Excursion.kind == kind)
        .order_by(Excursion.began, Excursion.id)
        .execution_options(populate_existing=True)
    )
    return list(await ctx.db.scalars(query))


async def stored(ctx: Context) -> list[SensorReading]:
    query = select(SensorReading).order_by(SensorReading.taken, SensorReading.mark)
    return list(await ctx.db.scalars(query))
