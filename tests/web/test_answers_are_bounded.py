"""What is read and answered does not grow with the house: every GET, in a clinic where years have passed."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest
from sqlalchemy import event, text

from bench.crowded import crowd
from bench.holding import ASKED, shapes_of
from galen.core.database import schema_of
from galen.core.finish import finish
from galen.core.record import Record
from galen.core.web.routes import TABLE
from galen.demo.build import MODULES
from tests.conftest import Client

OpenAs = Callable[..., Awaitable[Client]]
ROWS = 1_500  # of each kind; a page shows a hundred, of several kinds
MOST_RECORDS, MOST_BYTES = 700, 400_000
CAST = ["ada", "ruth", "ben", "max", "iris"]


@pytest.fixture
def loaded() -> Iterator[Counter[str]]:
    """How many records of each kind a session made from rows."""
    found: Counter[str] = Counter()

    def count(record: Record, *_: Any) -> None:
        found[record.__tablename__] += 1

    event.listen(Record, "load", count, propagate=True)
    yield found
    event.remove(Record, "load", count)


@pytest.fixture
async def ids(system: Any, database: Any) -> dict[str, str]:
    """Years have passed; of each kind of record the id of one."""
    for name in MODULES:
        if find_spec(f"galen.demo.{name}") and hasattr(module := import_module(f"galen.demo.{name}"), "seed_bulk"):
            await module.seed_bulk(system)
            await finish(system)
    await database.raw.execute("RESET ROLE")
    await crowd(database.raw, schema_of("north"), ROWS)
    await database.enter("north")
    tables = [table.name for table in Record.metadata.sorted_tables if table.schema is None]
    found = {name: await database.one.scalar(text(f"SELECT id FROM {name} LIMIT 1")) for name in tables}
    return {f"{name}_id": str(id) for name, id in found.items()}


async def test_no_answer_grows_with_what_the_house_holds(
    client: OpenAs, ids: dict[str, str], loaded: Counter[str]
) -> None:
    too_much = []
    for who in CAST:
        person, asked = await client(who), 0
        for path, accept, query in shapes_of(TABLE, ids):
            loaded.clear()
            answer = await person.get(path, params=query, headers={"accept": accept})
            asked += answer.status_code == 200
            records, size = loaded.total(), len(answer.content)
            if records > MOST_RECORDS or size > MOST_BYTES:
                most = dict(loaded.most_common(3))
                too_much.append(f"{who}: {path} ({accept}): {records} records {most}, {size} bytes")
        assert asked > 60, who
    assert not too_much, "\n".join(too_much)


def test_what_is_asked_covers_the_table() -> None:
    assert len(list(shapes_of(TABLE, {}))) > 90 and ASKED["q"]
