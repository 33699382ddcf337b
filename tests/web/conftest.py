"""Galen served on loopback with a few rows of the tests' own, and a browser to look at it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import pytest_asyncio
import uvicorn
from jinja2 import DictLoader

from galen.app import build
from galen.asgi.connections import BoundedConnection
from galen.core.web.mounting import mount
from galen.core.web.routes import PATHS, TABLE, Route, verb_of
from galen.core.web.sockets import LIMITS
from galen.core.web.templating import LOADERS, templates
from galen.demo import PASSWORD
from tests.journey.conftest import chromium, live, young_day  # noqa: F401 the same server as the journey's


@dataclass
class Served:
    """Where it is, and the server itself."""

    url: str
    services: Any
    server: uvicorn.Server

    async def token(self, username: str) -> str:
        async with httpx2.AsyncClient(base_url=self.url) as browser:
            answer = await browser.post("/api/v1/auth/login", json={"username": username, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            return str(answer.json()["access_token"])

    async def cookie(self, username: str) -> str:
        async with httpx2.AsyncClient(base_url=self.url, headers={"accept": "text/html"}) as browser:
            answer = await browser.post("/login", data={"username": username, "password": PASSWORD})
            assert answer.status_code == 303, answer.text
            return f"galen={browser.cookies['galen']}"


@pytest.fixture
def own_templates() -> Any:
    """Templates for rows whose module is called `web`, as those of these tests are."""

    def add(**pages: str) -> None:
        LOADERS["web"] = DictLoader({f"{name}.html": text for name, text in pages.items()})

    yield add
    LOADERS.pop("web", None)
    if templates.cache is not None:
        templates.cache.clear()


@pytest_asyncio.fixture
async def serve(committed: Any) -> AsyncIterator[Callable[..., Any]]:
    """`async with serve(*rows) as served`: uvicorn, as `bin/galen web` starts it, over a world in which all commits."""

    @asynccontextmanager
    async def serving(*rows: Route) -> AsyncIterator[Served]:
        app = build(committed, committed.database.engine.url)  # with live events
        mount(app, list(rows))
        config = uvicorn.Config(
            app, log_config=None, log_level="warning", timeout_graceful_shutdown=5, http=BoundedConnection, **LIMITS
        )
        server = uvicorn.Server(config)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            task = asyncio.create_task(server.serve(sockets=[listener]))
            try:
                while not server.started:  # noqa: ASYNC110 it tells nobody
                    await asyncio.sleep(0.01)
                yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", committed, server)
            finally:
                server.should_exit = True
                await task
                for row in rows:  # the table is the product's again
                    TABLE.remove(row)
                    PATHS.pop(verb_of(row))

    yield serving
