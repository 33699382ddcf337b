"""Whom the demo buys from, a delivery that is on the shelf, and one that has just come."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from galen import organizations, purchasing
from galen.core.context import Context
from galen.medicines import Product
from galen.purchasing import DeliveryDraft, LineDraft, ReceiptDraft, SupplierDraft

SUPPLIERS = [
    ("Tideway Wholesale", "orders@tideway.example", 1),
    ("Northbank Medical Supplies", "desk@northbank.example", 3),
]
BOUGHT = [("amoxicillin", 12, "4.10"), ("paracetamol", 40, "1.35"), ("salbutamol", 10, "6.80")]


async def seed(ctx: Context) -> None:
    """Nothing has been bought yet."""


async def seed_bulk(ctx: Context) -> None:
    """Two suppliers; a delivery of yesterday was received, one of today waits to be scanned."""
    before, ctx.site = ctx.site, (await organizations.pharmacies(ctx))[0].info
    drafts = [SupplierDraft(name=name, email=email, lead_days=days) for name, email, days in SUPPLIERS]
    first, second = [await purchasing.add_supplier(ctx, draft) for draft in drafts]
    await ctx.flush()
    yesterday = DeliveryDraft(supplier_id=first.id, supplier_number="TW-20418", day=ctx.today - timedelta(days=1))
    received = await purchasing.start_delivery(ctx, yesterday)
    await ctx.flush()
    for turn, (generic, packs, price) in enumerate(BOUGHT):
        product = await ctx.db.scalar(select(Product).where(Product.generic == generic).order_by(Product.id).limit(1))
        if product is None:
            continue
        line = LineDraft(
            product_id=product.id,
            number=f"TW{turn}A7",
            expires=ctx.today + timedelta(days=500 + 40 * turn),
            packs=Decimal(packs),
            free_packs=Decimal(turn),
            price=Decimal(price),
        )
        await purchasing.add_line(ctx, received.id, line)
        await ctx.flush()
    await purchasing.receive_delivery(ctx, received.id, ReceiptDraft())
    await purchasing.start_delivery(ctx, DeliveryDraft(supplier_id=second.id, supplier_number="NB 7731"))
    ctx.site = before
