"""Words for tests of the counter: what is bought, and how it is paid."""

from collections import defaultdict
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from galen import counter, inventory, medicines
from galen.billing import LedgerAccount, Method, Posting, Transaction
from galen.core.context import Context
from galen.counter import ItemDraft, Sale, SaleScanDraft, TenderDraft, TendersDraft
from galen.inventory import BatchDraft
from galen.medicines import MedicineDraft, PartDraft, Product

D = Decimal


async def product_of(ctx: Context, words: str) -> Product:
    return (await medicines.find_medicines(ctx, words, limit=1))[0]


async def shelved(ctx: Context, words: str, packs: int = 5, number: str = "B1", expires: str = "2028-05") -> Product:
    """A product of the catalogue with so many packs of one batch on the shelf."""
    product = await product_of(ctx, words)
    await lay(ctx, product.id, packs, number, expires)
    return product


async def lay(ctx: Context, product_id: UUID, packs: int, number: str = "B1", expires: str = "2028-05") -> None:
    draft = BatchDraft.model_validate(
        {"product_id": product_id, "number": number, "expires": expires, "packs": packs, "site_id": None}
    )
    await inventory.receive(ctx, draft)
    await ctx.flush()


async def article(ctx: Context, name: str = "Sunscreen SPF 50", price: str = "10.97", code: str = "") -> Product:
    """Something that is no medicine, ten of it on the shelf."""
    draft = MedicineDraft(
        generic=name, pack_size=D(1), unit="tube", price=D(price), tax_class="goods", barcodes=[code] if code else []
    )
    product = await medicines.add_medicine(ctx, draft)
    await ctx.flush()
    await inventory.receive(ctx, BatchDraft(product_id=product.id, number="T1", packs=D(10)))
    await ctx.flush()
    return product


async def tablets(
    ctx: Context, name: str, strength: str, pack: int, schedule: str = "", price: str = "5.00"
) -> Product:
    """A medicine of one's own making, twenty packs on the shelf."""
    draft = MedicineDraft.model_validate(
        {
            "ingredients": [PartDraft(name=name, strength=strength)],
            "form": "tablet",
            "pack_size": pack,
            "unit": "tablet",
            "price": price,
            "schedule_au": schedule,
        }
    )
    product = await medicines.add_medicine(ctx, draft)
    await ctx.flush()
    await lay(ctx, product.id, 20, "M1")
    return product


async def added(ctx: Context, product: Product, packs: int = 1, units: int = 0) -> Sale:
    shown = await counter.add_item(ctx, ItemDraft(product_id=product.id, packs=D(packs), units=D(units)))
    assert shown.sale
    await ctx.flush()
    return shown.sale


async def scanned(ctx: Context, code: str) -> Sale:
    shown = await counter.scan_item(ctx, SaleScanDraft(code=code))
    assert shown.sale
    await ctx.flush()
    return shown.sale


def cash(tendered: str = "") -> TendersDraft:
    return TendersDraft(tenders=[TenderDraft(method=Method.CASH, tendered=D(tendered) if tendered else None)])


def card(amount: str = "") -> TenderDraft:
    return TenderDraft(method=Method.CARD, amount=D(amount) if amount else None)


async def sold(ctx: Context, sale: Sale, tenders: TendersDraft | None = None) -> Sale:
    done = await counter.pay_sale(ctx, sale.id, tenders or cash())
    await ctx.flush()
    return done


async def on_hand(ctx: Context, product: Product) -> Decimal:
    return (await inventory.on_hand(ctx, [product.id]))[product.id]


async def books(ctx: Context) -> dict[LedgerAccount, Decimal]:
    """What stands on each account of the whole house."""
    await ctx.flush()
    query = select(Posting.account, func.sum(Posting.amount)).group_by(Posting.account)
    return defaultdict(Decimal, {account: amount for account, amount in await ctx.db.execute(query) if amount})


async def entries(ctx: Context) -> int:
    return int(await ctx.db.scalar(select(func.count()).select_from(Transaction)) or 0)
