"""What may be supplied instead of a medicine."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from galen.core.context import Context

from .equivalence import measure, rated_equal
from .models import Product, ProductIngredient

MOST = 60
Parts = frozenset[tuple[UUID, object]]


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Packs that hold the same, and others that treat the same (ATC level 4, same route)."""

    product: Product
    same: list[Product]
    siblings: list[Product]  # the same ingredients in another strength, form or route
    similar: list[Product]


async def alternatives(ctx: Context, product_id: UUID) -> Alternatives:
    """Generic substitutes (same ingredients, strength, form and route, rated equivalent where rated); then others."""
    product = await ctx.get(Product, product_id, include=(Product.ingredients,))
    holding = await kin(ctx, product)
    same = [other for other in holding if stands_for(other, product)]
    siblings = sorted((other for other in holding if not alike(other, product)), key=lambda other: other.sort)
    return Alternatives(product, sorted(same, key=cheapest), siblings, await therapeutic(ctx, product))


async def kin(ctx: Context, product: Product) -> list[Product]:
    """Other current packs with the very same ingredients."""
    if not product.ingredients:
        return []
    first = product.ingredients[0].ingredient_id
    holders = select(ProductIngredient.product_id).where(ProductIngredient.ingredient_id == first)
    mine = {part.ingredient_id for part in product.ingredients}
    query = others(product).where(Product.id.in_(holders)).options(selectinload(Product.ingredients))
    holding = await ctx.db.scalars(query)
    return [other for other in holding if {part.ingredient_id for part in other.ingredients} == mine]


async def therapeutic(ctx: Context, product: Product) -> list[Product]:
    """Medicines of the same ATC group of the fourth level by the same route, with other ingredients."""
    if len(product.atc) < 5:
        return []
    group = product.atc[:5]
    codes = [group, *(f"{group}{number:02d}" for number in range(100))]
    query = others(product).where(Product.atc.in_(codes), Product.route == product.route)
    query = query.where(Product.generic != product.generic)
    mine = set(product.holds)
    of_group = await ctx.db.scalars(query.order_by(Product.sort).limit(MOST))
    return [other for other in of_group if set(other.holds) != mine]


def others(product: Product) -> Select[Product]:
    return select(Product).where(Product.archived_at.is_(None), Product.id != product.id)


def stands_for(other: Product, product: Product) -> bool:
    """Whether one pack may be handed out for the other."""
    return alike(other, product) and rated_equal(other.te_code, product.te_code)


def alike(other: Product, product: Product) -> bool:
    """The same substances in the same strength, form and route."""
    return (other.form, other.route) == (product.form, product.route) and contents(other) == contents(product)


def contents(product: Product) -> Parts:
    return frozenset((part.ingredient_id, measure(part.strength)) for part in product.ingredients)


def cheapest(product: Product) -> tuple[object, ...]:
    """The price of one unit counts, not that of the pack."""
    return product.unit_price, product.sort
