"""The reference: a bare Starlette endpoint over a bare asyncpg pool. As little as anyone could do."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from galen.core.database import dsn
from galen.provisioning.server import app_url, attached

ONE = "SELECT id, number, family, given, sex, born, phone FROM patient WHERE id = $1"
MANY = (
    'SELECT id, number, family, given, sex, born, phone FROM patient WHERE search COLLATE "C" >= $1 '
    'AND search COLLATE "C" < $2 ORDER BY search COLLATE "C" LIMIT 25'
)


async def by_id(request: Request) -> Response:
    row = await request.app.state.pool.fetchrow(ONE, UUID(request.path_params["id"]))
    return Response(orjson.dumps(dict(row), default=str), media_type="application/json")


async def many(request: Request) -> Response:
    begin = request.query_params["query"]
    rows = await request.app.state.pool.fetch(MANY, begin, begin[:-1] + chr(ord(begin[-1]) + 1))
    return Response(orjson.dumps([dict(r) for r in rows], default=str), media_type="application/json")


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    async def enter(connection: asyncpg.Connection) -> None:
        await connection.execute("SET ROLE org_north; SET search_path TO org_north, galen")

    # no reset between requests: the reference is what a bare endpoint costs at the least
    app.state.pool = await asyncpg.create_pool(
        dsn(app_url(attached())), min_size=4, max_size=10, init=enter, reset=lambda _: nothing()
    )
    yield
    await app.state.pool.close()


async def nothing() -> None:
    return None


app = Starlette(routes=[Route("/one/{id}", by_id), Route("/many", many)], lifespan=lifespan)

if __name__ == "__main__":
    uvicorn.run(
        app, port=int(os.environ["GALEN_PORT"]), log_level="warning", access_log=False, loop="uvloop", http="httptools"
    )
