"""A flood of sign-ins costs whoever is in the house little: two hundred strangers guess, a receptionist works on."""

import asyncio
import os
import socket
import sys
from collections import Counter
from contextlib import asynccontextmanager
from statistics import quantiles
from time import perf_counter

import httpx2
import pytest

from galen.demo import PASSWORD
from tests.conftest import ROOT

pytestmark = [pytest.mark.race, pytest.mark.timed]
STRANGERS, ASKED = 200, 60


@asynccontextmanager
async def standing(url: str, kind: str):
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"}
        command = [sys.executable, "-m", "tests.races.flood", url, str(listener.fileno()), kind]
        server = await asyncio.create_subprocess_exec(*command, pass_fds=[listener.fileno()], env=environment, cwd=ROOT)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.kill()
            await server.wait()


async def p95(staff: httpx2.AsyncClient) -> float:
    """Seconds within which nineteen of twenty requests of somebody at work are answered."""
    took = []
    for _ in range(ASKED):
        began = perf_counter()
        assert (await staff.get("/api/v1/patients?q=quill")).status_code == 200
        took.append(perf_counter() - began)
        await asyncio.sleep(0.02)
    return quantiles(took, n=20)[-1]


async def guess(url: str, number: int, told: Counter) -> None:
    async with httpx2.AsyncClient(base_url=url, timeout=60) as stranger:
        while True:
            body = {"username": f"guess-{number}", "password": "not this one"}
            told[(await stranger.post("/api/v1/auth/login", json=body)).status_code] += 1


async def calm_and_flooded(services, kind: str) -> tuple[float, float, Counter]:
    url = services.database.engine.url.render_as_string(hide_password=False)
    told: Counter = Counter()
    async with standing(url, kind) as address, httpx2.AsyncClient(base_url=address, timeout=60) as staff:
        answer = await staff.post("/api/v1/auth/login", json={"username": "ruth", "password": PASSWORD})
        staff.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        await p95(staff)
        calm = await p95(staff)
        crowd = [asyncio.create_task(guess(address, number, told)) for number in range(STRANGERS)]
        await asyncio.sleep(2)
        flooded = await p95(staff)
        for stranger in crowd:
            stranger.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
    return calm, flooded, told


async def test_two_hundred_strangers_do_not_starve_the_house(committed):
    calm, flooded, told = await calm_and_flooded(committed, "careful")
    print(f"p95 {calm * 1000:.1f} ms, flooded {flooded * 1000:.1f} ms, {flooded / calm:.1f} times; {dict(told)}")
    assert set(told) == {401, 429}
    assert flooded <= max(0.1, 15 * calm)


async def test_who_hashes_while_holding_a_connection_starves_it(committed):
    """The broken variant."""
    calm, flooded, told = await calm_and_flooded(committed, "careless")
    print(f"p95 {calm * 1000:.1f} ms, flooded {flooded * 1000:.1f} ms, {flooded / calm:.1f} times; {dict(told)}")
    assert flooded > max(0.1, 15 * calm)
