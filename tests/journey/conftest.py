"""A real web server and worker over a clone of the test world, at a clinic where the day is young at any hour."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import URL

from bench.world import fill_shelves, open_all_day
from galen.app import services_for
from galen.core.crypto import password_for
from galen.core.database import APP_ROLE, Database, dsn
from galen.encounters import load_icd
from galen.provisioning import migrate
from tests.conftest import ROOT, named, on


@pytest_asyncio.fixture(scope="session")
async def young_day(server: str, template: str) -> AsyncIterator[URL]:
    """The test world with slots all day from early morning, and full shelves."""
    name = f"{template}_{uuid4().hex[:8]}"
    await on(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    database = Database(named(server, name, username=APP_ROLE, password=password_for(APP_ROLE)), pool=2)
    async with services_for(database).as_system("north", "test") as ctx:
        await open_all_day(ctx)
        await fill_shelves(ctx)
    await database.close()
    owner = await migrate.connect(named(server, name))
    await load_icd(owner)
    await owner.close()
    yield named(server, name)
    await on(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def live(young_day: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that is really running, with its worker."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {
        **os.environ,
        "GALEN_DATABASE_URL": dsn(young_day),
        "GALEN_PORT": str(port),
        "GALEN_VAR": str(tmp_path_factory.mktemp("var")),
        "PYTHONPATH": str(ROOT / "src"),
    }
    parts = [subprocess.Popen([sys.executable, "-m", "galen", part], env=env) for part in ("web", "worker")]
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end and all(p.poll() is None for p in parts):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        for part in parts:
            part.terminate()
        for part in parts:
            part.wait(20)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Debian's Chromium. Its absence is a failure where CI says so, and a loud skip elsewhere."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing, and CI=true wants the browser tests run.")
        pytest.skip("Chromium is not installed: the browser tests did not run (on Debian: apt install chromium)")
    return found
