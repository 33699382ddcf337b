"""Two organisations on one server see nothing of each other: not through a page, not through SQL under their role."""

import asyncpg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from galen import organizations, patients
from galen.core.database import schema_of

SIGN_IN = {"username": "zoe", "password": "try-galen-today", "organization": "south"}


async def southerner(client):
    zoe = await client()
    signed = await zoe.post("/api/v1/auth/login", json=SIGN_IN)
    zoe.headers["authorization"] = f"Bearer {signed.json()['access_token']}"
    return zoe


async def test_lists_hold_ones_own_only(client):
    zoe, ada = await southerner(client), await client("ada")
    assert [p["family"] for p in (await zoe.get("/api/v1/patients")).json()] == ["Stone"]
    assert {p["family"] for p in (await ada.get("/api/v1/patients")).json()} == {"Quill", "Bright", "O'Brien"}
    assert [s["name"] for s in (await zoe.get("/api/v1/sites")).json()] == ["Riverside Clinic", "Riverside Pharmacy"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("patients/{patient}", 404),
        ("patients/{patient}/timeline", 404),
        ("sites/{site}", 404),
        ("patients/{patient}/identifiers", 404),
    ],
)
async def test_what_belongs_to_another_organisation_is_not_found(client, ada, mara, path, status):
    site = (await organizations.sites(ada))[0]
    there = path.format(patient=mara.id, site=site.id)
    zoe = await southerner(client)
    answer = await zoe.get(f"/api/v1/{there}")
    assert answer.status_code == status
    assert (await (await client("ada")).get(f"/api/v1/{there}")).status_code == 200


async def test_the_same_name_signs_in_at_ones_own_organisation_only(client):
    nobody = await client()
    answer = await nobody.post("/api/v1/auth/login", json={**SIGN_IN, "username": "ada"})
    assert answer.status_code == 401


async def test_a_token_of_one_organisation_says_so_and_cannot_be_turned(client, mara):
    ada = await client("ada")
    answer = await ada.get("/api/v1/sites", params={"organization": "south"})
    assert {s["name"] for s in answer.json()} == {"Harbour Clinic", "Harbour Pharmacy"}


async def test_an_organisation_that_does_not_exist_is_named_in_the_answer(client):
    answer = await (await client()).post("/api/v1/auth/login", json={**SIGN_IN, "organization": "nowhere"})
    assert (answer.status_code, answer.json()["detail"]) == (404, "There is no organisation “nowhere” here.")


REFUSED = "InsufficientPrivilege"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM org_south.patient",
        "UPDATE org_south.patient SET family = 'x'",
        "INSERT INTO org_south.counter (id, version, name, value) VALUES (gen_random_uuid(), 1, 'x', 1)",
        "DELETE FROM org_south.account",
        "SELECT count(*) FROM org_south.audit_entry",
        "TRUNCATE patient CASCADE",
        "DROP TABLE patient",
        "SELECT * FROM galen.pgqueuer",
        "INSERT INTO galen.organization SELECT * FROM galen.organization",
    ],
)
async def test_under_its_role_an_organisation_reaches_nothing_else(committed, statement):
    with pytest.raises(DBAPIError) as refused:
        async with committed.as_system("north", "test") as ctx:
            await ctx.db.execute(text(statement))
    assert REFUSED in type(refused.value.orig.__cause__).__name__


async def test_without_an_organisation_the_application_sees_none_of_them(committed):
    async with committed.database.engine.connect() as connection:
        for schema in ("org_north", "org_south"):
            with pytest.raises(DBAPIError, match="permission denied"):
                await connection.execute(text(f"SELECT * FROM {schema}.patient"))
            await connection.rollback()


async def test_the_search_path_alone_opens_no_other_schema(committed):
    """The role is the wall; the search path only says which table a bare name means."""
    with pytest.raises(DBAPIError) as refused:
        async with committed.as_system("north", "test") as ctx:
            await ctx.db.execute(text("SET LOCAL search_path TO org_south, galen"))
            await ctx.db.execute(text("SELECT * FROM patient"))
    assert getattr(refused.value.orig, "sqlstate", "") in ("42P01", "42501")  # no such table, or not allowed


async def test_a_connection_comes_back_to_its_own_organisation(committed):
    """The trap: a pooled connection keeps its role. Whatever it served last, it steps into the one asked for."""
    for slug, family in (("north", "Quill"), ("south", "Stone"), ("north", "Quill"), ("south", "Stone")):
        async with committed.as_system(slug, "test") as ctx:
            role = (await ctx.db.execute(text("SELECT current_user"))).scalar()
            found = await ctx.db.scalars(select(patients.Patient.family))
            assert role == schema_of(slug)
            assert family in list(found)


async def test_a_rollback_does_not_throw_a_connection_back_into_another_organisation(committed):
    """The trap: a rollback takes SET ROLE back with it, and the connection would serve the last organisation again."""
    async with committed.as_system("south", "test") as ctx:
        assert await ctx.raw.fetchval("SELECT current_user") == "org_south"
    with pytest.raises(RuntimeError):
        async with committed.as_system("north", "test"):
            raise RuntimeError
    async with committed.as_system("north", "test") as ctx:
        assert await ctx.raw.fetchval("SELECT current_user") == "org_north"
        assert await ctx.raw.fetchval("SELECT family FROM patient WHERE number = 'P000001'") == "Quill"


async def test_set_role_is_a_trap_that_only_raw_sql_can_fall_into(committed):
    """The login may become any organisation (it serves all of them): injected SQL could name another role.

    The wall holds for every statement that runs under a role; it does not hold for whoever may write SET ROLE. asyncpg
    sends prepared statements, which are one command each: an injected second command is refused by the protocol itself.
    """
    with pytest.raises(asyncpg.PostgresSyntaxError, match="multiple commands"):
        async with committed.as_system("north", "test") as ctx:
            await ctx.raw.fetchval("SELECT $1::int; SET ROLE org_south", 1)
    async with committed.as_system("north", "test") as ctx:
        assert await ctx.raw.fetchval("SELECT current_user") == "org_north"
