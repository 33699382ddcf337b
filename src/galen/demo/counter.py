"""The counter of the demo: a morning's sales, one that waits, and a nursing home's account."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from galen import billing, counter
from galen.billing import AccountPaymentDraft, ChargeAccountDraft, HolderKind, Method
from galen.core.context import Context
from galen.counter import ItemDraft, ParkDraft, TenderDraft, TendersDraft
from galen.medicines import Product
from galen.patients import Patient

from .encounters import act_as

MINUTES = 7


async def seed(ctx: Context) -> None:
    """Nobody has bought anything yet."""


async def seed_bulk(ctx: Context) -> None:
    if ctx.organization.slug != "north":
        return
    actor, site, now = ctx.actor, ctx.site, ctx.now
    await act_as(ctx, "ben")
    free = Product.schedule_au.in_(("", "S2")), Product.prescription_only.is_(False), Product.price > 0
    query = select(Product).where(*free, Product.generic.not_like("pseudoephedrine%"))
    goods = list(await ctx.db.scalars(query.order_by(Product.sort, Product.id).limit(24)))
    ways = (
        [TenderDraft(method=Method.CASH, tendered=Decimal(50))],
        [TenderDraft(method=Method.CARD)],
        [TenderDraft(method=Method.CARD, amount=Decimal("2.00")), TenderDraft(method=Method.CASH)],
    )
    for turn, tenders in enumerate(ways * 2):
        ctx.now = now - timedelta(minutes=MINUTES * (7 - turn))
        sale_id = await basket(ctx, goods[turn * 2 : turn * 2 + 1 + turn % 2])
        if sale_id:
            await counter.pay_sale(ctx, sale_id, TendersDraft(tenders=tenders))
            await ctx.flush()
    ctx.now = now
    if sale_id := await basket(ctx, goods[13:14]):
        await counter.park_sale(ctx, sale_id, ParkDraft(parked_as="Went back for the wallet"))
        await ctx.flush()
    await nursing_home(ctx, goods)
    ctx.actor, ctx.site, ctx.now = actor, site, now


async def basket(ctx: Context, goods: list[Product]) -> UUID | None:
    """A pack of each, in a sale."""
    sale = None
    for product in goods:
        sale = (await counter.add_item(ctx, ItemDraft(product_id=product.id, packs=Decimal(1)))).sale
    await ctx.flush()
    return sale.id if sale else None


async def nursing_home(ctx: Context, goods: list[Product]) -> None:
    """An account on which purchases of two months stand, part of them paid."""
    resident = (
        await ctx.db.scalars(select(Patient).where(Patient.archived_at.is_(None)).order_by(Patient.id).limit(1))
    ).one()
    await act_as(ctx, "max")
    draft = ChargeAccountDraft(
        holder="Seaview Nursing Home", kind=HolderKind.HOME, credit_limit=Decimal(500),
        email="accounts@seaview.example",
        address="12 Cliff Road, Manly NSW 2095", mails_statement=True, patient_id=resident.id,
    )  # fmt: skip
    account = await billing.open_account(ctx, draft)
    await ctx.flush()
    now = ctx.now
    await act_as(ctx, "ben")
    for days, product in ((45, goods[16]), (12, goods[18])):
        ctx.now = now - timedelta(days=days)
        if sale_id := await basket(ctx, [product]):
            tender = TenderDraft(method=Method.ACCOUNT, charge_account_id=account.id)
            await counter.pay_sale(ctx, sale_id, TendersDraft(tenders=[tender]))
            await ctx.flush()
            ctx.locked.clear()
    ctx.now = now
    await billing.pay_account(ctx, account.id, AccountPaymentDraft(method=Method.TRANSFER, amount=Decimal("1.50")))
    await ctx.flush()
