"""Who may do what: every route, every role, own and other and another organisation's records, against a reviewed table.

`who_may.csv` is written by hand and by review, never by the product: after a deliberate change, run this file with
`GALEN_WRITE_MATRIX=1`, read the difference line by line, and commit it.
"""

import csv
import os
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from galen import identity
from galen.core.context import grants
from galen.core.record import Record, uuid7
from galen.core.web.routes import TABLE, Route
from galen.demo import PASSWORD

TABLE_FILE = Path(__file__).with_name("who_may.csv")
ROLES = ["anonymous", "admin", "doctor", "nurse", "pharmacist", "receptionist", "manager", "patient"]
PEOPLE = {
    "admin": "iris", "doctor": "ada", "nurse": "nora", "pharmacist": "ben", "receptionist": "ruth", "manager": "max",
    "patient": "mara",
}  # fmt: skip
RELATIONS = ["own", "other", "foreign"]
WORDS = {401: "sign in", 403: "no", 404: "unseen"}


def cells() -> Iterator[Route]:
    """Each row of the table once: as JSON where it has JSON, else as a page."""
    for route in TABLE:
        if route.path:
            yield route


def key_of(route: Route) -> str:
    shape = "json" if route.json or route.content else "page"
    return f"{route.method} {'/api/v1' if shape == 'json' else ''}{route.path}"


@pytest_asyncio.fixture
async def world(house: Any, database: Any, system: Any, mara: Any, tom: Any) -> AsyncIterator[dict[str, dict[str, str]]]:
    """For every kind of record an id that is Mara's own, one that is Tom's, and one of the other organisation."""
    account = identity.Account(
        username="mara", name="Mara Quill", kind=identity.AccountKind.PATIENT, patient_id=mara.id, roles=["patient"],
        password=await identity.passwords.hashed(PASSWORD), email_confirmed=True,
    )  # fmt: skip
    system.add(account)
    await system.settle()
    ids: dict[str, dict[str, str]] = {relation: {} for relation in RELATIONS}
    for mapper in Record.registry.mappers:
        table = mapper.class_.__tablename__
        column = "id" if table == "patient" else "patient_id" if "patient_id" in mapper.columns else None
        for relation, owner in (("own", mara.id), ("other", tom.id)):
            where = f"WHERE {column} = '{owner}'" if column else ""
            if mapper.class_.__table__.schema:
                continue
            found = (await database.one.execute(text(f"SELECT id FROM {table} {where} ORDER BY id LIMIT 1"))).scalar()
            ids[relation][table] = str(found or uuid7())
    async with database.inside("south"):
        for table in ids["own"]:
            found = (await database.one.execute(text(f"SELECT id FROM {table} ORDER BY id LIMIT 1"))).scalar()
            ids["foreign"][table] = str(found or uuid7())
    ids["own"]["account"] = str(account.id)
    yield ids


RECORDS = {"product": "product", "medicine": "product", "pharmacy": "site", "vitals": "vitals", "level": "stock_level"}


def filled(path: str, ids: dict[str, str]) -> str:
    """The path with ids of one relation; a parameter is named after its record."""

    def one(match: re.Match[str]) -> str:
        name = match[1].removesuffix("_id")
        if name == "organization":
            return "north"
        return ids.get(RECORDS.get(name, name)) or ids.get(name) or str(uuid7())

    return re.sub(r"{(\w+)}", one, path)


async def outcome(client: Any, database: Any, route: Route, ids: dict[str, str]) -> str:
    """What one person gets, undone at once. Whoever gets past the door `may`: a 409 or 422 is about the thing, not the person."""
    json = bool(route.json or route.content)
    path = ("/api/v1" if json else "") + filled(route.path, ids)
    undo = await database.one.begin_nested()
    try:
        body = {} if route.method in ("POST", "PUT", "PATCH") else None
        headers = {} if json else {"accept": "text/html", "hx-request": "true"}
        answer = await client.request(route.method, path, json=body, headers=headers)
    finally:
        await undo.rollback()
    return WORDS.get(answer.status_code, "may" if answer.status_code < 500 else f"broken {answer.status_code}")


async def test_who_may_do_what(client: Any, database: Any, world: dict[str, dict[str, str]]) -> None:
    people = {"anonymous": await client()} | {role: await client(name) for role, name in PEOPLE.items()}
    found: dict[str, dict[str, str]] = {}
    for route in cells():
        relations = RELATIONS if "{" in route.path else ["own"]
        row = found.setdefault(key_of(route), {})
        for role in ROLES:
            row[role] = "/".join([await outcome(people[role], database, route, world[r]) for r in relations])
    if os.environ.get("GALEN_WRITE_MATRIX"):
        with TABLE_FILE.open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["route", *ROLES])
            writer.writerows([key, *row.values()] for key, row in sorted(found.items()))
    expected = {row["route"]: {r: row[r] for r in ROLES} for row in csv.DictReader(TABLE_FILE.open())}
    wrong = [
        f"{key} as {role}: {row[role]}, reviewed {expected.get(key, {}).get(role, 'nothing')}"
        for key, row in found.items()
        for role in ROLES
        if expected.get(key, {}).get(role) != row[role]
    ]
    assert wrong == [], "\n" + "\n".join(wrong)
    assert set(expected) == set(found), f"no longer there: {sorted(set(expected) - set(found))}"


@pytest.mark.parametrize("permission", ["prescription.sign", "stock.adjust", "account.write", "payment.take", "audit.read"])
async def test_a_check_taken_away_is_noticed(client, database, world, permission, monkeypatch):
    """The broken variant: one permission given to everybody must differ from the reviewed table."""
    roles = {role: frozenset({*held, permission}) for role, held in identity.ROLES.items()}
    monkeypatch.setattr(identity.roles, "ROLES", roles)
    expected = {row["route"]: {r: row[r] for r in ROLES} for row in csv.DictReader(TABLE_FILE.open())}
    weakest = await client("mara")
    differs = 0
    for route in cells():
        if route.permission == permission:
            seen = await outcome(weakest, database, route, world["own"])
            differs += seen != expected[key_of(route)]["patient"].split("/")[0]
    assert differs > 0


def test_every_permission_of_every_route_is_known_and_held_by_somebody():
    assert TABLE
    for route in TABLE:
        permission = route.permission
        if not permission.startswith("public."):
            assert permission in identity.PERMISSIONS, f"{route.path}: {permission} is in no list"
            holders = [r for r in identity.ROLES if grants(identity.permissions_of([r]), permission)]
            assert holders, f"{route.path}: nobody holds {permission}"
