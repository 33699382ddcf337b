"""What is measured over HTTP, each beside the bare reference: a read, a search, the journey."""

import argparse
import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import httpx2

from galen.demo import PASSWORD

from . import journey
from .load import Figures, alternate, median, slice_of
from .serving import Served

ROUNDS, SLICE, CLIENTS = 5, 1500, 8
Measure = Callable[[Served, Served, "argparse.Namespace"], Coroutine[Any, Any, dict[str, Any]]]


def token_for(served: Served, username: str) -> str:
    answer = httpx2.post(f"{served.url}/api/v1/auth/login", json={"username": username, "password": PASSWORD})
    answer.raise_for_status()
    return str(answer.json()["access_token"])


def said(name: str, ours: Figures, theirs: Figures) -> dict[str, Any]:
    """One measurement in words and numbers. Ratio: the reference's CPU over ours, so 1 would be a bare endpoint."""
    found = {
        "cpu_ms": round(ours.cpu, 3),
        "server_ms": round(ours.server, 3),
        "database_ms": round(ours.database, 3),
        "reference_cpu_ms": round(theirs.cpu, 3),
        "ratio": round(theirs.cpu / ours.cpu, 3) if ours.cpu else None,
        "server_ratio": round(theirs.server / ours.server, 3) if ours.server else None,
        "p50_ms": round(ours.percentile(0.5), 2),
        "p95_ms": round(ours.percentile(0.95), 2),
    }
    print(
        f"{name:8} {found['cpu_ms']:7.3f} ms CPU (server {found['server_ms']}, database {found['database_ms']}); "
        f"reference {found['reference_cpu_ms']}; ratio {found['ratio']} (server alone {found['server_ratio']}); "
        f"p50 {found['p50_ms']}, p95 {found['p95_ms']} ms",
        flush=True,
    )
    return found


async def pair(galen: Served, bare: Served, path: Any, bare_path: Any, token: str) -> tuple[Figures, Figures]:
    return await alternate(
        lambda: asyncio.ensure_future(slice_of(galen, path, token, SLICE, CLIENTS)),
        lambda: asyncio.ensure_future(slice_of(bare, bare_path, "", SLICE, CLIENTS)),
        ROUNDS,
    )


async def read(galen: Served, bare: Served, options: argparse.Namespace) -> dict[str, Any]:
    """One medicine and one patient by id; opening a patient also writes its audit row, which the reference does not."""
    token = token_for(galen, "ada")
    headers = {"authorization": f"Bearer {token}"}
    found = httpx2.get(f"{galen.url}/api/v1/patients/search", params={"query": "Quill"}, headers=headers).json()
    patient = found[0]["id"]
    medicine = httpx2.get(f"{galen.url}/api/v1/drugs/search", params={"q": "amoxi"}, headers=headers).json()[0]["id"]
    plain = await pair(galen, bare, lambda _: f"/api/v1/medicines/{medicine}", lambda _: f"/one/{patient}", token)
    audited = await pair(galen, bare, lambda _: f"/api/v1/patients/{patient}", lambda _: f"/one/{patient}", token)
    return {"read": said("read", *plain), "audited_read": said("opening", *audited)}


async def search(galen: Served, bare: Served, options: argparse.Namespace) -> dict[str, Any]:
    """Family names by their first letters, among 100,000 patients."""
    token = token_for(galen, "ruth")
    begins = ["bala", "cado", "fego", "hoki", "lemi", "nopa", "rase", "sito", "vawe", "more"]
    ours = lambda n: f"/api/v1/patients/search?query={begins[n % 10]}"  # noqa: E731
    theirs = lambda n: f"/many?query={begins[n % 10]}"  # noqa: E731
    return {"search": said("search", *await pair(galen, bare, ours, theirs, token))}


async def whole_journey(galen: Served, bare: Served, options: argparse.Namespace) -> dict[str, Any]:
    """The nine steps, beside bare reads before and after them: a machine's mood touches both."""
    headers = {"authorization": f"Bearer {token_for(galen, 'ada')}"}
    found = httpx2.get(f"{galen.url}/api/v1/patients/search", params={"query": "Quill"}, headers=headers).json()

    async def reads() -> list[Figures]:
        return [await slice_of(bare, lambda _: f"/one/{found[0]['id']}", "", SLICE, CLIENTS) for _ in range(3)]

    before = await reads()
    measured = await journey.measure(galen, options.journeys, options.together)
    reference = median([*before, *await reads()]).cpu
    worth = measured["cpu_ms"] / reference
    print(f"         as much as {worth:.0f} reads of the bare reference, at {reference:.3f} ms each", flush=True)
    return {"journey": measured | {"reference_cpu_ms": round(reference, 3), "reference_reads": round(worth)}}
