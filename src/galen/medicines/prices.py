"""Where the price of a medicine is from, and of which day."""

from datetime import date

from sqlalchemy import or_, select

from galen.core.context import Context
from galen.i18n import N_

from .importing.models import Listing
from .models import Product

CATALOGUE = N_("catalogue")


async def price_origin(ctx: Context, product: Product) -> tuple[str, date]:
    """The list that says so, with the day it was read; else the catalogue, as it stands today."""
    said = or_(Listing.retail == product.price, Listing.cost == product.price)
    query = select(Listing.source, Listing.seen_at).where(Listing.product_id == product.id, said)
    if listed := (await ctx.db.execute(query.order_by(Listing.seen_at.desc(), Listing.id).limit(1))).first():
        return listed.source.removeprefix("supplier: "), listed.seen_at.astimezone(ctx.zone).date()
    return CATALOGUE, ctx.today
