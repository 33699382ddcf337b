"""The catalogue of both demo organisations: the assortment of their country."""

from galen import medicines
from galen.core.context import Context


async def seed(ctx: Context) -> None:
    await medicines.load_catalogue(ctx)
