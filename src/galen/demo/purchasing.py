"""Whom the demo buys from and for how much, an order in each state, deliveries and bills."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from galen import inventory, organizations, purchasing
from galen.core.context import Context
from galen.medicines import Product
from galen.purchasing import (
    ApprovalDraft,
    BillDraft,
    BillLineDraft,
    DecisionDraft,
    DeliveryDraft,
    EndingDraft,
    LineDraft,
    OrderLineDraft,
    PriceDraft,
    PurchaseOrder,
    PurchaseOrderDraft,
    ReceiptDraft,
    ReorderDraft,
    SendingDraft,
    SentHow,
    Supplier,
    SupplierDraft,
)

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
    await orders(ctx, first, second)
    ctx.site = before


async def orders(ctx: Context, first: Supplier, second: Supplier) -> None:
    """One in each state, the older ones received and billed; one bill asks for more than came."""
    for turn, short in enumerate((await inventory.low_stock(ctx))[:6]):
        for supplier in (first, second)[: 1 + turn % 2]:
            asked = PriceDraft(
                product_id=short.product_id, price=Decimal("8.40") - turn, minimum_packs=Decimal(2 + turn)
            )
            await purchasing.set_price(ctx, supplier.id, asked)
    query = select(Product).where(Product.archived_at.is_(None), Product.reorder_level > 0)
    products = list(await ctx.db.scalars(query.order_by(Product.sort, Product.id).limit(4)))
    if len(products) < 4:
        return
    listed = ctx.today - timedelta(days=60)
    for turn, product in enumerate(products):
        for supplier, price in ((first, Decimal("4.20") + turn), (second, Decimal("4.05") + 2 * turn)):
            await purchasing.set_price(
                ctx, supplier.id, PriceDraft(product_id=product.id, price=price, valid_from=listed)
            )
    await purchasing.set_reorder(ctx, products[0].id, ReorderDraft(minimum=Decimal(400), maximum=Decimal(900)))
    await purchasing.set_reorder(ctx, products[1].id, ReorderDraft(supplier_id=second.id))
    await ctx.flush()
    now, mail = ctx.now, SendingDraft(how=SentHow.MAIL)
    for days, state in enumerate(("draft", "approved", "sent", "partly", "received", "closed", "cancelled")):
        ctx.now = now - timedelta(days=2 * days)
        wanted = [
            OrderLineDraft(product_id=product.id, packs=Decimal(6 + days)) for product in products[: 2 + days % 3]
        ]
        supplier = (first, second)[days % 2]
        order = await purchasing.write_order(ctx, PurchaseOrderDraft(supplier_id=supplier.id, lines=wanted))
        await ctx.flush()
        if state == "cancelled":
            await purchasing.cancel_order(ctx, order.id, EndingDraft(reason="Written down twice"))
        elif state != "draft":
            await purchasing.approve_order(ctx, order.id, ApprovalDraft())
        if state in ("sent", "partly", "received", "closed"):
            await purchasing.send_order(ctx, order.id, mail)
            await ctx.flush()
        ctx.now = now
        if state in ("partly", "received", "closed"):
            await arrived(ctx, order, whole=state != "partly")
        if state in ("received", "closed"):
            await billed(ctx, order, more=Decimal(1 if state == "received" else 0))
        if state == "closed":
            await purchasing.close_order(ctx, order.id, EndingDraft(reason="All has come and is paid"))
        await ctx.flush()


async def arrived(ctx: Context, order: PurchaseOrder, *, whole: bool) -> None:
    """All of an order, or half of its first line."""
    delivery = await purchasing.begin_receipt(ctx, order.id)
    await ctx.flush()
    for place, (line, asked) in enumerate(zip(list(delivery.lines), order.lines, strict=True)):
        said = LineDraft(
            product_id=line.product_id,
            number=f"{order.number[-2:]}{place}K",
            expires=ctx.today + timedelta(days=400 + 30 * place),
            noted_packs=asked.packs,
            packs=asked.packs if whole else Decimal(3 if place == 0 else 0),
            price=asked.price,
        )
        await purchasing.change_line(ctx, delivery.id, line.id, said)
    await purchasing.receive_delivery(ctx, delivery.id, ReceiptDraft())
    await ctx.flush()


async def billed(ctx: Context, order: PurchaseOrder, *, more: Decimal) -> None:
    """What came, and so many packs more of the first medicine."""
    lines = [
        BillLineDraft(product_id=line.product_id, packs=line.packs + (more if place == 0 else 0), price=line.price)
        for place, line in enumerate(order.lines)
    ]
    net = sum(((line.packs or 0) * (line.price or 0) for line in lines), Decimal(0))
    draft = BillDraft(number=f"INV-{order.number[2:]}", net=net, tax=Decimal(0), lines=lines)
    bill = await purchasing.enter_bill(ctx, order.id, draft)
    await ctx.flush()
    if more:
        await purchasing.dispute_bill(ctx, bill.id, DecisionDraft(reason="One pack more than came"))
