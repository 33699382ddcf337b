"""Write mosquitto's password file and access list: each sensor its own topic, and a user for the worker."""

import asyncio
import os
import secrets
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from galen.coldchain import Sensor, broker_password

from .saying import Json, say
from .services import open_services

cli = typer.Typer()
WORKER = "galen"
READS = "topic read galen/#\ntopic read $share/galen/galen/#\ntopic write galen/+/+/cabinet/+/order\n"


@cli.command("mqtt-acl")
def mqtt_acl(
    folder: Annotated[Path, typer.Argument(help="Where to write the files `passwords` and `acl`.")],
    as_json: Json = False,
) -> None:
    """Write mosquitto's password file and access list: each sensor its own topic, and a user for the worker."""
    users = asyncio.run(users_of())
    folder.mkdir(parents=True, exist_ok=True)
    secret = secrets.token_urlsafe(32)
    passwords = [f"{WORKER}:{broker_password(secret)}", *(f"{name}:{hashed}" for name, hashed, _ in users)]
    acl = [f"user {WORKER}\n{READS}", *(f"user {name}\ntopic write {topic}\n" for name, _, topic in users)]
    written(folder / "passwords", "\n".join(passwords) + "\n")
    written(folder / "acl", "\n".join(acl))
    say(
        {"users": len(users), "worker": WORKER, "secret": secret},
        as_json,
        f"{len(users)} sensor(s). For the worker: GALEN_MQTT_URL=mqtt://{WORKER}:{secret}@host:1883",
    )


def written(file: Path, text: str) -> None:
    """For nobody but the owner to read."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write(text)


async def users_of() -> list[tuple[str, str, str]]:
    """Every sensor in use, of every organisation: its name at the broker, its password there, its topics."""
    found = []
    async with open_services() as services:
        for organization in await services.list_organizations():
            async with services.as_system(organization.slug, "mqtt-acl") as ctx:
                query = select(Sensor).where(Sensor.closed_at.is_(None)).order_by(Sensor.serial)
                for sensor in await ctx.db.scalars(query):
                    name = f"{organization.slug}-{sensor.serial}"
                    topic = f"galen/{organization.slug}/+/sensor/{sensor.serial}/#"
                    found.append((name, sensor.broker_password, topic))
    return found
