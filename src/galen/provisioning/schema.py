"""The tables as SQL: what the shared schema and each organisation's schema consist of, and who may do what there."""

from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import create_mock_engine
from sqlalchemy.dialects import postgresql

from galen.core.database import APP_ROLE, schema_of
from galen.core.record import SHARED, Record

FUNCTIONS = Path(__file__).parent / "functions.sql"


def statements(shared: bool) -> list[str]:
    """CREATE statements of all records, either those that organisations share or those each has for itself."""
    made: list[str] = []

    def keep(ddl: Any, *_: Any, **__: Any) -> None:
        text = ddl if isinstance(ddl, str) else str(ddl.compile(dialect=postgresql.dialect()))
        made.append(text.strip())

    engine: Any = create_mock_engine("postgresql+asyncpg://", keep)
    tables = [t for t in Record.metadata.sorted_tables if (t.schema == SHARED) is shared]
    Record.metadata.create_all(engine, tables=tables, checkfirst=False)
    runs = groupby(
        made, key=lambda statement: " INDEX " in statement.partition("(")[0]
    )  # SQLAlchemy keeps them as a set
    return [statement for are_indexes, run in runs for statement in (sorted(run) if are_indexes else run)]


def shared_sql() -> list[str]:
    """The shared schema: job queue, functions of core, shared records."""
    from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment  # the web server does without it

    queue = QueryBuilderEnvironment().build_install_query()
    return [f"SET search_path TO {SHARED}", queue, FUNCTIONS.read_text(), *statements(shared=True), *shared_grants()]


def shared_grants() -> list[str]:
    """Organisations read what is shared; only the worker's own login touches the queue."""
    return [
        f"GRANT USAGE ON SCHEMA {SHARED} TO PUBLIC",
        *[f"GRANT SELECT ON {t.fullname} TO PUBLIC" for t in Record.metadata.sorted_tables if t.schema == SHARED],
        f"REVOKE EXECUTE ON FUNCTION {SHARED}.enqueue, {SHARED}.tick FROM PUBLIC",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {SHARED}.pgqueuer, {SHARED}.pgqueuer_log, "
        f"{SHARED}.pgqueuer_schedules, {SHARED}.pgqueuer_statistics, {SHARED}.clock_slot TO {APP_ROLE}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {SHARED} TO {APP_ROLE}",
        f"GRANT EXECUTE ON FUNCTION {SHARED}.enqueue, {SHARED}.tick TO {APP_ROLE}",
    ]


def organization_roles(organization: str) -> list[str]:
    """A schema and a role for one organisation; the role owns nothing and the application may become it."""
    name = schema_of(organization)
    return [
        f"DO $$ BEGIN CREATE ROLE {name} NOLOGIN; "
        "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$",
        f"GRANT {name} TO {APP_ROLE}",
        f"CREATE SCHEMA IF NOT EXISTS {name}",
        f"GRANT USAGE ON SCHEMA {name} TO {name}",
    ]


def organization_grants(organization: str) -> list[str]:
    """Rows may be read and added; changed only where records may change; removed likewise."""
    name = schema_of(organization)
    kept = [f"{name}.{m.class_.__tablename__}" for m in Record.registry.mappers if m.class_.append_only]
    grants = [
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {name} TO {name}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {name} TO {name}",
        f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {name} TO {name}",
        f"REVOKE ALL ON {name}.alembic_version FROM {name}",
    ]
    return grants + [only_read_and_added(table, name) for table in sorted(kept)]


def only_read_and_added(table: str, role: str) -> str:
    """Where the table is there: whoever writes the migration that makes it builds the history without it."""
    revoke = f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}"
    return f"DO $$ BEGIN IF to_regclass('{table}') IS NOT NULL THEN {revoke}; END IF; END $$"


def freeze(folder: Path, revision: str) -> None:
    """Write the present tables as the two files of a first migration."""
    (folder / f"{revision}_shared.sql").write_text(";\n\n".join(s.rstrip(";") for s in shared_sql()[1:]) + ";\n")
    (folder / f"{revision}_organization.sql").write_text(
        ";\n\n".join(s.rstrip(";") for s in statements(shared=False)) + ";\n"
    )
