"""`galen run`: one supervisor owns the database, the web server and the worker, and stops what it started."""

import asyncio
import ctypes
import signal
import socket
import subprocess
import sys
import time

import uvicorn

from .app import bring_to_present, build, house_of, load
from .core import migrate, server
from .core.database import Database
from .core.errors import Refusal
from .core.jobs import Worker
from .core.settings import settings
from .demo import PASSWORD, furnish, people
from .organizations import country_of

DEMO = (("north", "Harbour Health", "AU"), ("south", "Riverside Health", "US"))
DRAIN = 15
PR_SET_PDEATHSIG = 1


class PortTaken(Refusal):
    message = "Port {port} on {host} is in use by another program. Stop it, or set GALEN_PORT to another port."


def supervise() -> None:
    """Database, migrations, demo, web and worker; Ctrl-C ends them in the other order."""
    refuse_taken_port()
    with server.running() as url:
        fresh = asyncio.run(prepare(url))
        children = [start("worker"), start("web")]
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        try:
            wait_until_ready(children)
            greet(fresh)
            watch(children)
        except KeyboardInterrupt:
            print("\nStopping …", flush=True)
        finally:
            stop(children)


def refuse_taken_port() -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings().host, settings().port))
        except OSError:
            raise PortTaken(port=settings().port, host=settings().host) from None


async def prepare(url: str) -> bool:
    """A database at the present; true when the demo was made just now."""
    owner = await server.owner_url(url)
    await bring_to_present(owner)
    if await migrate.slugs(owner):
        return False
    print("Making the demo organisations …", flush=True)
    load()
    for slug, name, country in DEMO:
        profile = country_of(country)
        await migrate.add_organization(owner, slug, name, country, profile.currency, profile.zone)
    database = Database(server.app_url(owner), pool=2)
    house = house_of(database)
    for slug, *_ in DEMO:
        async with house.as_system(slug, "demo") as ctx:
            await furnish(ctx)
    await database.close()
    return True


def start(part: str) -> subprocess.Popen[bytes]:
    """A child in a process group of its own, so that Ctrl-C reaches it through us alone."""
    return subprocess.Popen([sys.executable, "-m", "galen", part], start_new_session=True)


def wait_until_ready(children: list[subprocess.Popen[bytes]]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex((settings().host, settings().port)) == 0:
                return
        if any(child.poll() is not None for child in children):
            raise KeyboardInterrupt
        time.sleep(0.05)


def greet(fresh: bool) -> None:
    print(f"\nGalen is at {settings().address}\n")
    print(f"Demo sign-ins (password {PASSWORD}):")
    for person in people("north"):
        print(f"  {person.username:8} {person.name}, {person.role}")
    print("\nCtrl-C stops everything.", flush=True)


def watch(children: list[subprocess.Popen[bytes]]) -> None:
    while all(child.poll() is None for child in children):
        time.sleep(0.3)
    print("A part of Galen ended unexpectedly; stopping the rest.", file=sys.stderr, flush=True)


def stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    for child in children:
        try:
            child.wait(DRAIN)
        except subprocess.TimeoutExpired:
            child.kill()


def end_with_supervisor() -> None:
    """Linux: when the supervisor is killed, its children get SIGTERM rather than hold the port for ever."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def web() -> None:
    """The web server on a database that runs already."""
    end_with_supervisor()
    url = server.app_url(server.attached())
    app = build(house_of(Database(url, pool=settings().pool)), url)
    uvicorn.run(
        app,
        host=settings().host,
        port=settings().port,
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=5,
        proxy_headers=settings().trust_proxy,
        server_header=False,
    )


def work() -> None:
    """The worker on a database that runs already."""
    end_with_supervisor()
    load()
    url = server.app_url(server.attached())

    async def run() -> None:
        house = house_of(Database(url, pool=4))
        worker = Worker(url, house.as_system, house.list_organizations)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, worker.stopped.set)
        await worker.run()
        await house.database.close()

    asyncio.run(run())
