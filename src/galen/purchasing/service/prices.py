"""What suppliers ask for: from their lists, or as somebody wrote it down; the latest that holds today counts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import selectinload

from galen.core.context import Context
from galen.core.errors import Conflict
from galen.core.gate import requires
from galen.core.schemas import Slice
from galen.i18n import gettext as _
from galen.medicines import Listing, Product
from galen.sorting import Orders, count_of

from ..needs import ListedPrice
from ..order_schemas import PriceDraft
from ..order_views import PriceList
from ..suppliers import TYPED, Supplier, SupplierPrice
from .costs import last_costs

LISTED = "supplier: "
ORDERS = Orders("-valid_from", valid_from=SupplierPrice.valid_from, price=SupplierPrice.price)


class PriceOfThisDay(Conflict):
    message = "A price from this day on is written down already. Choose another day."
    constraint = "supplier_price_supplier_id_product_id_valid_from_key"


@dataclass(frozen=True, slots=True)
class OrderPrice:
    """What a pack costs on an order, whence that is known, and from which day."""

    price: Decimal
    source: str
    day: date | None
    code: str = ""
    minimum_packs: Decimal = Decimal(1)

    @classmethod
    def typed(cls, ctx: Context, price: Decimal) -> "OrderPrice":
        return cls(price, f"{TYPED}{ctx.actor.name}", ctx.today)

    @property
    def columns(self) -> dict[str, Any]:
        """The same as an order's line keeps it."""
        return {"price": self.price, "price_source": self.source, "price_day": self.day, "code": self.code}


async def prices_today(
    ctx: Context, product_ids: Collection[UUID], supplier_id: UUID | None = None
) -> dict[UUID, list[ListedPrice]]:
    """For each medicine what each supplier that is not archived asks today, the cheapest unit first."""
    named = [SupplierPrice.valid_from, SupplierPrice.price, SupplierPrice.pack_size]
    named += [SupplierPrice.minimum_packs, SupplierPrice.code, SupplierPrice.source]
    query = (
        select(SupplierPrice.product_id, SupplierPrice.supplier_id, *named)
        .ext(distinct_on(SupplierPrice.product_id, SupplierPrice.supplier_id))
        .join(Supplier, Supplier.id == SupplierPrice.supplier_id)
        .where(SupplierPrice.product_id.in_(product_ids), SupplierPrice.valid_from <= ctx.today)
        .where(Supplier.archived_at.is_(None))
        .order_by(SupplierPrice.product_id, SupplierPrice.supplier_id, SupplierPrice.valid_from.desc())
    )
    if supplier_id:
        query = query.where(SupplierPrice.supplier_id == supplier_id)
    rows = (await ctx.db.execute(query)).all()
    suppliers = await ctx.get_many(Supplier, {row.supplier_id for row in rows})
    found: dict[UUID, list[ListedPrice]] = {}
    for product_id, of_supplier, *asked in rows:
        found.setdefault(product_id, []).append(ListedPrice(suppliers[of_supplier], *asked))
    for prices in found.values():
        prices.sort(key=lambda price: (price.unit_price, price.supplier.name))
    return found


async def order_prices(ctx: Context, supplier_id: UUID, product_ids: Collection[UUID]) -> dict[UUID, OrderPrice]:
    """What a stocked pack costs from this supplier: by its list, else as the last one did; unknown is not nothing."""
    products = await ctx.get_many(Product, product_ids)
    listed = await prices_today(ctx, product_ids, supplier_id)
    missing = {product_id for product_id in products if product_id not in listed}
    found = {id: OrderPrice(cost, "last delivery", None) for id, cost in (await last_costs(ctx, missing)).items()}
    for product_id, (price, *_rest) in listed.items():
        pack = price.pack_price(products[product_id].pack_size)
        found[product_id] = OrderPrice(pack, price.source, price.valid_from, price.code, price.minimum_packs)
    return found


@requires("order.write")
async def set_price(ctx: Context, supplier_id: UUID, draft: PriceDraft) -> SupplierPrice:
    """Write down what a supplier asks for a medicine from a day on."""
    supplier, product = await ctx.get(Supplier, supplier_id), await ctx.get(Product, draft.product_id)
    ctx.flash(_("The price of %(name)s is written down.", name=product.name))
    return ctx.add(
        SupplierPrice(
            supplier_id=supplier.id,
            product_id=product.id,
            valid_from=draft.valid_from or ctx.today,
            price=draft.price,
            pack_size=draft.pack_size or product.pack_size,
            minimum_packs=draft.minimum_packs,
            code=draft.code,
            source=f"{TYPED}{ctx.actor.name}",
        )
    )


@requires("order.write")
async def supplier_prices(
    ctx: Context,
    supplier_id: UUID | None = None,
    product_id: UUID | None = None,
    after: str | None = None,
    sort: str = "",
) -> Slice[SupplierPrice]:
    """What suppliers asked and ask, the latest first."""
    query = select(SupplierPrice)
    query = query.where(SupplierPrice.supplier_id == supplier_id) if supplier_id else query
    query = query.where(SupplierPrice.product_id == product_id) if product_id else query
    seen = selectinload(SupplierPrice.product), selectinload(SupplierPrice.supplier)
    page = await ctx.slice(query.options(*seen), after, **ORDERS.of(sort))
    page.count = await count_of(ctx.db, query)
    return page


@requires("order.write")
async def price_list(ctx: Context, supplier_id: UUID, after: str | None = None, sort: str = "") -> PriceList:
    """The prices of one supplier as a page."""
    supplier = await ctx.get(Supplier, supplier_id)
    return PriceList(supplier, await supplier_prices(ctx, supplier.id, None, after, sort), ctx.today)


async def take_over(ctx: Context, source: str) -> int:
    """What a supplier's imported list says is its price from today on; what has not changed stays. Twice is once."""
    named = func.lower(Supplier.name) == source.removeprefix(LISTED).lower()
    supplier = await ctx.db.scalar(select(Supplier).where(named))
    return await prices_from_list(ctx, supplier, source) if supplier else 0


async def prices_from_list(ctx: Context, supplier: Supplier, source: str) -> int:
    query = (
        select(Listing.product_id, Listing.cost, Listing.code, Product.pack_size)
        .join(Product, Product.id == Listing.product_id)
        .where(func.lower(Listing.source) == source.lower(), Listing.cost.is_not(None), Product.archived_at.is_(None))
        .where(Listing.currency == ctx.organization.currency)
        .order_by(Listing.product_id, Listing.cost)
    )
    listed = {
        row.product_id: row for row in reversed((await ctx.db.execute(query)).all())
    }  # the cheapest, where several
    known = {product: prices[0] for product, prices in (await prices_today(ctx, listed, supplier.id)).items()}
    fresh = []
    for product_id, row in listed.items():
        before = known.get(product_id)
        if before and (before.price, before.pack_size, before.code) == (row.cost, row.pack_size, row.code):
            continue
        if before and before.valid_from == ctx.today:
            of_today = SupplierPrice.supplier_id == supplier.id, SupplierPrice.product_id == product_id
            price = await ctx.db.scalar(select(SupplierPrice).where(*of_today, SupplierPrice.valid_from == ctx.today))
            assert price
            price.price, price.pack_size, price.code, price.source = row.cost, row.pack_size, row.code, "price list"
            continue
        fresh.append(
            SupplierPrice(
                supplier_id=supplier.id, product_id=product_id, valid_from=ctx.today, price=row.cost,
                pack_size=row.pack_size, code=row.code, source="price list",
                minimum_packs=before.minimum_packs if before else Decimal(1),
            )
        )  # fmt: skip
    await ctx.insert_many(SupplierPrice, fresh)
    return len(fresh)
