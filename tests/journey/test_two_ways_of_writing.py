"""What an action leaves in one statement is, to the letter, what SQLAlchemy's unit of work would have written."""

import re
from uuid import UUID

import asyncpg
import httpx2

from bench import journey as walking
from bench.journey import Journey, Staff
from bench.world import fill_shelves, open_all_day
from galen.core import guard
from galen.core.database import dsn
from galen.core.writing import written_down
from tests.conftest import named

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


async def walked(house, application, monkeypatch) -> None:
    application.state.house = house
    async with house.as_system("north", "test") as ctx:
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


async def picture(server: str, house) -> dict[str, list[str]]:
    """Every row of the organisation, without what is of the moment."""
    connection = await asyncpg.connect(dsn(named(server, house.database.engine.url.database)))
    try:
        found = {}
        for table, columns in await connection.fetch(TABLES):
            rows = await connection.fetch(f"SELECT row_to_json(r) FROM (SELECT {columns} FROM org_north.{table}) r")
            found[table] = sorted(plain(row[0]) for row in rows)
        return found
    finally:
        await connection.close()


def plain(row: str) -> str:
    for pattern, word in OF_THE_MOMENT:
        row = re.sub(pattern, word, row)
    return row


async def test_both_ways_leave_the_same_rows(server, committed, committed_too, application, monkeypatch):
    ways = []
    monkeypatch.setattr(guard, "written_down", lambda *asked: ways.append(found := written_down(*asked)) or found)
    await walked(committed, application, monkeypatch)
    assert len([way for way in ways if way]) >= 12, "hardly an action was written in one statement: this proves nothing"

    monkeypatch.setattr(guard, "written_down", lambda *_: None)
    await walked(committed_too, application, monkeypatch)

    one, other = await picture(server, committed), await picture(server, committed_too)
    for table, rows in one.items():
        assert rows == other[table], table
