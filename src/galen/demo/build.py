"""Filling an empty organisation, module by module, from the lowest layer up."""

from importlib import import_module
from importlib.util import find_spec

from galen import organizations
from galen.core.context import Context
from galen.core.finish import finish
from galen.core.services import Services
from galen.provisioning import migrate

from .cast import DEMO

MODULES = """
    organizations identity patients medicines scheduling inventory history billing queue encounters prescribing
    dispensing purchasing counter coldchain recalls
""".split()


async def seed(ctx: Context, *, bulk: bool = True) -> None:
    """Everything the demo shows. Without `bulk` only the cast itself is there: what tests start from."""
    for name in MODULES:
        if find_spec(f"galen.demo.{name}"):
            module = import_module(f"galen.demo.{name}")
            await module.seed(ctx)
            await finish(ctx)
            if bulk and hasattr(module, "seed_bulk"):
                await module.seed_bulk(ctx)
                await finish(ctx)


async def demo_is_due(services: Services) -> bool:
    """Whether there is no organisation at all, or a demo whose making was cut short."""
    listed = await services.list_organizations()
    ours = [org.slug for org in listed if (org.slug, org.name, org.country) in DEMO]
    if listed and not ours:
        return False
    return len(ours) < len(DEMO) or not all([await is_seeded(services, slug) for slug in ours])


async def is_seeded(services: Services, slug: str) -> bool:
    """Whether anything at all was made there; the demo of an organisation is one transaction."""
    async with services.as_system(slug, "demo") as ctx:
        return bool(await organizations.sites(ctx, closed=True))


async def open_demo(owner: str, services: Services) -> None:
    """Both demo organisations, each filled in one transaction; what is there already stays as it is."""
    for slug, name, country in DEMO:
        profile = organizations.country_of(country)
        await migrate.add_organization(owner, slug, name, country, profile.currency, profile.zone)
        if not await is_seeded(services, slug):
            async with services.as_system(slug, "demo") as ctx:
                await seed(ctx)
