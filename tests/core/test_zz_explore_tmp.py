import asyncio
import pytest
from sqlalchemy import text
from galen.core.crypto import password_for
from galen.core.database import APP_ROLE, Database
from galen.core import migrate
from tests.conftest import named
from tests.conftest import *

@pytest.mark.parametrize("reading", [False, True])
@pytest.mark.parametrize("way", ["session", "raw"])
async def test_cancel(server, workshop, reading, way):
    database = Database(named(server, workshop, username=APP_ROLE, password=password_for(APP_ROLE)), pool=1)
    su = await migrate.connect(server)
    async def work():
        async with database.transaction("north", reading=reading) as db:
            if way == "session": await db.execute(text("SELECT pg_sleep(30)"))
            else: await db.info["raw"].execute("SELECT pg_sleep(30)")
    Q = "SELECT pid, state, query FROM pg_stat_activity WHERE usename='galen_app' AND datname=$1"
    t = asyncio.create_task(work())
    for _ in range(100):
        await asyncio.sleep(0.02)
        rows = await su.fetch(Q, workshop)
        if any("pg_sleep" in r["query"] and r["state"]=="active" for r in rows): break
    import time; t0=time.monotonic()
    t.cancel()
    try: await t
    except BaseException as e: print("\n", way, reading, repr(e)[:200], "took", time.monotonic()-t0)
    print("free", [(l.raw.is_closed(), l.connection.invalidated, l.serves) for l in database.lines.free], database.lines.places._value)
    print("server", [tuple(r) for r in await su.fetch(Q, workshop)])
    for i in range(2):
      try:
        async with database.transaction("north", reading=reading) as db:
            print("next", (await db.execute(text("SELECT current_user, current_schema(), pg_backend_pid()"))).all(), await db.info["raw"].fetchval("select pg_backend_pid()"))
      except BaseException as e: print("NEXT FAILED", repr(e)[:300])
    await asyncio.sleep(.3)
    print("server", [tuple(r) for r in await su.fetch(Q, workshop)])
    await database.close()
    await asyncio.sleep(.1)
    print("server", [tuple(r) for r in await su.fetch(Q, workshop)])
    await su.close()
