"""A supplier, two medicines, and how a line is said."""

from decimal import Decimal
from typing import Any

from galen import medicines, purchasing
from galen.core.context import Context
from galen.medicines import Product
from galen.purchasing import Delivery, DeliveryDraft, LineDraft, Supplier, SupplierDraft

D = Decimal
GTIN = "09300000000019"
"""An article number that no medicine of the test world has."""


async def medicine(ctx: Context, name: str, pack_size: int = 30, code: str = "") -> Product:
    part = medicines.PartDraft(name=name, strength="317 mg")
    draft = medicines.MedicineDraft(
        ingredients=[part], form="tablet", pack_size=D(pack_size), price=D(9), barcodes=[code] if code else []
    )
    product: Product = await medicines.add_medicine(ctx, draft)
    return product


async def supplier(ctx: Context, name: str = "Southern Wholesale") -> Supplier:
    made: Supplier = await purchasing.add_supplier(ctx, SupplierDraft(name=name, lead_days=2))
    await ctx.flush()
    return made


async def started(ctx: Context, of: Supplier, number: str = "N-1") -> Delivery:
    made: Delivery = await purchasing.start_delivery(ctx, DeliveryDraft(supplier_id=of.id, supplier_number=number))
    await ctx.flush()
    return made


def line(product: Product, number: str = "B1", **said: Any) -> LineDraft:
    whole = {"product_id": product.id, "number": number, "expires": "2028-06", "packs": 1} | said
    return LineDraft.model_validate(whole)
