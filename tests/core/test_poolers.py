"""A pooler that gives sessions to others is refused at start; one that keeps them apart is not. On a real PgBouncer."""

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from galen.core.crypto import password_for
from galen.core.database import APP_ROLE, Database, dsn
from galen.postgres.account import account_for
from galen.postgres.binaries import bin_folder
from galen.provisioning import server as start
from galen.provisioning.server import SharedSessions, Unreachable
from tests.commands.conftest import galen
from tests.conftest import named

PGBOUNCER = shutil.which("pgbouncer", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
pytestmark = pytest.mark.skipif(PGBOUNCER is None, reason="there is no PgBouncer: install the package pgbouncer")
SETTINGS = """
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen_port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = {mode}
ignore_startup_parameters = {ignored}
logfile = {folder}/log
"""

LET_THROUGH = "jit, lock_timeout, statement_timeout, idle_in_transaction_session_timeout"
"""As docs/operating.md says."""

Through = Callable[..., str]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def pooler(server: str, workshop: str, tmp_path: Path) -> Iterator[Callable[[str], Through]]:
    """A pooler in a mode, on a port of its own: what it gives makes addresses that lead through it."""
    running: list[subprocess.Popen[str]] = []
    account = account_for(tmp_path / "pooler", bin_folder())
    owner = named(server, workshop)
    passwords = {owner.username: owner.password, APP_ROLE: password_for(APP_ROLE)}

    def begin(mode: str, ignored: str = LET_THROUGH) -> Through:
        port = free_port()
        account.folder.mkdir()
        account.own(account.folder)
        with account.open(account.folder / "users", "w") as file:
            file.writelines(f'"{name}" "{password}"\n' for name, password in passwords.items())
        with account.open(account.folder / "settings", "w") as file:
            file.write(
                SETTINGS.format(
                    host=owner.host or owner.query["host"], port=owner.port or 5432, listen_port=port, mode=mode,
                    folder=account.folder, ignored=ignored,
                )
            )  # fmt: skip
        running.append(account.spawn(str(PGBOUNCER), account.folder / "settings", stderr=subprocess.DEVNULL))
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert running[-1].poll() is None, (account.folder / "log").read_text()
            time.sleep(0.02)
        place = {"host": "127.0.0.1", "port": port, "query": {}}
        return lambda user=owner.username: dsn(owner.set(username=user, password=passwords[user], **place))

    yield begin
    for process in running:
        process.terminate()
        process.wait(10)


async def test_a_pooler_that_shares_sessions_is_refused(pooler):
    through = pooler("transaction")
    for address in (through(), through(APP_ROLE)):
        with pytest.raises(SharedSessions, match=r"at 127\.0\.0\.1 stands a pooler .* pool_mode = session"):
            await start.refuse_unreachable(address)
    with pytest.raises(SharedSessions):
        await start.refuse_unfit(through())


async def test_a_pooler_that_shares_sessions_is_refused_while_others_use_it(pooler):
    through = pooler("transaction")

    async def work() -> None:
        async with start.connected(through()) as connection:
            while True:
                await start.fetched(connection, "SELECT pg_sleep(0.001)::text")

    others = [asyncio.create_task(work()) for _ in range(6)]
    try:
        for _ in range(5):
            assert await start.sessions_are_shared(through())
        assert not any(task.done() for task in others)
    finally:
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


@pytest.mark.parametrize("command", ["run", "web", "worker", "migrate"])
def test_no_way_of_starting_goes_through_it(pooler, tmp_path, command):
    env = {"GALEN_DATABASE_URL": pooler("transaction")(), "GALEN_VAR": str(tmp_path), "GALEN_PORT": str(free_port())}
    ended = galen(env, command)
    assert ended.returncode == 1
    assert "stands a pooler that gives a session to somebody else" in ended.stderr


async def test_a_pooler_that_keeps_sessions_apart_is_taken(pooler):
    through = pooler("session")
    await start.refuse_unfit(through())
    assert not await start.sessions_are_shared(through(APP_ROLE))
    database = Database(through(APP_ROLE), pool=2)
    for organization in ("north", "south") * 3:
        async with database.transaction(organization) as db:
            assert await db.scalar(text("SELECT current_user")) == f"org_{organization}"
    await database.close()


async def test_the_database_itself_is_taken(server, workshop):
    await start.refuse_unfit(dsn(named(server, workshop)))


async def test_a_pooler_that_refuses_the_settings_of_a_session_says_so(pooler):
    with pytest.raises(Unreachable, match="unsupported startup parameter"):
        await start.refuse_unreachable(pooler("session", ignored="")())


async def test_without_a_second_connection_nothing_would_be_noticed(pooler, monkeypatch):
    """The broken variant: alone with an idle pooler, a connection finds its own session again."""
    monkeypatch.setattr(start, "LISTENERS", 0)
    await start.refuse_unreachable(pooler("transaction")())
