"""What the fast wing leaves in the database is, to the letter, what SQLAlchemy and FastAPI alone would have left."""

import re
from uuid import UUID

import asyncpg
import httpx2

from bench import journey as walking
from bench.journey import Journey, Staff
from bench.world import fill_shelves, open_all_day
from galen.app import build
from galen.core import fast
from galen.core import finish as finishing
from galen.core.database import dsn
from galen.core.fast.saving import plan_flush
from galen.settings import FAST
from tests.conftest import named, services_of_their_own

TABLES = """
SELECT table_name, string_agg(format('%I', column_name), ', ' ORDER BY ordinal_position) AS columns
FROM information_schema.columns
WHERE table_schema = 'org_north' AND data_type NOT IN ('uuid', 'bytea')
  AND column_name NOT IN ('content_hash', 'signature', 'seq') GROUP BY table_name ORDER BY table_name
"""
OF_THE_MOMENT = (
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "some-id"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d(:?\d\d)?|Z)?", "some-time"),
    (r"[A-Za-z0-9+/_-]{60,}=*", "some-proof"),
)


async def walked(services, application, monkeypatch) -> None:
    application.state.services = services
    async with services.as_system("north", "test") as ctx:
        await open_all_day(ctx)
        await fill_shelves(ctx)
    count = iter(range(10_000))
    client = httpx2.AsyncClient
    monkeypatch.setattr(walking, "uuid4", lambda: UUID(int=next(count)))
    with monkeypatch.context() as patch:
        through = httpx2.ASGITransport(app=application)
        patch.setattr(walking.httpx2, "AsyncClient", lambda **shape: client(transport=through, **shape))
        staff = await Staff.at("http://galen.test")
    for _, step in Journey(staff).steps:
        await step()
    for desk in (staff.ruth, staff.ada, staff.ben, staff.kim):
        await desk.client.aclose()


async def picture(server: str, services) -> dict[str, list[str]]:
    """Every row of the organisation, without what is of the moment."""
    connection = await asyncpg.connect(dsn(named(server, services.database.engine.url.database)))
    try:
        found = {}
        for table, columns in await connection.fetch(TABLES):
            rows = await connection.fetch(f"SELECT row_to_json(r) FROM (SELECT {columns} FROM org_north.{table}) r")
            found[table] = sorted(without_the_moment(row[0]) for row in rows)
        return found
    finally:
        await connection.close()


def without_the_moment(row: str) -> str:
    for pattern, word in OF_THE_MOMENT:
        row = re.sub(pattern, word, row)
    return row


async def test_the_fast_wing_and_the_plain_way_leave_the_same_rows(server, template, monkeypatch):
    monkeypatch.setattr(fast, "parts", lambda: FAST)
    plans = []
    monkeypatch.setattr(finishing, "plan_flush", lambda db: plans.append(plan := plan_flush(db)) or plan)
    async with services_of_their_own(server, template) as services:
        await walked(services, build(services), monkeypatch)
        quick = await picture(server, services)
    assert len([plan for plan in plans if plan]) >= 12, "hardly one was saved in one statement: this proves nothing"

    monkeypatch.setattr(fast, "parts", lambda: frozenset())
    plans.clear()
    async with services_of_their_own(server, template) as services:
        await walked(services, build(services), monkeypatch)
        plain = await picture(server, services)
    assert not any(plans), "the wing was not switched off"

    for table, rows in quick.items():
        assert rows == plain[table], table
