"""Passwords are hashed before a request takes a connection to the database: whoever waits for a hash holds nothing."""

import asyncio
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NoReturn
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel

from galen.core.crypto import digest
from galen.core.database import RefusedByDatabase
from galen.core.errors import NotFound, Refusal
from galen.core.web.credentials import credentials_of

from .. import passwords
from ..passwords import AHEAD, DOOR, HOUSE, QueueFull, hashed, matches
from ..schemas import PasswordUse
from .tries import TooManyTries, TriesUsedUp, budget_for, network_of

DEVICE = "galen-device"
PAUSE = 1.0
"""Seconds that a refused guess is kept waiting, at the cost of nobody else: a flood waits for itself."""
OWN_HASH = """
SELECT a.password FROM session s JOIN account a ON a.id = s.account_id
WHERE s.ended IS NULL AND (s.token = $1 OR s.id = $2)
"""


async def hash_ahead(request: Request, organization: str, given: dict[str, Any]) -> None:
    """Whatever the passwords of a draft ask for; what cannot be told yet is left to the verb."""
    for draft in given.values():
        for name, use in secrets_of(draft.__class__).items():
            if AHEAD.get() is None:
                AHEAD.set({})
            password = getattr(draft, name).get_secret_value()
            if use is PasswordUse.SIGN_IN:
                await check_at_the_door(request, organization, draft.username, password)
            else:
                await hash_for_oneself(request, use, password)


@lru_cache(512)
def secrets_of(kind: type) -> dict[str, PasswordUse]:
    fields = kind.model_fields if issubclass(kind, BaseModel) else {}
    return {name: use for name, field in fields.items() for use in field.metadata if isinstance(use, PasswordUse)}


async def check_at_the_door(request: Request, organization: str, username: str, password: str) -> None:
    """A stranger's guess: counted before it is hashed, and hashed in the queue at the door."""
    network, device = network_of(origin_of(request)), device_of(request)
    if device is None:
        await refuse_crowd(network)
    services = request.app.state.services
    entered = await services.organization(organization)
    try:
        async with services.database.transaction(entered.slug, read_only=True, work="auth") as db:
            now = datetime.now(UTC)  # house: before there is a ctx
            budget = await budget_for(db.info["raw"], now, username, origin_of(request), device)
    except (TriesUsedUp, TooManyTries) as refusal:
        await wait_and_refuse(refusal)
    except RefusedByDatabase:  # such as a zero byte: the verb meets it too, and its refusal is worded
        return
    await keep_match(budget.password or passwords.DUMMY, password, HOUSE if budget.is_device else DOOR, network)


async def hash_for_oneself(request: Request, use: PasswordUse, password: str) -> None:
    """One's own password, written again, or a new one: in the house for whoever is signed in, else at the door."""
    own = await own_hash(request)
    if use is PasswordUse.NEW:
        network = network_of(origin_of(request))
        if own is None:
            await refuse_crowd(network)
        ready = await hashed(password, HOUSE if own else DOOR, network)
        if (ahead := AHEAD.get()) is not None:
            ahead["", password] = ready
    elif own:
        await keep_match(own, password, HOUSE, "")


async def own_hash(request: Request) -> str | None:
    """The hash of whoever is signed in; none when nobody is."""
    services, credentials = request.app.state.services, credentials_of(request)
    if credentials is None:
        return None
    cookie = credentials.by == "cookie"
    named = (digest(credentials.token), None) if cookie else (b"", UUID(credentials.token))
    try:
        entered = await services.organization(credentials.organization)
    except NotFound:
        return None
    async with services.database.transaction(entered.slug, read_only=True, work="auth") as db:
        stored: str | None = await db.info["raw"].fetchval(OWN_HASH, *named)
    return stored


async def keep_match(stored: str, password: str, queue: passwords.HashQueue, address: str) -> None:
    found = await matches(stored, password, queue, address)
    if (ahead := AHEAD.get()) is not None:
        ahead[stored, password] = found


async def refuse_crowd(network: str) -> None:
    if DOOR.full(network):
        await wait_and_refuse(QueueFull())


async def wait_and_refuse(refusal: Refusal) -> NoReturn:
    await asyncio.sleep(PAUSE)
    raise refusal


def origin_of(request: Request) -> str:
    return request.client.host if request.client else ""


def device_of(request: Request) -> bytes | None:
    """By what a browser is known again that somebody has signed in with."""
    cookie = request.cookies.get(DEVICE, "")
    return digest(cookie) if cookie else None
