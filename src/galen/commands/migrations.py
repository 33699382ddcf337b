"""The next migration, written from what changed between the history and the records."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import uuid4

import asyncpg
import typer
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint
from sqlalchemy.schema import AddConstraint, CreateIndex

from galen.core.database import async_url, dsn, schema_of
from galen.core.errors import Refusal
from galen.core.record import SHARED, Record
from galen.modules import discover
from galen.provisioning import migrate, schema, server
from galen.provisioning.migrate import MIGRATIONS

from .differences import Picture, statements, taken

cli = typer.Typer()


class NoScratch(Refusal):
    message = "The database user may not create databases, and two are needed for a moment. Give it CREATEDB."


@cli.command()
def migration(words: Annotated[list[str], typer.Argument(help="What changed, in a few words.")]) -> None:
    """Write the next migration from what the records say and the history does not."""
    discover()
    shared, organization = asyncio.run(changed())
    if not shared and not organization:
        print("The history builds what the records say: nothing changed, and nothing was written.")
        return
    print("\n".join(written(" ".join(words), {"shared": shared, "organization": organization})))


async def changed() -> tuple[list[str], list[str]]:
    """The statements that lead from what the history builds to what the records say: shared ones, and one's own."""
    with server.running() as url:
        slug = f"scratch{uuid4().hex[:8]}"
        own = schema_of(slug)
        try:
            async with scratch(url) as history, scratch(url) as records:
                await migrate.prepare(history)
                await migrate.add_organization(history, slug, "Scratch", "AU", "AUD", "Australia/Sydney")
                await build_from_records(records, own)
                found = []
                for name in (SHARED, own):
                    was, now = await pictured(history, name), await pictured(records, name)
                    found.append(statements(was, now, defaults(), declared()))
                return found[0], found[1]
        finally:
            await on(url, f"DROP ROLE IF EXISTS {own}")


@asynccontextmanager
async def scratch(url: str) -> AsyncIterator[str]:
    """The address of an empty database, for a moment."""
    name = f"galen_scratch_{uuid4().hex[:8]}"
    try:
        await on(url, f"CREATE DATABASE {name}")
    except asyncpg.InsufficientPrivilegeError:
        raise NoScratch from None
    try:
        yield dsn(async_url(url, database=name))
    finally:
        await on(url, f"DROP DATABASE {name} WITH (FORCE)")


async def on(url: str, *commands: str) -> None:
    connection = await migrate.connect(url)
    try:
        for command in commands:
            await connection.execute(command)
    finally:
        await connection.close()


async def build_from_records(url: str, own: str) -> None:
    await on(url, f"CREATE SCHEMA {SHARED}", *schema.shared_sql(), f"CREATE SCHEMA {own}",
             "; ".join([f"SET search_path TO {own}, {SHARED}", *schema.statements(shared=False)]))  # fmt: skip


async def pictured(url: str, name: str) -> Picture:
    connection = await migrate.connect(url)
    try:
        return await taken(connection, name)
    finally:
        await connection.close()


def defaults() -> dict[tuple[str, str], str]:
    """What rows that are there get in a new column: the value that new records begin with, as SQL."""
    found = {}
    for table in Record.metadata.tables.values():
        for column in table.columns:
            if column.default is not None and column.default.is_scalar:
                literal = column.type.literal_processor(schema.postgresql.dialect())
                value = column.default.arg  # type: ignore[attr-defined]
                if literal:
                    found[table.name, column.name] = str(literal(value))
    return found


def declared() -> dict[tuple[str, str], str]:
    """Checks and indexes as the records declare them: what PostgreSQL makes of `IN (…)` it reads differently again."""
    found, dialect = {}, schema.postgresql.dialect()
    for table in Record.metadata.tables.values():
        for constraint in table.constraints:
            if isinstance(constraint, CheckConstraint):
                said = str(AddConstraint(constraint).compile(dialect=dialect))
                name, _, rule = said.partition(" ADD CONSTRAINT ")[2].partition(" ")
                found[table.name, name] = rule
        for index in table.indexes:
            found[table.name, str(index.name)] = str(CreateIndex(index).compile(dialect=dialect))
    return found


def written(message: str, parts: dict[str, list[str]]) -> list[str]:
    """The files of the migration: one in Python, and its SQL beside it."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    history = ScriptDirectory.from_config(config)
    head = history.get_current_head() or "0000"
    number = f"{int(head) + 1:04}"
    slug = re.sub(r"\W+", "_", message.lower()).strip("_")[:40]
    files = {part: f"{number}_{slug}_{part}.sql" if said else "" for part, said in parts.items()}
    for part, file in files.items():
        if file:
            (MIGRATIONS / "versions" / file).write_text("\n\n".join(parts[part]) + "\n")
    sentence = f"{message[:1].upper()}{message[1:].rstrip('.')}."
    history.file_template = f"%(rev)s_{slug}"
    history.generate_revision(number, sentence, head=head, **files)  # type: ignore[arg-type]
    todo = sum(statement.startswith("-- Decide") for said in parts.values() for statement in said)
    names = [f"{number}_{slug}.py", *filter(None, files.values())]
    lines = [f"migrations/versions/{name}" for name in names]
    if todo:
        lines.append(f"{todo} thing(s) to decide stand there as comments: what is gone may have been renamed.")
    return [*lines, "Read it, then see tests/provisioning/test_migrations.py agree."]
