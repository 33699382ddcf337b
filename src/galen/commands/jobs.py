"""Background jobs: what waits, what failed, and another try."""

import asyncio
from typing import Any

import typer
from sqlalchemy import text

from .saying import Json, say
from .services import open_services

cli = typer.Typer(no_args_is_help=True, help=__doc__)


async def rows(statement: str) -> list[dict[str, Any]]:
    async with open_services() as services, services.database.transaction(None) as db:
        return [dict(row._mapping) for row in await db.execute(text(statement))]


@cli.command(name="list")
def list_all(as_json: Json = False) -> None:
    """Jobs that wait, run, or failed, by name."""
    found = asyncio.run(
        rows(
            "SELECT entrypoint AS job, status, count(*), min(created) AS since FROM pgqueuer "
            "GROUP BY 1, 2 ORDER BY 1, 2"
        )
    )
    words = "\n".join(f"{r['status']:10} {r['count']:6} {r['job']} since {r['since']:%Y-%m-%d %H:%M}" for r in found)
    say(found, as_json, words or "Nothing waits, nothing failed.")


@cli.command()
def retry(as_json: Json = False) -> None:
    """Put every failed job back into the queue."""
    found = asyncio.run(
        rows(
            "UPDATE pgqueuer SET status = 'queued', attempts = 0, execute_after = now(), updated = now(), "
            "headers = NULL "
            "WHERE status = 'failed' RETURNING id, entrypoint AS job"
        )
    )
    say(found, as_json, f"{len(found)} job(s) will be tried again.")
