"""What could be handed out instead of a medicine, with price and stock."""

from uuid import UUID

from galen import medicines
from galen.core.context import Context
from galen.core.gate import requires
from galen.medicines import Product

from ..schemas import Alternative, AlternativesView
from .places import pharmacy
from .shelves import on_hand


@requires("medicine.read")
async def alternatives(ctx: Context, product_id: UUID) -> AlternativesView:
    """The same medicine, then others for the same use; of each, what is in stock comes first, the cheapest first."""
    known = await medicines.alternatives(ctx, product_id)
    place = await pharmacy(ctx)
    usable = await on_hand(ctx, [product.id for product in (*known.same, *known.siblings, *known.similar)], place.id)

    def with_stock(products: list[Product]) -> list[Alternative]:
        return [Alternative.of(product, usable[product.id]) for product in products]

    def in_stock_first(products: list[Product]) -> list[Alternative]:
        return with_stock(sorted(products, key=lambda product: not usable[product.id]))

    return AlternativesView(
        product_id=known.product.id,
        name=known.product.tall_name,
        te_code=known.product.te_code,
        site=place.name,
        generic=in_stock_first(known.same),
        other_strengths=with_stock(known.siblings),
        therapeutic=in_stock_first(known.similar),
    )
