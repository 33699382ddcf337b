"""`galen run`: one supervisor owns the database, the web servers and the worker, starts again what dies, and stops all.

What it imports itself is little: the database starts while it loads the rest. Its children are forks of it, which have
everything already; after a renewal (SIGHUP) they are programs of their own, so that they run what is on the disk now.
"""

import asyncio
import fcntl
import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import IO

from galen.postgres import PostgresUnavailable, Server

from .core.errors import Refusal
from .parts import Child, Deaths, how_it_ended, wait_until_ready
from .settings import settings
from .sockets import listening

DRAIN = 15
PATIENCE = 60
LOOK = 0.1
"""Seconds between two looks at what lives."""


class AlreadyRuns(Refusal):
    message = "Galen runs on the data folder {folder} already. Stop it first, or set GALEN_VAR to another folder."


class NotStarted(Refusal):
    message = "The web server did not come to serve, so all was stopped. What it said stands above."


class RunsNot(Refusal):
    message = "No Galen runs on the data folder {folder}: start it with bin/run, or set GALEN_VAR to its folder."


def supervise() -> None:
    """Database, migrations, demo, web, worker; Ctrl-C and SIGTERM end them in the other order, SIGHUP renews them."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    gc.disable()  # while thousands of classes are made nothing is garbage; the children switch it on again
    try:
        with alone() as lock, listening() as listener, database() as embedded:
            House(listener, embedded).keep(lock)
    except KeyboardInterrupt:
        print("Stopped.", flush=True)


def interrupt(*_: object) -> None:
    """The first wish to stop is granted; a second one would only keep the database from closing properly."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    print("\nStopping …", flush=True)
    raise KeyboardInterrupt


@contextmanager
def alone() -> Iterator[IO[str]]:
    """One supervisor for one data folder; the lock ends with its process, however that ends. The file names it."""
    settings().var.mkdir(parents=True, exist_ok=True)
    with (settings().var / "run.lock").open("a+") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRuns(folder=settings().var) from None
        yield held


def renew() -> int:
    """Ask the supervisor of this data folder to start web and worker anew; the number of its process."""
    try:
        with (settings().var / "run.lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = int((settings().var / "run.lock").read_text())
        os.kill(pid, signal.SIGHUP)
        return pid
    except FileNotFoundError:
        pass
    raise RunsNot(folder=settings().var)


@contextmanager
def database() -> Iterator[Server | None]:
    """The embedded server, started while the rest of the house is loaded; none when the operator names another."""
    if settings().database_url:
        yield None
        return
    server = Server(settings().var / "pg")
    try:
        with ThreadPoolExecutor(1) as aside:
            starting = aside.submit(server.start)
            from . import opening, processes  # noqa: F401  # lazy: takes longer than the database takes to start

            starting.result()
        yield server
    finally:
        server.stop()


class House:
    """The parts, by name, and what became of them."""

    def __init__(self, listener: socket.socket, embedded: Server | None) -> None:
        self.listener, self.embedded = listener, embedded
        self.names = [*(f"web {nth + 1}" for nth in range(settings().workers)), "worker"]
        self.children: dict[str, Child] = {}
        self.deaths = {name: Deaths(name) for name in (*self.names, "PostgreSQL")}
        self.leaving: list[Child] = []
        self.programs = False
        self.terminal = os.isatty(0)
        self.to_renew = False

    def keep(self, lock: IO[str]) -> None:
        """Start it all, and keep it alive until somebody stops it or it cannot be kept alive."""
        from . import opening  # lazy: the database starts meanwhile

        url = self.embedded.url if self.embedded else str(settings().database_url.get_secret_value())  # type: ignore
        organizations = asyncio.run(opening.prepare(url))
        gc.freeze()
        try:
            self.start_first()
            lock.truncate(0)
            print(os.getpid(), file=lock, flush=True)
            signal.signal(signal.SIGHUP, self.hung_up)
            opening.greet(organizations)
            while True:
                self.look_after()
                time.sleep(LOOK)
        finally:
            self.stop([*self.children.values(), *self.leaving])

    def start_first(self) -> None:
        readiness = [self.start(name) for name in self.names]
        for name, ready in zip(self.names, readiness, strict=True):
            if ready is not None and not wait_until_ready(self.children[name], ready, PATIENCE):
                raise NotStarted

    def start(self, name: str) -> int | None:
        """A child; of a web server, where it will say that it serves."""
        if name == "worker":
            self.children[name] = Child(self.program("worker"))
            return None
        ready, say = os.pipe()
        given = self.listener.fileno()
        self.children[name] = Child(self.program("web", given, say), (given, say))
        os.close(say)
        return ready

    def program(self, part: str, *given: int) -> Callable[[], None]:
        """What a child does: the same as the command of that name."""
        if not self.programs:
            from . import processes  # lazy: loaded long ago

            return (lambda: processes.web(*given)) if part == "web" else processes.work
        options = [f"--{name}-fd={number}" for name, number in zip(("listener", "ready"), given, strict=False)]

        def execute() -> None:
            for number in given:
                os.set_inheritable(number, True)
            os.execv(sys.executable, [sys.executable, "-P", "-m", "galen", part, *options])  # noqa: S606

        return execute

    # -- keeping alive -----------------------------------------------------------------------------------------

    def look_after(self) -> None:
        """The database first, as the others need it; then who died; then who is to be renewed."""
        if self.embedded is not None and not self.embedded.alive:
            self.deaths["PostgreSQL"].note("its process is gone")
            while not self.deaths["PostgreSQL"].may_start:
                time.sleep(LOOK)
            try:
                self.embedded.revive()
            except PostgresUnavailable as error:
                print(f"galen: {error}", file=sys.stderr, flush=True)
                return
            print("galen: PostgreSQL runs again.", file=sys.stderr, flush=True)
        for name in self.names:
            child = self.children.get(name)
            if child is not None and (code := child.poll()) is not None:
                del self.children[name]
                self.deaths[name].note(how_it_ended(code))
            if name not in self.children and self.deaths[name].may_start and (ready := self.start(name)) is not None:
                os.close(ready)
        self.leaving = [child for child in self.leaving if child.poll() is None]
        if self.to_renew:
            self.to_renew = False
            self.renew()

    def hung_up(self, *_: object) -> None:
        """SIGHUP is a wish for a renewal, unless it says that the terminal in which this runs was closed."""
        if self.terminal and not os.isatty(0):
            raise KeyboardInterrupt
        self.to_renew = True

    def renew(self) -> None:
        """Each part anew, from the programs on the disk: the next web server serves before the one before it ends."""
        self.programs = True
        for name in self.names:
            before = self.children.get(name)
            if name == "worker" and before is not None:
                before.send(signal.SIGTERM)
                self.stop([before])
            ready = self.start(name)
            if ready is None:
                continue
            serves = wait_until_ready(self.children[name], ready, PATIENCE)
            os.close(ready)
            if not serves and before is not None:
                self.stop([self.children[name]])
                self.children[name] = before
                print(f"galen: the new {name} does not serve; the one before goes on.", file=sys.stderr, flush=True)
            elif before is not None:
                before.send(signal.SIGTERM)
                self.leaving.append(before)
        print("galen: renewed.", flush=True)

    def stop(self, children: list[Child]) -> None:
        """All are asked to end; who has not after a while is ended."""
        for child in children:
            child.send(signal.SIGTERM)
        for child in children:
            if not child.wait(DRAIN):
                child.send(signal.SIGKILL)
                child.wait(DRAIN)
