"""Filling the basket: by scan or by search, with price, discount and buyer."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from galen import billing, inventory, medicines
from galen.core.context import Context
from galen.core.errors import Invalid, Refusal
from galen.core.gate import requires
from galen.core.numbers import next_number
from galen.i18n import gettext as _
from galen.inventory import Batch, BatchStatus, OutOfStock
from galen.medicines import Product, Scan, of_code, scan_of
from galen.patients import Patient
from galen.values.ids import uuid7
from galen.values.money import Money
from galen.values.units import plain

from ..events import SaleChanged
from ..models import BY_HAND, Sale, SaleClass, SaleLine
from ..refusals import AtAnotherSite, NotOfThisSale, PrescriptionNeeded, SaleEnded, SaleWaits, TooMuchOfIt
from ..rules import counted, limits_of, on_prescription, supply_of
from ..schemas import (
    Basket,
    BuyerDraft,
    Heard,
    ItemDraft,
    LineDiscountDraft,
    QuantityDraft,
    SaleDiscountDraft,
    SalePriceDraft,
    SaleScanDraft,
)
from .look import at_pharmacy, basket_of, how_much, own, waiting_here

SHOULD_STOP = {BatchStatus.RECALLED, BatchStatus.QUARANTINED}


async def in_hand(ctx: Context, sale_id: UUID) -> Sale:
    """A sale of this site that may still change, held until the end."""
    sale = await of_here(ctx, sale_id)
    if sale.is_parked:
        raise SaleWaits
    if not sale.is_open:
        raise SaleEnded(status=sale.status.word)
    return sale


async def of_here(ctx: Context, sale_id: UUID) -> Sale:
    """A sale of the site worked at, held until the end: its stock and its till are here."""
    sale = await ctx.get(Sale, sale_id, lock=True)
    if sale.site_id != ctx.here.id:
        raise AtAnotherSite
    return sale


async def begun(ctx: Context) -> Sale:
    """One's own sale, held; a new one where none is in hand."""
    if sale := await own(ctx):
        return await in_hand(ctx, sale.id)
    sale = Sale(
        number=f"S{await next_number(ctx, 'sale'):06}",
        site_id=ctx.here.id,
        cashier_id=ctx.actor.id,
        cashier=ctx.actor.name,
        opened_at=ctx.now,
        discount=Decimal(0),
        answered=[],
    )
    ctx.emit(SaleChanged(sale.id))
    return ctx.add(sale)


@requires("sale.write")
async def begin_sale(ctx: Context) -> Sale:
    """One's own sale, begun where there is none."""
    return await begun(ctx)


async def shown(ctx: Context, sale: Sale, heard: Heard | None = None) -> Basket:
    """The basket after a change, with all that waits beside it."""
    await ctx.flush()
    basket = await basket_of(ctx, sale, heard)
    basket.parked = await waiting_here(ctx, sale)
    return basket


@requires("sale.write")
async def scan_item(ctx: Context, draft: SaleScanDraft) -> Basket:
    """One more pack of what was scanned, in the sale in hand."""
    sale = await begun(ctx)
    line = await of_scan(ctx, sale, draft.code)
    return await shown(ctx, sale, heard_of(line))


def heard_of(line: SaleLine) -> Heard:
    words = _("%(product)s: %(amount)s", product=line.text, amount=line.amount)
    return Heard(words, True, str(uuid7()), f"sale-line--{line.id}")


@requires("sale.write")
async def scan_at_counter(ctx: Context, draft: SaleScanDraft) -> Basket:
    """The same on the page: what is refused is told in place, with its sound, as the next scan may be on its way."""
    sale = await begun(ctx)
    try:
        heard = heard_of(await of_scan(ctx, sale, draft.code))
    except Refusal as refusal:  # raised before anything was changed
        heard = Heard(str(refusal), False, str(uuid7()), "basket")
    return await shown(ctx, sale, heard)


async def of_scan(ctx: Context, sale: Sale, code: str) -> SaleLine:
    scan, product = scan_of(ctx, code), await of_code(ctx, code)
    if product is None:
        raise Invalid("code", _("No product here has the code %(code)s. Find it by its name.", code=code.strip()[:40]))
    if scan and scan.expires and scan.expires < ctx.today:
        raise Invalid("code", _("This pack of %(product)s has expired. Put it aside.", product=product.label))
    batch = await batch_in_hand(ctx, product, scan) if scan and scan.lot else None
    line = await put(ctx, sale, product, product.pack_size)
    line.batch_id = batch or line.batch_id
    return line


async def batch_in_hand(ctx: Context, product: Product, scan: Scan) -> UUID | None:
    """The batch that was scanned; one that was set aside stops, one that is not known is left to the shelf."""
    query = select(Batch).where(Batch.product_id == product.id, func.upper(Batch.number) == scan.lot.upper())
    for batch in await ctx.db.scalars(query.order_by(Batch.expires, Batch.id)):
        if batch.status in SHOULD_STOP or (batch.expires and batch.expires < ctx.today):
            about = {"batch": batch.number, "product": product.label}
            raise Invalid("code", _("Batch %(batch)s of %(product)s may not go out. Put the pack aside.", **about))
        return batch.id
    return None


@requires("sale.write")
async def add_item(ctx: Context, draft: ItemDraft) -> Basket:
    """So much of a product that was found by its name."""
    product = await ctx.get(Product, draft.product_id)
    units = draft.packs * product.pack_size + draft.units or product.pack_size
    sale = await begun(ctx)
    return await shown(ctx, sale, heard_of(await put(ctx, sale, product, units)))


async def put(ctx: Context, sale: Sale, product: Product, units: Decimal) -> SaleLine:
    """So many more units of a product in the basket: sold without a prescription, on the shelf, within its limits."""
    country = ctx.organization.country
    if on_prescription(country, product.schedule_in(country), product.prescription_only):
        raise PrescriptionNeeded(product=product.label, permission="dispensing.prepare")
    line = next((line for line in sale.lines if line.product_id == product.id), None)
    wanted = units + (line.quantity if line else 0)
    limited = await limited_in(ctx, sale, product, wanted)
    if line is None:
        line = await new_line(ctx, sale, product, wanted)
        sale.lines.append(line)
    line.quantity, line.limited = wanted, limited
    unapprove(sale)
    return line


async def new_line(ctx: Context, sale: Sale, product: Product, units: Decimal) -> SaleLine:
    known = product.price > 0
    source, on = await medicines.price_origin(ctx, product) if known else ("", None)
    country = ctx.organization.country
    return SaleLine(
        sale_id=sale.id,
        position=1 + max((line.position for line in sale.lines), default=0),
        product_id=product.id,
        text=product.label,
        unit=product.unit,
        pack_size=product.pack_size,
        quantity=units,
        unit_price=product.unit_price.quantize(Decimal("0.000001")) if known else None,
        price_source=source,
        price_on=on,
        tax_class=product.tax_class,
        supply=SaleClass(supply_of(country, product.schedule_in(country))),
        discount_rate=Decimal(0),
        returned=Decimal(0),
    )


async def limited_in(ctx: Context, sale: Sale, product: Product, units: Decimal) -> dict[str, str]:
    """Refuse more than lies here, or than may be sold; how much of each limited substance this is."""
    there = (await inventory.on_hand(ctx, [product.id]))[product.id]
    if there < units:
        raise OutOfStock(left=plain(there), wanted=plain(units))
    found: dict[str, str] = {}
    holds = [medicines.ingredient_name(name) or name for name in product.holds]
    for limit in limits_of(ctx.organization.country, holds, await at_pharmacy(ctx)):
        amount = counted(limit, holds, product.strength.split(" + "), units)
        others = [line.limited.get(limit.substance, 0) for line in sale.lines if line.product_id != product.id]
        if amount + sum(map(Decimal, others)) > limit.most:
            raise TooMuchOfIt(most=how_much(limit.most, limit), substance=limit.substance, source=limit.source)
        found[limit.substance] = str(amount)
    return found


def unapprove(sale: Sale) -> None:
    """What a pharmacist saw was another basket."""
    sale.approved_by, sale.approved_at, sale.approved_name, sale.approval_note = None, None, "", ""
    sale.answered = []


def taken_off(sale: Sale, discount: Decimal) -> tuple[Decimal, Decimal]:
    """What is taken off in all, by lines and on the whole, and what the lines are listed at."""
    listed = [(line.quantity * (line.unit_price or 0), line.discount_rate) for line in sale.lines]
    off = sum((amount * rate for amount, rate in listed), Decimal(0))
    return off + discount, sum((amount for amount, _rate in listed), Decimal(0))


def keep_discount(ctx: Context, sale: Sale) -> None:
    """The discount on the whole stays while it fits what is left: the sale is worth it, and one's role goes so far."""
    off, listed = taken_off(sale, sale.discount)
    most = listed if ctx.actor.may("invoice.discount_any") else listed * billing.USUAL_DISCOUNT
    if sale.discount and off > most:
        sale.discount, sale.discount_reason = Decimal(0), ""


def line_of(sale: Sale, line_id: UUID) -> SaleLine:
    line = next((line for line in sale.lines if line.id == line_id), None)
    if line is None:
        raise NotOfThisSale
    return line


@requires("sale.write")
async def change_quantity(ctx: Context, sale_id: UUID, line_id: UUID, draft: QuantityDraft) -> Basket:
    """Another quantity of a line, in packs, loose units, or both."""
    sale = await in_hand(ctx, sale_id)
    line = line_of(sale, line_id)
    product = await ctx.get(Product, line.product_id)
    wanted = draft.packs * product.pack_size + draft.units
    line.limited = await limited_in(ctx, sale, product, wanted)
    line.quantity = wanted
    keep_discount(ctx, sale)
    unapprove(sale)
    return await shown(ctx, sale)


@requires("sale.write")
async def remove_line(ctx: Context, sale_id: UUID, line_id: UUID) -> Basket:
    """Take a line out of the basket."""
    sale = await in_hand(ctx, sale_id)
    line = line_of(sale, line_id)
    sale.lines.remove(line)
    unapprove(sale)
    keep_discount(ctx, sale)
    ctx.flash(_("%(product)s is taken out of the sale.", product=line.text))
    return await shown(ctx, sale)


@requires("sale.price")
async def set_price(ctx: Context, sale_id: UUID, line_id: UUID, draft: SalePriceDraft) -> Basket:
    """The price of a pack that the catalogue does not know, or tells otherwise, by whoever may answer for it."""
    sale = await in_hand(ctx, sale_id)
    line = line_of(sale, line_id)
    line.unit_price = (draft.price / line.pack_size).quantize(Decimal("0.000001"))
    line.price_source, line.price_on = BY_HAND, ctx.today
    line.price_reason, line.price_by = draft.reason, ctx.actor.name
    keep_discount(ctx, sale)
    return await shown(ctx, sale)


@requires("sale.write")
async def discount_line(ctx: Context, sale_id: UUID, line_id: UUID, draft: LineDiscountDraft) -> Basket:
    """Per cent off a line, as far as one's role goes, with a reason."""
    sale = await in_hand(ctx, sale_id)
    line = line_of(sale, line_id)
    billing.refuse_excess(ctx, draft.percent, Decimal(100))
    if draft.percent and len(draft.reason) < 3:
        raise Invalid("reason", _("Write why there is a discount."))
    line.discount_rate, line.discount_reason = draft.percent / 100, draft.reason if draft.percent else ""
    billing.refuse_excess(ctx, *taken_off(sale, sale.discount))
    return await shown(ctx, sale)


@requires("sale.write")
async def discount_sale(ctx: Context, sale_id: UUID, draft: SaleDiscountDraft) -> Basket:
    """An amount off the whole sale, divided over its lines to the cent."""
    sale = await in_hand(ctx, sale_id)
    less = Money.rounded(draft.amount, ctx.organization.currency)
    if less:
        billing.refuse_excess(ctx, *taken_off(sale, less.amount))
    if less and len(draft.reason) < 3:
        raise Invalid("reason", _("Write why there is a discount."))
    sale.discount, sale.discount_reason = less.amount, draft.reason if less else ""
    return await shown(ctx, sale)


@requires("sale.write")
async def set_buyer(ctx: Context, sale_id: UUID, draft: BuyerDraft) -> Basket:
    """Who buys: a patient, or the name and what else the law asks for."""
    sale = await in_hand(ctx, sale_id)
    if draft.patient_id:
        await ctx.get(Patient, draft.patient_id)
    if draft.patient_id != sale.patient_id:
        unapprove(sale)
    sale.patient_id, sale.buyer_name = draft.patient_id, draft.buyer_name
    sale.buyer_document, sale.buyer_address = draft.buyer_document, draft.buyer_address
    return await shown(ctx, sale)
