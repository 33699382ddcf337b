"""Places, the ranges they are kept in, and the sensors that watch them."""

import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import pbkdf2_hmac
from secrets import token_bytes, token_urlsafe
from uuid import UUID

from sqlalchemy import select

from galen.core.context import Context
from galen.core.crypto import digest
from galen.core.errors import Conflict, Invalid
from galen.core.gate import requires
from galen.i18n import gettext as _
from galen.organizations import Site

from ..models import PlaceBin, PlaceKind, Sensor, StoragePlace, TemperatureProfile
from ..presets import PRESETS
from ..schemas import PlaceDraft, ProfileDraft, SensorDraft

ROUNDS = 101  # of PBKDF2, as mosquitto_passwd makes them; what is hashed has 256 random bits


class PlaceNameTaken(Conflict):
    message, constraint = "This site has a place of that name already.", "storage_place_site_id_name_key"


class BinTaken(Conflict):
    message, constraint = (
        "A bin lies in another place of this site already. Take it out there first.",
        ("place_bin_site_id_location_key"),
    )


class ProfileNameTaken(Conflict):
    message, constraint = "There is a range of that name already.", "temperature_profile_name_key"


class SerialTaken(Conflict):
    message, constraint = "A sensor with this serial number is in use already.", "sensor_serial_key"


class PlaceClosed(Conflict):
    message = "This place is closed. Open a new one for its bins."


class SensorClosed(Conflict):
    message = "This sensor was taken out of use. Register it anew where it is now."


@requires("coldchain.read")
async def profiles(ctx: Context) -> list[TemperatureProfile]:
    """The ranges there are."""
    return list(await ctx.db.scalars(select(TemperatureProfile).order_by(TemperatureProfile.name).limit(40)))


@requires("coldchain.manage")
async def add_profile(ctx: Context, draft: ProfileDraft) -> TemperatureProfile:
    """A range of one's own, as the maker of what is kept there asks for it."""
    return ctx.add(draft.into(TemperatureProfile))


@requires("coldchain.manage")
async def edit_profile(ctx: Context, profile_id: UUID, draft: ProfileDraft) -> TemperatureProfile:
    """Change a range; what was judged by the old one stays as it was."""
    return draft.onto(await ctx.get(TemperatureProfile, profile_id, lock=True))


async def standard_profile(ctx: Context, kind: PlaceKind) -> TemperatureProfile:
    """The guidelines' range for a kind of place, written down when it is needed first."""
    preset = PRESETS[kind.value]
    if known := await ctx.find_by(TemperatureProfile, TemperatureProfile.name, preset.name):
        return known
    values = {name: getattr(preset, name) for name in preset.__dataclass_fields__}
    return ctx.add(TemperatureProfile(**values))


@requires("coldchain.manage")
async def add_place(ctx: Context, draft: PlaceDraft) -> StoragePlace:
    """A fridge, room or freezer of a site."""
    site_id = (await ctx.get(Site, draft.site_id)).id if draft.site_id else ctx.here.id
    profile = (
        await ctx.get(TemperatureProfile, draft.profile_id)
        if draft.profile_id
        else await standard_profile(ctx, draft.kind)
    )
    await ctx.flush()
    return ctx.add(
        StoragePlace(
            site_id=site_id,
            name=draft.name,
            kind=draft.kind,
            profile_id=profile.id,
            bins=[PlaceBin(site_id=site_id, location=location) for location in draft.bins],
        )
    )


@requires("coldchain.manage")
async def edit_place(ctx: Context, place_id: UUID, draft: PlaceDraft) -> StoragePlace:
    """Another name, range or bins; the site it stands at does not change."""
    place = await ctx.get(StoragePlace, place_id, lock=True)
    if place.closed_at:
        raise PlaceClosed
    if draft.site_id and draft.site_id != place.site_id:
        raise Invalid("site_id", _("A place stays at its site. Close it, and open one at the other site."))
    place.name, place.kind = draft.name, draft.kind
    if draft.profile_id:
        place.profile_id = (await ctx.get(TemperatureProfile, draft.profile_id)).id
    kept = {part.location: part for part in place.bins}
    place.bins = [kept.get(location) or PlaceBin(site_id=place.site_id, location=location) for location in draft.bins]
    return place


@requires("coldchain.manage")
async def close_place(ctx: Context, place_id: UUID) -> StoragePlace:
    """It is no longer watched; its sensors are taken out of use, its bins are free, its history stays."""
    place = await ctx.get(StoragePlace, place_id, lock=True)
    if place.closed_at:
        raise PlaceClosed
    place.closed_at, place.bins = ctx.now, []
    for sensor in await ctx.db.scalars(
        select(Sensor).where(Sensor.place_id == place.id, Sensor.closed_at.is_(None)).order_by(Sensor.id)
    ):
        sensor.closed_at = ctx.now
    return place


@dataclass(frozen=True)
class IssuedSecret:
    """A sensor, its new secret, and how it speaks to a broker."""

    sensor: Sensor
    new_secret: str
    topic: str
    username: str

    def __getattr__(self, name: str) -> object:
        return getattr(self.sensor, name)


@requires("coldchain.manage")
async def add_sensor(ctx: Context, place_id: UUID, draft: SensorDraft) -> IssuedSecret:
    """A device with an account of its own. Its secret is shown this once."""
    place = await ctx.get(StoragePlace, place_id, include=(StoragePlace.site,))
    if place.closed_at:
        raise PlaceClosed
    sensor = draft.into(Sensor, place_id=place.id, registered_at=ctx.now, secret=b"", broker_password="")
    return issue(ctx, ctx.add(sensor), place.site.name)


@requires("coldchain.manage")
async def renew_secret(ctx: Context, sensor_id: UUID) -> IssuedSecret:
    """A new secret, shown this once; the old one opens nothing from now on."""
    sensor = await opened_sensor(ctx, sensor_id)
    place = await ctx.get(StoragePlace, sensor.place_id, include=(StoragePlace.site,))
    return issue(ctx, sensor, place.site.name)


@requires("coldchain.manage")
async def close_sensor(ctx: Context, sensor_id: UUID) -> Sensor:
    """It is taken out of use: nothing more is taken from it, and its silence alarms nobody."""
    sensor = await opened_sensor(ctx, sensor_id)
    sensor.closed_at = ctx.now
    return sensor


async def opened_sensor(ctx: Context, sensor_id: UUID) -> Sensor:
    sensor = await ctx.get(Sensor, sensor_id, lock=True)
    if sensor.closed_at:
        raise SensorClosed
    return sensor


def issue(ctx: Context, sensor: Sensor, site: str) -> IssuedSecret:
    secret = token_urlsafe(32)
    sensor.secret, sensor.broker_password = digest(secret), broker_password(secret)
    organization = ctx.organization.slug
    topic = f"galen/{organization}/{slug(site)}/sensor/{sensor.serial}/reading"
    return IssuedSecret(sensor, secret, topic, f"{organization}-{sensor.serial}")


def slug(name: str) -> str:
    """A level of a topic: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-") or "site"


def broker_password(secret: str) -> str:
    """The secret as mosquitto keeps it in its password file."""
    salt = token_bytes(12)
    hashed = pbkdf2_hmac("sha512", secret.encode(), salt, ROUNDS)
    return f"$7${ROUNDS}${b64encode(salt).decode()}${b64encode(hashed).decode()}"


@requires("coldchain.read")
async def sensors(ctx: Context, place_id: UUID) -> list[Sensor]:
    """The sensors of a place, those in use first."""
    place = await ctx.get(StoragePlace, place_id)
    query = select(Sensor).where(Sensor.place_id == place.id)
    return list(
        await ctx.db.scalars(query.order_by(Sensor.closed_at.is_not(None), Sensor.serial, Sensor.id).limit(200))
    )
