"""Bringing a database to the present: roles, the shared schema, and each organisation's own."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import URL, Connection
from sqlalchemy.ext.asyncio import create_async_engine

from galen.core.crypto import mark, password_for
from galen.core.database import APP_ROLE, async_url, dsn, schema_of
from galen.core.errors import Refusal
from galen.core.record import SHARED
from galen.settings import settings
from galen.values.ids import uuid7

from .schema import organization_grants, organization_roles

PATIENCE = 20
MARKED = "Galen, made with secret "
MIGRATIONS = Path(__file__).parents[3] / "migrations"


class TooOld(Refusal):
    message = "This PostgreSQL is version {version}; Galen needs 15 or newer."


class OtherSecret(Refusal):
    message = (
        "The master secret ({given}) is not the one that this database was made with: put the right one back. "
        "Nothing was changed."
    )


class NoRightToPrepare(Refusal):
    message = "The database user in GALEN_DATABASE_URL may not create roles and schemas; give it CREATEROLE and CREATE."


async def prepare(owner_url: str) -> None:
    """The application's role and the shared schema, then every migration everywhere."""
    connection = await connect(owner_url)
    try:
        if connection.get_server_version().major < 15:
            raise TooOld(version=connection.get_server_version().major)
        await refuse_other_secret(connection)  # before the application's password is made from it
        await patiently(connection, app_role())
        await patiently(connection, f"CREATE SCHEMA IF NOT EXISTS {SHARED}")
        await patiently(connection, f"COMMENT ON SCHEMA {SHARED} IS '{MARKED}{mark()}'")
        await patiently(connection, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    except asyncpg.InsufficientPrivilegeError:
        raise NoRightToPrepare from None
    finally:
        await connection.close()
    await migrate(owner_url, SHARED)
    for slug in await slugs(owner_url):
        await build_organization(owner_url, slug)


async def patiently(connection: asyncpg.Connection, statement: str) -> None:
    """Roles belong to the whole server. When two change one at the same moment PostgreSQL refuses one (XX000)."""
    for attempt in range(PATIENCE):
        try:
            await connection.execute(statement)
            return
        except asyncpg.InternalServerError:
            if attempt == PATIENCE - 1:
                raise
            await asyncio.sleep(0.05 * (attempt + 1))


async def refuse_other_secret(connection: asyncpg.Connection) -> None:
    """The comment of the shared schema marks the secret that a database was made with; dumps carry it along."""
    comment = await connection.fetchval("SELECT obj_description(to_regnamespace($1))", SHARED)
    if comment and comment.startswith(MARKED) and comment != MARKED + mark():
        given = "GALEN_SECRET" if settings().secret else f"the file {settings().var / 'secret'}"
        raise OtherSecret(given=given)


def app_role() -> str:
    """The login that web and worker use. It owns nothing, and inherits nothing of the roles it may become."""
    secret = password_for(APP_ROLE)
    return f"""DO $$ BEGIN
        CREATE ROLE {APP_ROLE} LOGIN NOINHERIT;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$; ALTER ROLE {APP_ROLE} PASSWORD '{secret}'"""


async def connect(url: str | URL) -> asyncpg.Connection:
    return await asyncpg.connect(dsn(url), timeout=10)


async def slugs(owner_url: str) -> list[str]:
    connection = await connect(owner_url)
    try:
        return [row["slug"] for row in await connection.fetch("SELECT slug FROM galen.organization ORDER BY id")]
    finally:
        await connection.close()


async def add_organization(owner_url: str, slug: str, name: str, country: str, currency: str, zone: str) -> None:
    """Name an organisation and build its schema; doing it again only brings the schema to the present."""
    schema_of(slug)
    connection = await connect(owner_url)
    try:
        await connection.execute(
            "INSERT INTO galen.organization (id, version, slug, name, country, currency, zone) "
            "VALUES ($1, 1, $2, $3, $4, $5, $6) ON CONFLICT (slug) DO NOTHING",
            *(uuid7(), slug, name, country, currency, zone),
        )
    finally:
        await connection.close()
    await build_organization(owner_url, slug)


async def build_organization(owner_url: str, slug: str) -> None:
    connection = await connect(owner_url)
    try:
        for statement in organization_roles(slug):
            await patiently(connection, statement)
        await migrate(owner_url, schema_of(slug))
        for statement in organization_grants(slug):
            await patiently(connection, statement)
    finally:
        await connection.close()


async def migrate(owner_url: str, schema: str) -> None:
    """Run the history in one schema, in one transaction; where it has been run to its end, that is seen at once."""
    if await at_present(owner_url, schema):
        return
    engine = create_async_engine(async_url(owner_url), hide_parameters=True)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(upgrade, schema)
    finally:
        await engine.dispose()


async def at_present(owner_url: str, schema: str) -> bool:
    newest = max(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    connection = await connect(owner_url)
    try:
        if not await connection.fetchval("SELECT to_regclass($1)", f"{schema}.alembic_version"):
            return False
        reached = await connection.fetchval(f"SELECT version_num FROM {schema}.alembic_version")  # noqa: S608 own name
        return bool(reached == newest)
    finally:
        await connection.close()


def upgrade(connection: Connection, schema: str) -> None:
    connection.exec_driver_sql(f"SET LOCAL search_path TO {schema}" + ("" if schema == SHARED else f", {SHARED}"))
    from alembic import command  # a start at which nothing is to be migrated does without it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes |= {"connection": connection, "schema": schema}
    command.upgrade(config, "head")


def script(file: Path) -> None:
    """Run a file of SQL inside a migration, all statements at once."""
    from alembic import op

    connection: Any = op.get_bind().connection
    connection.run_async(lambda raw: raw.execute(file.read_text()))


def in_shared_schema() -> bool:
    """Whether this migration now runs in the schema that all organisations share."""
    from alembic import op

    return str(op.get_context().opts["schema"]) == SHARED
