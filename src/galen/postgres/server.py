"""The server's life: made, started, waited for, shared by those who use it, stopped by the last of them."""

import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote

from . import locks
from .account import ServerAccount, account_for
from .binaries import PostgresUnavailable, bin_folder, initdb_options, major, same_version
from .configuration import arguments
from .probe import answers

SOCKET_LIMIT = 107
"""Bytes that the path of a unix socket may have."""

RECOVERY = 300.0
"""Seconds that a server may need to replay its log after a crash."""

PATIENCE = 30.0
"""Seconds to wait for the remains of a server that was killed."""


class Server:
    """A PostgreSQL in `folder`; `fast` gives up safety against power loss, for tests alone."""

    def __init__(self, folder: Path, fast: bool = False) -> None:
        self.folder = folder.absolute()
        self.fast = fast
        self.data = self.folder / "data"
        self.log = self.folder / "postgresql.log"
        self._users: IO[str] | None = None
        self._child: subprocess.Popen[str] | None = None
        self._log_start = 0

    @property
    def url(self) -> str:
        """The address of the database `postgres`, as the superuser."""
        password = (self.folder / "password").read_text().strip()
        return f"postgresql://postgres:{password}@/postgres?host={quote(str(self._socket))}"

    @property
    def running(self) -> bool:
        """Whether a query gets its answer; no file on disk counts as proof."""
        return (self.folder / "password").exists() and answers(self.url)

    @property
    def alive(self) -> bool:
        """Whether its process is there, which costs next to nothing to ask."""
        return self._child.poll() is None if self._child else self._postmaster() is not None

    def revive(self) -> None:
        """Start it again after it has died; who used it goes on using it."""
        account = self._prepare(bin_folder())
        with locks.alone(self.folder / "start.lock", account):
            if not self.running:
                self._launch(account)

    def start(self) -> str:
        """Start the server unless it runs, and become one of its users; the URL of its superuser."""
        try:
            programs = bin_folder()
            account = self._prepare(programs)
            with locks.alone(self.folder / "start.lock", account):
                self._users = self._users or locks.join(self.folder / "users.lock", account)
                if not self.running:
                    self._launch(account)
                return self.url
        except OSError as error:
            self._forsake()
            raise PostgresUnavailable(self._sentence(f"{error.filename or self.folder}: {error.strerror}")) from error
        except BaseException:
            self._forsake()
            raise

    def stop(self) -> None:
        """Leave the server; the last of its users shuts it down."""
        if self._users is None:
            return
        account = account_for(self.folder, Path())
        with locks.alone(self.folder / "start.lock", account):
            users, self._users = self._users, None
            if locks.leave(users) and (pid := self._postmaster()):
                self._shut_down(pid)

    def _prepare(self, programs: Path) -> ServerAccount:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        account = account_for(self.folder, programs)
        _make(self.folder, account)
        return account

    def _forsake(self) -> None:
        """A start that failed uses nothing and leaves nothing of its own running."""
        if self._users is not None:
            locks.leave(self._users)
            self._users = None
        if self._child is not None and self._child.poll() is None:
            self._child.send_signal(signal.SIGINT)

    # -- making ------------------------------------------------------------------------------------------------

    def _initialise(self, account: ServerAccount, programs: int) -> None:
        """A new cluster, complete or not there at all."""
        password, fresh = self.folder / "password", self.folder / "data.new"
        with account.open(password, "w") as file:
            file.write(secrets.token_urlsafe(32))
        shutil.rmtree(fresh, ignore_errors=True)
        _make(fresh, account)
        sync = ["--no-sync"] if self.fast else []
        command: list[str | Path] = [
            account.programs / "initdb",
            "-D",
            fresh,
            f"--pwfile={password}",
            *initdb_options(programs),
            *sync,
        ]
        initdb = account.spawn(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output = initdb.communicate()[0]
        if initdb.returncode != 0:
            raise PostgresUnavailable(self._sentence(output))
        fresh.rename(self.data)

    @property
    def _socket(self) -> Path:
        """The folder of the socket: beside the data, or where `_make_socket` noted it when that path is too long."""
        near = self.folder / "socket"
        if len(os.fsencode(near / ".s.PGSQL.5432")) <= SOCKET_LIMIT and "," not in str(near):
            return near
        note = self.folder / "socket.path"
        return Path(note.read_text()) if note.exists() else near

    def _make_socket(self, account: ServerAccount) -> None:
        near, note = self.folder / "socket", self.folder / "socket.path"
        if len(os.fsencode(near / ".s.PGSQL.5432")) <= SOCKET_LIMIT and "," not in str(near):
            return _make(near, account)
        if note.exists() and (old := Path(note.read_text())).is_dir() and old.owner() == self.data.owner():
            return None
        short = Path(tempfile.mkdtemp(prefix="galen-", dir="/tmp"))
        account.own(short)
        note.write_text(str(short))
        return None

    # -- starting and stopping -----------------------------------------------------------------------------------

    def _launch(self, account: ServerAccount) -> None:
        """Start until a query is answered, over the remains of a server that was killed if need be."""
        programs = major(account.version)
        if not self.data.exists():
            self._initialise(account, programs)
        if not (self.folder / "password").exists():
            raise PostgresUnavailable(
                f"The password of the data in {self.data} is gone: put {self.folder}/password back."
            )
        same_version(self.data, programs)
        self._make_socket(account)
        self._child = None
        began = time.monotonic()
        while not self.running:
            elapsed = time.monotonic() - began
            if elapsed > RECOVERY:
                raise PostgresUnavailable(f"PostgreSQL did not answer within {RECOVERY:.0f} s; its log is {self.log}.")
            if self._child is None and self._postmaster() is None:
                self._spawn(account)
            elif self._child is not None and self._child.poll() is not None:
                self._child = None
                output = self.log.read_bytes()[self._log_start :].decode(errors="replace")
                if (
                    not re.search("lock file .* already exists|shared memory block .* in use", output)
                    or elapsed > PATIENCE
                ):
                    raise PostgresUnavailable(self._sentence(output))
                time.sleep(0.5)
                if elapsed > PATIENCE / 10:
                    self._clear_remains()
            time.sleep(0.02)

    def _spawn(self, account: ServerAccount) -> None:
        if self.log.exists() and self.log.stat().st_size > 1_000_000:
            self.log.replace(self.log.with_suffix(".old.log"))
        with account.open(self.log, "a") as log:
            self._log_start = log.tell()
            command: list[str | Path] = [
                account.programs / "postgres",
                "-D",
                self.data,
                *arguments(self._socket, self.fast),
            ]
            self._child = account.spawn(*command, stdout=log, stderr=log)

    def _postmaster(self) -> int | None:
        """The server's process, if the PID file tells the truth: a PID outlives its process and is used again."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return pid if os.fsencode(self.data) in _command(pid) else None

    def _clear_remains(self) -> None:
        """Remove lock files whose process is no server of ours; PostgreSQL still refuses while its memory is in use."""
        if self._postmaster() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            (self._socket / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _shut_down(self, pid: int) -> None:
        """A fast shutdown: sessions end, everything is written; after a minute without that, an immediate one."""
        for patience, sent in ((60, signal.SIGINT), (10, signal.SIGQUIT)):
            os.kill(pid, sent)
            began = time.monotonic()
            while time.monotonic() - began < patience:
                if not _command(pid):
                    return
                time.sleep(0.02)
        raise PostgresUnavailable(f"PostgreSQL (process {pid}) does not stop; its log is {self.log}.")

    def _sentence(self, output: str) -> str:
        if "No space left on device" in output:
            return f"No space is left on the disk that holds {self.folder}: free some and start again."
        if "Permission denied" in output:
            return f"{self.folder} belongs to another account ({_last(output)}): run as that account or set GALEN_VAR."
        return f"PostgreSQL cannot start in {self.folder}: {_last(output)}"


def _last(output: str) -> str:
    """The line that tells why."""
    lines = output.strip().splitlines() or ["it ended without a word."]
    telling = [line for line in lines if re.search("FATAL|PANIC|error:", line)]
    return re.sub("^.*?(FATAL|PANIC|error): *", "", (telling or lines)[0 if telling else -1])


def _command(pid: int) -> list[bytes]:
    """The arguments of a living process; none for one that has ended, even if nobody has collected it yet."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1]
    except OSError:
        return []


def _make(folder: Path, account: ServerAccount) -> None:
    """A folder that only the account may enter; one that exists is left as it is."""
    if not folder.exists():
        folder.mkdir(mode=0o700)
        account.own(folder)


@contextmanager
def embedded(folder: Path, fast: bool = False) -> Iterator[str]:
    """The URL of the server in `folder` for as long as the block lasts: started, or shared with those who use it."""
    server = Server(folder, fast)
    url = server.start()
    try:
        yield url
    finally:
        server.stop()
