"""`galen run`: one supervisor owns the database, the web servers and the worker, and stops what it started."""

import asyncio
import ctypes
import fcntl
import gc
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

import uvicorn

from galen.app import bring_to_present, build, services_for
from galen.asgi.connections import BoundedConnection
from galen.core.context import OrganizationInfo
from galen.provisioning import server

from .core.database import Database
from .core.errors import Refusal
from .core.jobs import Worker
from .core.web.sockets import LIMITS
from .demo import DEMO, PASSWORD, PATIENT, demo_is_due, open_demo, people
from .modules import discover
from .settings import settings

DRAIN = 15
PATIENCE = 60
PR_SET_PDEATHSIG = 1


class PortTaken(Refusal):
    message = "Port {port} on {host} cannot be listened on ({why}). Stop what uses it, or set GALEN_PORT or GALEN_HOST."


class AlreadyRuns(Refusal):
    message = "Galen runs on the data folder {folder} already. Stop it first, or set GALEN_VAR to another folder."


class PartEnded(Refusal):
    message = "A part of Galen ended unexpectedly ({part}), so the rest was stopped. What it said stands above."


def supervise() -> None:
    """Database, migrations, demo, web and worker; Ctrl-C and SIGTERM end them in the other order."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        with alone(), listening() as listener, server.running() as url:
            try:
                organizations = asyncio.run(prepare(url))
                children["worker"] = start("worker")
                for nth in range(settings().workers):
                    children[f"web {nth + 1}"] = start("web", listener)
                wait_until_ready(children)
                greet(organizations)
                watch(children)
            finally:
                listener.close()
                stop(list(children.values()))
    except KeyboardInterrupt:
        print("Stopped.", flush=True)


def interrupt(*_: object) -> None:
    """The first wish to stop is granted; a second one would only keep the database from closing properly."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    print("\nStopping …", flush=True)
    raise KeyboardInterrupt


@contextmanager
def alone() -> Iterator[None]:
    """One supervisor for one data folder; the lock ends with its process, however that ends."""
    settings().var.mkdir(parents=True, exist_ok=True)
    with (settings().var / "run.lock").open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRuns(folder=settings().var) from None
        yield


@contextmanager
def listening() -> Iterator[socket.socket]:
    """What all web servers listen on: bound from the beginning, so that nobody else takes the port meanwhile."""
    host, port = settings().host, settings().port
    try:
        listener = socket.create_server((host, port), family=family(host), backlog=2048)
    except OSError as error:
        raise PortTaken(port=port, host=host, why=os.strerror(error.errno or 0)) from None
    with listener:
        yield listener


def family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


async def prepare(url: str) -> list[OrganizationInfo]:
    """A database at the present, with the demo when nothing else is there; the organisations on it."""
    owner = await server.owner_url(url)
    await bring_to_present(owner)
    discover()
    database = Database(server.app_url(owner), pool=2)
    services = services_for(database)
    try:
        if await demo_is_due(services):
            print("Making the demo organisations …", flush=True)
            await open_demo(owner, services)
        return await services.list_organizations()
    finally:
        await database.close()


def start(part: str, listener: socket.socket | None = None) -> subprocess.Popen[bytes]:
    """A child in a process group of its own, so that Ctrl-C reaches it through us alone."""
    given = () if listener is None else (listener.fileno(),)
    command = [sys.executable, "-P", "-m", "galen", part, *(f"--listener-fd={number}" for number in given)]
    return subprocess.Popen(command, pass_fds=given, start_new_session=True)


def wait_until_ready(children: dict[str, subprocess.Popen[bytes]]) -> None:
    """Until a page would be answered: the socket listens long before."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings().host, settings().host)  # noqa: S104 asked, not bound
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        refuse_ended(children)
        connection = HTTPConnection(host, settings().port, timeout=0.5)
        try:
            connection.request("GET", "/health/live")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    raise PartEnded(part=f"the web server did not answer within {PATIENCE} seconds")


def greet(organizations: list[OrganizationInfo]) -> None:
    """Where Galen is; and, while the demo is there, who may sign in to it."""
    print(f"\nGalen is at {settings().address}\n")
    if any((organization.slug, organization.name) == DEMO[0][:2] for organization in organizations):
        print(f"Demo sign-ins (password {PASSWORD}):")
        for slug, name, _ in DEMO:
            print(f" at {name}")
            for person in people(slug):
                print(f"  {person.username:8} {person.name}, {person.role}")
            if slug == DEMO[0][0]:
                print(f"  {PATIENT:8} her own record, as a patient")
        print()
    print("Ctrl-C stops everything.", flush=True)


def watch(children: dict[str, subprocess.Popen[bytes]]) -> None:
    """Until a part ends, or somebody stops it all."""
    while True:
        refuse_ended(children)
        time.sleep(0.3)


def refuse_ended(children: dict[str, subprocess.Popen[bytes]]) -> None:
    """A part that ended by itself is the end of all of them."""
    for part, child in children.items():
        if child.poll() is not None:
            raise PartEnded(part=part)


def stop(children: list[subprocess.Popen[bytes]]) -> None:
    """All are asked to end; who has not after a while is ended."""
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    for child in children:
        try:
            child.wait(DRAIN)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def end_with_supervisor() -> None:
    """Linux: when the supervisor is killed, its children get SIGTERM rather than hold the port for ever."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def web(listener_fd: int | None = None) -> None:
    """A web server on a database that runs already; on a socket that listens already, or on one of its own."""
    end_with_supervisor()
    attached = server.attached()
    asyncio.run(server.refuse_unfit(attached))
    url = server.app_url(attached)
    app = build(services_for(Database(url, pool=settings().pool)), url)
    gc.freeze()  # what stands now stays: the collector need not walk it again and again
    gc.set_threshold(20_000, 20, 50)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=BoundedConnection,
        log_config=None,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=5,
        proxy_headers=settings().trust_proxy,
        server_header=False,
        **LIMITS,
    )
    if listener_fd is None:
        with listening() as own:
            uvicorn.Server(config).run(sockets=[own])
    else:
        uvicorn.Server(config).run(sockets=[socket.socket(fileno=listener_fd)])


def work() -> None:
    """The worker on a database that runs already."""
    end_with_supervisor()
    discover()
    attached = server.attached()
    asyncio.run(server.refuse_unfit(attached))
    url = server.app_url(attached)

    async def run() -> None:
        services = services_for(Database(url, pool=4))
        worker = Worker(url, services.as_system, services.list_organizations)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, worker.stopped.set)
        await worker.run()
        await services.database.close()

    asyncio.run(run())
