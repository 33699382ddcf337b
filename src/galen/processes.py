"""The two processes that serve: a web server and a worker, each on a database that runs already."""

import asyncio
import ctypes
import gc
import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from typing import Any

import uvicorn

from galen.asgi.connections import BoundedConnection
from galen.provisioning import server

from .app import build, make_ready, services_for
from .coldchain import listen
from .core.database import Database
from .core.web.sockets import LIMITS
from .modules import discover
from .settings import settings
from .sockets import listening
from .worker import Worker

LINGER = 0.6
"""Seconds that a web server which ends still hears the clients it has: each answer tells them to connect anew."""

PR_SET_PDEATHSIG = 1


class WebServer(uvicorn.Server):
    """Says when it serves; and when it ends it refuses nobody: others accept what comes, it answers what it has."""

    def __init__(self, config: uvicorn.Config, ready_fd: int | None) -> None:
        super().__init__(config)
        self.ready_fd = ready_fd

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        threading.Thread(target=make_ready, name="make ready", daemon=True).start()
        if self.ready_fd is not None:
            with suppress(BrokenPipeError):  # nobody waits for one that is started again
                os.write(self.ready_fd, b"1")
            os.close(self.ready_fd)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listener in self.servers:
            listener.close()
        state: Any = self.config.app.state  # type: ignore[union-attr]
        if state.live:
            await state.live.stop()
        headers = self.server_state.default_headers
        self.server_state.default_headers = [*headers, (b"connection", b"close")]
        for _ in range(int(LINGER / 0.05)):
            if not self.server_state.connections:
                break
            await asyncio.sleep(0.05)
        await super().shutdown(sockets)


def end_with_supervisor() -> None:
    """Linux: when the supervisor is killed, its children get SIGTERM rather than hold the port for ever."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def web(listener_fd: int | None = None, ready_fd: int | None = None) -> None:
    """A web server; on a socket that listens already, or on one of its own."""
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
            WebServer(config, ready_fd).run(sockets=[own])
    else:
        WebServer(config, ready_fd).run(sockets=[socket.socket(fileno=listener_fd)])


def work() -> None:
    """The worker, until it is told to stop."""
    end_with_supervisor()
    discover()
    attached = server.attached()
    asyncio.run(server.refuse_unfit(attached))
    url = server.app_url(attached)

    async def run() -> None:
        services = services_for(Database(url, pool=5))
        worker = Worker(url, services.as_system, services.list_organizations)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, worker.stopped.set)
        broker = settings().mqtt_url
        hearing = listen(services, url, broker.get_secret_value(), worker.stopped) if broker else asyncio.sleep(0)
        await asyncio.gather(worker.run(), hearing)
        await services.database.close()

    asyncio.run(run())
