"""Organisations: each has a schema of its own."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

import typer

from galen.medicines import load_catalogue
from galen.organizations import country_of, refuse_unfit_name
from galen.provisioning import migrate

from .saying import Json, say
from .services import open_services, owned

cli = typer.Typer(no_args_is_help=True, help=__doc__)


@cli.command()
def add(
    slug: str,
    name: str,
    country: str = "AU",
    catalogue: Annotated[bool, typer.Option(help="Load the medicines of the country that come with Galen.")] = True,
    as_json: Json = False,
) -> None:
    """Add an organisation with its own schema and role. SLUG is its short name: small letters, digits, hyphens."""

    async def go() -> int:
        profile = country_of(country)
        refuse_unfit_name(slug, name)
        async with owned() as (owner, services):
            refuse_unfit_name(slug, name, [organization.slug for organization in await services.list_organizations()])
            await migrate.add_organization(owner, slug, name, profile.code, profile.currency, profile.zone)
            if not catalogue:
                return 0
            async with services.as_system(slug, "organization add") as ctx:
                return await load_catalogue(ctx)

    loaded = asyncio.run(go())
    say(
        {"organization": slug, "medicines": loaded},
        as_json,
        f"{name} is there, as “{slug}”, with {loaded} medicines.\n"
        f'Next, its first administrator: bin/galen account add anna "Anna Berg" admin -o {slug}',
    )


@cli.command(name="list")
def list_all(as_json: Json = False) -> None:
    """The organisations on this database."""

    async def go() -> list[Any]:
        async with open_services() as services:
            return list(await services.list_organizations())

    found = asyncio.run(go())
    say([asdict(o) for o in found], as_json, "\n".join(f"{o.slug:20} {o.name}" for o in found) or "None yet.")
