"""The two ways of a request of the API, walked side by side."""

import asyncio
import re
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx2
from fastapi import FastAPI
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, settings
from sqlalchemy import text

from galen.core.web.routes import Route
from tests.conftest import OneConnection

NOBODY_HAS = "01a1fbd3-67b2-7e61-aef1-c2e2bfb1d0d6"
JSON = {"content-type": "application/json"}
A_FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
MADE_NEW = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z|\bP\d{6}\b"
)


class Ways:
    """Which way each request went, and a gate that sends all of them FastAPI's way."""

    def __init__(self) -> None:
        self.went: list[str] = []
        self.gate = "open"

    @asynccontextmanager
    async def shut(self):
        self.gate = "shut"
        try:
            yield
        finally:
            self.gate = "open"


def shown(answer: httpx2.Response) -> tuple[int, Any, dict[str, str]]:
    """Everything in an answer but the id of its request."""
    return answer.status_code, answer.content, {k: v for k, v in answer.headers.items() if k != "x-request-id"}


async def on_both(ways: Ways, client: Any, method: str, path: str, **asked: Any) -> list[httpx2.Response]:
    """The same request by direct dispatch, and then by FastAPI. A request that hangs is a failure."""
    async with asyncio.timeout(20):
        first = await client.request(method, path, **asked)
        async with ways.shut():
            return [first, await client.request(method, path, **asked)]


async def undone_between(ways: Ways, database: OneConnection, client: Any, *asked: Any, **more: Any) -> list[Any]:
    """The same for what changes something: each answer is given in a world in which the other one never was."""
    answers = []
    for gate in ("open", "shut"):
        ways.gate = gate
        savepoint = await database.one.begin_nested()
        answers.append(await client.request(*asked, **more))
        await savepoint.rollback()
    ways.gate = "open"
    return answers


async def count(database: OneConnection, table: str) -> int:
    return (await database.one.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()


async def version_of(database: OneConnection, patient_id: UUID) -> int:
    query = text("SELECT version FROM patient WHERE id = :id")
    return (await database.one.execute(query, {"id": patient_id})).scalar_one()


async def standing(database: OneConnection, patient_id: UUID) -> list[int]:
    """What would not be the same if anything had been done."""
    return [
        await version_of(database, patient_id),
        await count(database, "patient"),
        await count(database, "audit_entry"),
    ]


async def practitioner_of(ada: Any) -> str:
    return (await ada.get("/api/v1/practitioners")).json()[0]["id"]


def rows_of(application: FastAPI) -> list[tuple[APIRoute, Route]]:
    """The rows of the modules' tables behind the API, each with its route."""
    listed = [r for r in application.router.routes if isinstance(r, APIRoute) and r.path.startswith("/api/v1/")]
    return [(r, r.endpoint.row) for r in listed if getattr(r.endpoint, "row", None)]
