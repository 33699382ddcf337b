"""bin/bench flood: what somebody at work waits for while two hundred strangers guess passwords.

The strangers are a process of their own on the same machine, so on two cores they take a share of what is measured.
"""

import asyncio
import sys
import time
from collections import Counter
from pathlib import Path
from statistics import quantiles

import httpx2

from . import world
from .measures import token_for
from .serving import serving

STRANGERS, ASKED, SECONDS = 200, 200, 60
PAUSE = 0.02  # seconds between two questions of somebody at work


async def p95(staff: httpx2.AsyncClient) -> float:
    """Milliseconds within which nineteen of twenty requests are answered."""
    took = []
    for _ in range(ASKED):
        began = time.perf_counter()
        (await staff.get("/api/v1/patients?q=quill")).raise_for_status()
        took.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(PAUSE)
    return quantiles(took, n=20)[-1]


async def guess(url: str, number: int, told: Counter[int], end: float) -> None:
    async with httpx2.AsyncClient(base_url=url, timeout=60) as stranger:
        while time.monotonic() < end:
            body = {"username": f"guess-{number}", "password": "not this one"}
            told[(await stranger.post("/api/v1/auth/login", json=body)).status_code] += 1


async def flood(url: str) -> Counter[int]:
    """Everybody guesses until the time is over, or until the process is ended."""
    told: Counter[int] = Counter()
    end = time.monotonic() + SECONDS
    await asyncio.gather(*(guess(url, number, told, end) for number in range(STRANGERS)))
    return told


async def measured(url: str, token: str) -> None:
    async with httpx2.AsyncClient(base_url=url, headers={"authorization": f"Bearer {token}"}, timeout=60) as staff:
        await p95(staff)
        calm = await p95(staff)
        strangers = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.flood", url)
        try:
            await asyncio.sleep(3)
            flooded = await p95(staff)
        finally:
            strangers.terminate()
            await strangers.wait()
    print(
        f"flood    p95 {calm:.1f} ms without, {flooded:.1f} ms with {STRANGERS} strangers: {flooded / calm:.1f} times"
    )


def main(words: list[str]) -> None:
    var = Path("var/bench").absolute()
    with world.world(var, world.PATIENTS), serving(["galen", "web"], var) as galen:
        asyncio.run(measured(galen.url, token_for(galen, "ruth")))


if __name__ == "__main__":
    print(dict(asyncio.run(flood(sys.argv[1]))))
