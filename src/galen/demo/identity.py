"""Accounts of the demo's staff. They all use the same password, which is printed at the first start."""

from pydantic import SecretStr

from galen import identity, organizations
from galen.core.context import Context

from .cast import PASSWORD, people


async def seed(ctx: Context) -> None:
    sites = {site.name: site.id for site in await organizations.sites(ctx)}
    for person in people(ctx.organization.slug):
        await identity.add_account(
            ctx,
            identity.AccountDraft(
                username=person.username,
                name=person.name,
                email=f"{person.username}@{ctx.organization.slug}.example",
                roles=[person.role],
                password=SecretStr(PASSWORD),
                site_id=sites[person.site],
            ),
        )
