"""The migrations build what the records say: both ways lead to the same tables, constraints, functions and triggers."""

from typing import Any
from uuid import uuid4

import pytest

from galen.core.database import dsn, schema_of
from galen.provisioning import migrate, schema
from tests.conftest import named, on

PICTURE = {
    "columns": """SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
        WHERE table_schema = $1 AND table_name <> 'alembic_version' ORDER BY 1, 2""",
    "constraints": """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = $1::regnamespace AND conrelid <> 0 AND conname NOT LIKE 'alembic%' ORDER BY 1, 2""",
    "indexes": """SELECT indexname, regexp_replace(indexdef, ' ON [^ ]+ ', ' ON ') FROM pg_indexes
        WHERE schemaname = $1 AND indexname NOT LIKE 'alembic%' ORDER BY 1""",
    "functions": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = $1::regnamespace ORDER BY 1",
    "triggers": """SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger
        WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = $1::regnamespace)
        ORDER BY 1, 2""",
}


async def picture(url: Any, name: str) -> dict[str, list[tuple[Any, ...]]]:
    connection = await migrate.connect(url)
    try:
        await connection.execute(f"SET search_path TO {name}, galen")
        return {what: [tuple(r) for r in await connection.fetch(query, name)] for what, query in PICTURE.items()}
    finally:
        await connection.close()


@pytest.fixture
async def migrated(server: str):
    """An empty database brought to the present by the history alone."""
    name = f"galen_migrated_{uuid4().hex[:8]}"
    await on(server, f"CREATE DATABASE {name}")
    yield named(server, name)
    await on(server, f"DROP DATABASE {name} WITH (FORCE)")


async def test_the_history_builds_what_the_records_say(server, workshop, migrated):
    await migrate.prepare(dsn(migrated))
    await migrate.add_organization(dsn(migrated), "north", "Harbour Health", "AU", "AUD", "Australia/Sydney")
    for name in ("galen", schema_of("north")):
        built, said = await picture(migrated, name), await picture(named(server, workshop), name)
        for what in PICTURE:
            assert built[what] == said[what], f"{what} of {name} differ: write a migration"


async def test_doing_it_again_changes_nothing(migrated):
    for _ in range(2):
        await migrate.prepare(dsn(migrated))
        await migrate.add_organization(dsn(migrated), "north", "Harbour Health", "AU", "AUD", "Australia/Sydney")
    assert await migrate.slugs(dsn(migrated)) == ["north"]


async def test_a_short_name_that_is_no_name_is_refused(migrated):
    with pytest.raises(ValueError, match="small letters"):
        await migrate.add_organization(dsn(migrated), "north; drop schema galen", "X", "AU", "AUD", "UTC")


def test_an_organisation_may_only_add_to_append_only_tables():
    grants = " ".join(schema.organization_grants("north"))
    for table in ("audit_entry", "seal_record", "movement"):
        assert f"REVOKE UPDATE, DELETE, TRUNCATE ON org_north.{table} FROM org_north" in grants
