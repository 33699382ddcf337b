"""An order on its way: how it is written, approved, sent and received."""

from decimal import Decimal
from typing import Any

from galen import purchasing
from galen.core.context import Context
from galen.medicines import Product
from galen.purchasing import (
    ApprovalDraft,
    Delivery,
    LineDraft,
    OrderLineDraft,
    PurchaseOrder,
    PurchaseOrderDraft,
    ReceiptDraft,
    SendingDraft,
    SentHow,
    Supplier,
)

D = Decimal
BY_HAND = SendingDraft(how=SentHow.HAND)


async def written(ctx: Context, of: Supplier, *wanted: tuple[Product, int, str | None]) -> PurchaseOrder:
    """A draft of so many packs of each at so much a pack."""
    lines = [OrderLineDraft(product_id=p.id, packs=D(packs), price=price and D(price)) for p, packs, price in wanted]
    order: PurchaseOrder = await purchasing.write_order(ctx, PurchaseOrderDraft(supplier_id=of.id, lines=lines))
    await ctx.flush()
    return order


async def sent(ctx: Context, of: Supplier, *wanted: tuple[Product, int, str | None]) -> PurchaseOrder:
    order = await written(ctx, of, *wanted)
    await purchasing.approve_order(ctx, order.id, ApprovalDraft())
    await purchasing.send_order(ctx, order.id, BY_HAND)
    await ctx.flush()
    return order


async def received(ctx: Context, order: PurchaseOrder, **packs: dict[str, Any]) -> Delivery:
    """What came of an order: for each generic name how its line reads; what is not named did not come."""
    delivery: Delivery = await purchasing.begin_receipt(ctx, order.id)
    await ctx.flush()
    page = await purchasing.service.lines.page_of(ctx, delivery)
    for row in page.rows:
        said = packs.pop(row.line.product.generic.split()[0], {"packs": 0, "noted_packs": row.line.noted_packs})
        whole = {"product_id": row.line.product_id, "number": "B1", "expires": "2028-06", "price": row.line.price}
        await purchasing.change_line(ctx, delivery.id, row.line.id, LineDraft.model_validate(whole | said))
    await purchasing.receive_delivery(ctx, delivery.id, ReceiptDraft())
    await ctx.flush()
    return delivery
