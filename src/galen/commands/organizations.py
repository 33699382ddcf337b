"""Organisations: each has a schema of its own."""

import asyncio
from dataclasses import asdict
from typing import Any

import typer

from .house import Json, house, say

cli = typer.Typer(no_args_is_help=True, help=__doc__)


@cli.command()
def add(slug: str, name: str, country: str = "AU", as_json: Json = False) -> None:
    """Add an organisation with its own schema and role. SLUG is its short name: small letters, digits, hyphens."""

    async def go() -> None:
        from galen.app import load
        from galen.core import migrate, server
        from galen.organizations import country_of

        profile = country_of(country.upper())
        load()
        with server.running() as url:
            owner = await server.owner_url(url)
            await migrate.prepare(owner)
            await migrate.add_organization(owner, slug, name, profile.code, profile.currency, profile.zone)

    asyncio.run(go())
    say({"organization": slug}, as_json, f"{name} is there, as “{slug}”. Next: galen account add NAME -o {slug}")


@cli.command(name="list")
def list_all(as_json: Json = False) -> None:
    """The organisations on this database."""

    async def go() -> list[Any]:
        async with house() as home:
            return await home.list_organizations()

    found = asyncio.run(go())
    say([asdict(o) for o in found], as_json, "\n".join(f"{o.slug:20} {o.name}" for o in found) or "None yet.")
