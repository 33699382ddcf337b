"""Who may do what: every route, every role, own and other and another organisation's records, against a reviewed table.

`who_may.csv` is written by hand and by review, never by the product: after a deliberate change, run this file with
`GALEN_WRITE_MATRIX=1`, read the difference line by line, and commit it.
"""

import csv
import os
import re
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, text

from galen import identity
from galen.core.actor import grants
from galen.core.record import Record
from galen.core.web.routes import SOCKET, TABLE, Route
from galen.demo import PASSWORD
from galen.values.ids import uuid7
from tests.web.socket_client import close_code

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
    shape = "json" if route.json or route.media_type else "page"
    return f"{route.method} {'/api/v1' if shape == 'json' else ''}{route.path}"


@pytest_asyncio.fixture
async def world(
    services: Any, database: Any, system: Any, mara: Any, tom: Any
) -> AsyncIterator[dict[str, dict[str, str]]]:
    """For every kind of record an id that is Mara's own, one that is Tom's, and one of the other organisation."""
    account = await system.db.scalar(select(identity.Account).where(identity.Account.username == "mara"))
    assert account and account.patient_id == mara.id
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
    await database.one.execute(text(TEMPLATE))
    ids["own"]["note_template"] = ids["other"]["note_template"] = str(
        await database.one.scalar(text("SELECT id FROM note_template"))
    )
    async with database.inside("south"):
        await database.one.execute(text(TEMPLATE))
        for table in ids["own"]:
            found = (await database.one.execute(text(f"SELECT id FROM {table} ORDER BY id LIMIT 1"))).scalar()
            ids["foreign"][table] = str(found or uuid7())
    await recalled(database, ids["own"], mara.id)
    await recalled(database, ids["other"], tom.id)
    ids["own"]["account"] = str(account.id)
    await database.one.execute(text("RESET ROLE"))  # jobs lie in a queue that organisations share
    for relation, home in (("own", "north"), ("other", "north"), ("foreign", "south")):
        ids[relation]["job"] = str(await database.one.scalar(text(FAILED_JOB), {"organization": home}))
    await database.enter("north")
    yield ids


TEMPLATE = """INSERT INTO note_template (id, version, name, text, codes, changed_at, changed_by)
    VALUES (gen_random_uuid(), 1, 'Cold', 'Plan:', '{}', now(), 'test')"""
RECALL = """INSERT INTO recall (id, version, number, title, source, notice_number, recall_class, depth, text,
    instructions, lots, whole, unread, by_text, status, opened_by, opened_name, opened_at, blocked_name, blocked_at,
    closed_name, meaning, ended_because) VALUES (gen_random_uuid(), 1, 'R' || gen_random_uuid(), '', '', '', 'II',
    'patient', '', '', '{B1}', false, '{}', false, 'open', gen_random_uuid(), '', now(), '', now(), '', '', '')
    RETURNING id"""
CONTACT = """INSERT INTO recall_contact (id, version, recall_id, patient_id, state, reached_by, tries)
    VALUES (gen_random_uuid(), 1, :recall, :patient, 'to tell', '', 0) RETURNING id"""


async def recalled(database: Any, ids: dict[str, str], patient: Any) -> None:
    """An open recall, and this patient on its list."""
    ids["recall"] = str(await database.one.scalar(text(RECALL)))
    about = {"recall": ids["recall"], "patient": patient}
    ids["recall_contact"] = str(await database.one.scalar(text(CONTACT), about))


FAILED_JOB = """INSERT INTO galen.pgqueuer (priority, entrypoint, status, payload) VALUES (0, 'tests.job', 'failed',
    convert_to(json_build_object('organization', CAST(:organization AS text))::text, 'UTF8')) RETURNING id"""


RECORDS = {
    "product": "product",
    "medicine": "product",
    "pharmacy": "site",
    "vitals": "vitals",
    "level": "stock_level",
    "contact": "recall_contact",
}


def filled(path: str, ids: dict[str, str]) -> str:
    """The path with ids of one relation; a parameter is named after its record."""

    def one(match: re.Match[str]) -> str:
        name = match[1].removesuffix("_id")
        if name == "organization":
            return "north"
        return ids.get(RECORDS.get(name, name)) or ids.get(name) or str(uuid7())

    return re.sub(r"{(\w+)}", one, path)


def sample(schema: dict[str, Any], whole: dict[str, Any], name: str, ids: dict[str, str]) -> Any:
    """The smallest value that a field accepts; an id is that of the record it is named after."""
    if "$ref" in schema:
        return sample(whole["$defs"][schema["$ref"].rpartition("/")[2]], whole, name, ids)
    if "anyOf" in schema:
        return sample(next(s for s in schema["anyOf"] if s.get("type") != "null"), whole, name, ids)
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind, shape = schema.get("type"), schema.get("format", "")
    if kind == "object":
        wanted = schema.get("required", [])
        return {n: sample(s, whole, n, ids) for n, s in schema.get("properties", {}).items() if n in wanted}
    if kind == "array":
        return [sample(schema.get("items", {}), whole, name, ids)] * schema.get("minItems", 0)
    if kind in ("integer", "number"):
        return max(1, schema.get("minimum", 1))
    if kind == "boolean":
        return False
    if shape == "uuid":
        record = name.removesuffix("_id")
        return ids.get(RECORDS.get(record, record)) or str(uuid7())
    texts = {"date": "2026-11-20", "date-time": "2026-11-24T01:00:00+00:00", "time": "09:00", "password": PASSWORD}
    return (
        texts.get(shape)
        or SAMPLES.get(name)
        or "sample"[: schema.get("maxLength", 60)].ljust(schema.get("minLength", 0), "x")
    )


SAMPLES = {
    "email": "somebody@people.example", "username": "somebody", "code": "J06.9", "unit_price": "1.00", "amount": "1.00",
    "zone": "Australia/Sydney", "permissions": "patient.read", "price": "1.00", "generic": "paracetamol",
}  # fmt: skip


@cache
def schema_of(draft: Any) -> dict[str, Any]:
    return dict(draft.model_json_schema())


async def outcome(client: Any, database: Any, route: Route, ids: dict[str, str]) -> str:
    """What one person gets, undone at once: `may`, `empty` (a list with nothing in it), `unseen`, `no`, `sign in`.

    Whoever gets past the door and meets a refusal about the thing itself (409, 422) `may`; `body` marks a draft that
    the sample could not fill, so that the id in the path was never opened.
    """
    if route.method == SOCKET:
        code = await close_code(client, filled(route.path, ids))
        return WORDS.get(code - 4000, "may")
    json = bool(route.json or route.media_type)
    path = ("/api/v1" if json else "") + filled(route.path, ids)
    body = None
    if route.method in ("POST", "PUT", "PATCH"):
        schema = schema_of(route.draft.annotation) if route.draft else {}
        body = sample({**schema, "type": "object"}, schema, "", ids) if schema else {}
    undo = await database.one.begin_nested()
    try:
        headers = {} if json else {"accept": "text/html", "hx-request": "true"}
        answer = await client.request(route.method, path, json=body, headers=headers)
    finally:
        await undo.rollback()
    said = answer.json() if "json" in answer.headers.get("content-type", "") and answer.content else None
    if answer.status_code == 403 and isinstance(said, dict) and said["code"] not in ("forbidden", "forged_form"):
        return "may"  # the permission is there; the password of the sample is not
    if answer.status_code == 422 and isinstance(said, dict) and said.get("code") == "invalid" and "errors" in said:
        return "body"
    if said == [] or (isinstance(said, dict) and said.get("items") == []):
        return "empty"
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
    how = "GALEN_WRITE_MATRIX=1 .venv/bin/python -m pytest tests/matrix writes who_may.csv: then read the difference."
    assert wrong == [], "\n".join(["", *wrong, how])
    assert set(expected) == set(found), f"no longer there: {sorted(set(expected) - set(found))}"


def test_no_route_is_reviewed_twice():
    reviewed = [row["route"] for row in csv.DictReader(TABLE_FILE.open())]
    assert sorted(set(reviewed)) == reviewed, "a row stands twice, or out of order"


@pytest.mark.parametrize(
    "permission", ["prescription.sign", "stock.adjust", "account.write", "payment.take", "audit.read"]
)
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


def test_every_permission_of_every_route_is_known_and_held_by_somebody(application):
    assert TABLE
    for route in TABLE:
        permission = route.permission
        if not permission.startswith("public."):
            assert permission in identity.PERMISSIONS, f"{route.path}: {permission} is in no list"
            holders = [r for r in identity.ROLES if grants(identity.permissions_of([r]), permission)]
            assert holders, f"{route.path}: nobody holds {permission}"
