"""bin/bench holding: which handlers hold the event loop too long, over every GET of the table, as the cast.

What counts is how long a handler computes between two of its awaits (asgi/holding.py): a busy machine does no harm.
"""

import argparse
import asyncio
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import httpx2

from galen.app import build
from galen.core.database import async_url, dsn
from galen.core.web.routes import TABLE, Route
from galen.provisioning import migrate, server

from . import world
from .measures import token_for
from .serving import serving

CAST = ["ada", "nora", "ruth", "ben", "max", "iris"]
ASKED = {"q": "mar", "text": "1 tab po bd", "day": "2026-11-27", "since": "2026-11-01", "until": "2026-11-27"}
LINE = re.compile(r"held the loop\s.*?method=(?P<method>\w+) ms=(?P<ms>\d+) route=(?P<route>\S+)")


def main(given: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bin/bench holding", description=__doc__)
    parser.add_argument("--patients", type=int, default=world.PATIENTS)
    parser.add_argument("--limit", type=int, default=50, help="milliseconds that a handler may hold the loop")
    parser.add_argument("--rows", type=int, default=2000, help="of every other kind, most about the same few people")
    options = parser.parse_args(given)
    var = Path("var/bench/crowded").absolute()
    build(None)  # type: ignore[arg-type]
    with world.world(var, options.patients, options.rows) as url, tempfile.TemporaryFile("w+") as said:
        ids = asyncio.run(some_ids(url))
        with serving(["galen", "web"], var, {"GALEN_HOLD_MS": str(options.limit)}, said) as galen:
            asked = sum(walk(galen.url, token_for(galen, username), ids) for username in CAST)
        said.seek(0)
        held: dict[str, list[int]] = defaultdict(list)
        for line in said:
            if found := LINE.search(line):
                held[f"{found['method']} {found['route']}"].append(int(found["ms"]))
    for route, times in sorted(held.items(), key=lambda item: -max(item[1])):
        print(f"{max(times):6} ms at most, {len(times):3} times over {options.limit} ms  {route}")
    print(f"{asked} requests, {len(held)} routes that held the loop for {options.limit} ms or more.")


async def some_ids(url: str) -> dict[str, str]:
    """For each kind of record one that is there."""
    connection = await migrate.connect(dsn(async_url(await server.owner_url(url))))
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'org_north'")
    found = {}
    for (table,) in tables:
        if re.fullmatch("[a-z_]+", table) and table != "alembic_version":
            found[f"{table}_id"] = str(await connection.fetchval(f"SELECT id FROM org_north.{table} LIMIT 1"))
    await connection.close()
    return found


def walk(address: str, token: str, ids: dict[str, str]) -> int:
    """Every page and every answer, each twice: the first time makes templates and plans."""
    shapes = list(shapes_of(TABLE, ids))
    with httpx2.Client(base_url=address, headers={"authorization": f"Bearer {token}"}, timeout=120) as client:
        for path, accept, query in shapes:
            for _ in range(2):
                client.get(path, params=query, headers={"accept": accept})
    return 2 * len(shapes)


def shapes_of(table: Iterable[Route], ids: dict[str, str]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Each GET of the table in each of its shapes: the path with these ids in it, what it accepts, what it is asked."""
    for row in table:
        path = re.sub(r"\{(\w+)\}", lambda match: ids.get(match[1], "x"), row.path)
        if row.method == "GET" and "None" not in path:
            query = {p.name: ASKED[p.name] for p in row.parameters if p.name in ASKED}
            if row.json:
                yield "/api/v1" + path, "application/json", query
            if row.html:
                yield path, "text/html", query
