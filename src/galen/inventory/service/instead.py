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
    found = await medicines.alternatives(ctx, product_id)
    place = await pharmacy(ctx)
    usable = await on_hand(ctx, [one.id for one in (*found.same, *found.siblings, *found.similar)], place.id)

    def told(products: list[Product]) -> list[Alternative]:
        return [Alternative.of(one, usable[one.id]) for one in sorted(products, key=lambda one: not usable[one.id])]

    return AlternativesView(
        product_id=found.product.id,
        name=found.product.tall_name,
        te_code=found.product.te_code,
        site=place.name,
        generic=told(found.same),
        other_strengths=[Alternative.of(one, usable[one.id]) for one in found.siblings],
        therapeutic=told(found.similar),
    )
