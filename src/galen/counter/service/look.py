"""Looking at a basket: what it comes to, what must be known of the buyer, what a pharmacist is to see."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Numeric, cast, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from galen import billing, medicines, patients, safety
from galen.billing import ChargeLine, Method, Payment, in_coins
from galen.core.context import Context
from galen.core.gate import requires
from galen.i18n import gettext as _
from galen.organizations import Site, SiteKind
from galen.safety import SafetyReport
from galen.values.money import Money, total
from galen.values.units import plain

from ..models import Sale, SaleClass, SaleLine, SaleStatus
from ..rules import LIMITS, SaleLimit
from ..schemas import Basket, Heard, SaleDone

PARKED_SHOWN = 30
JUST = timedelta(minutes=10)


def charged(sale: Sale) -> list[ChargeLine]:
    """The lines of a sale as billing takes them; a line without a price is none yet."""
    return [
        ChargeLine(
            text=line.text,
            quantity=line.quantity,
            unit_price=line.unit_price,
            tax_class=line.tax_class,
            reference=("sale_line", line.id),
            discount_rate=line.discount_rate,
        )
        for line in sale.lines
        if line.unit_price is not None
    ]


async def own(ctx: Context) -> Sale | None:
    """The sale that whoever acts has in hand at this site."""
    query = select(Sale).where(
        Sale.site_id == ctx.here.id, Sale.cashier_id == ctx.actor.id, Sale.status == SaleStatus.OPEN
    )
    return await ctx.db.scalar(query)


async def at_pharmacy(ctx: Context) -> bool:
    return (await ctx.get(Site, ctx.here.id)).kind is not SiteKind.CLINIC


def limits_on(ctx: Context, sale: Sale, pharmacy: bool) -> list[tuple[SaleLimit, Decimal]]:
    """The limits that hold for a basket, each with how much of the substance is in it."""
    much: dict[str, Decimal] = {}
    for line in sale.lines:
        for substance, amount in line.limited.items():
            much[substance] = much.get(substance, Decimal(0)) + Decimal(amount)
    return [
        (limit, much[limit.substance])
        for limit in LIMITS
        if limit.country == ctx.organization.country
        and limit.substance in much
        and not (limit.outside_pharmacy and pharmacy)
    ]


def how_much(amount: Decimal, limit: SaleLimit) -> str:
    """9 g, 720 mg, 32 units."""
    if limit.counted == "mg":
        return f"{plain(amount / 1000)} g" if amount >= 1000 else f"{plain(amount)} mg"
    return _("%(number)s tablets or capsules", number=plain(amount))


async def bought_before(ctx: Context, sale: Sale, limit: SaleLimit) -> Decimal:
    """What the same buyer has had of a substance lately, at all sites."""
    same = [Sale.patient_id == sale.patient_id] if sale.patient_id else []
    same += [func.upper(Sale.buyer_document) == sale.buyer_document.upper()] if sale.buyer_document else []
    if not same:
        return Decimal(0)
    amount = cast(SaleLine.limited[limit.substance].astext, Numeric)
    query = (
        select(func.coalesce(func.sum(amount * (1 - SaleLine.returned / SaleLine.quantity)), 0))
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(Sale.status == SaleStatus.SOLD, Sale.sold_at > ctx.now - timedelta(days=limit.days))
        .where(SaleLine.limited.has_key(limit.substance), or_(*same))
    )
    return await ctx.db.scalar(query) or Decimal(0)


async def warnings(ctx: Context, sale: Sale) -> SafetyReport | None:
    """What speaks against these medicines for a buyer who is known."""
    if sale.patient_id is None or not sale.lines:
        return None
    known = await medicines.products(ctx, [line.product_id for line in sale.lines])
    drugs = [product for product in known.values() if product.holds]
    return await safety.check(ctx, sale.patient_id, drugs) if drugs else None


async def lacking(ctx: Context, sale: Sale, report: SafetyReport | None, basket: Basket) -> None:
    """Write down what is missing before this may be paid, the first thing first."""
    for line in sale.lines:
        if line.unit_price is None:
            basket.missing.append(_("The price of %(product)s is not known. Write it first.", product=line.text))
    limits = limits_on(ctx, sale, await at_pharmacy(ctx))
    basket.asks = {ask for limit, _amount in limits for ask in limit.asks}
    guarded = any(line.supply is SaleClass.PHARMACIST for line in sale.lines)
    if guarded:
        basket.asks.add("name")
    if "name" in basket.asks and not (sale.patient_id or sale.buyer_name):
        basket.missing.append(_("Write the name of the buyer."))
    if "document" in basket.asks and not sale.buyer_document:
        basket.missing.append(_("Write the document that the buyer has shown."))
    if "address" in basket.asks and not (sale.buyer_address or sale.patient_id):
        basket.missing.append(_("Write the address of the buyer."))
    for limit, amount in limits:
        before = await bought_before(ctx, sale, limit) if limit.days else Decimal(0)
        if before + amount > limit.most:
            about = {"most": how_much(limit.most, limit), "what": limit.substance, "had": how_much(before, limit)}
            basket.missing.append(
                _("Within %(days)s days no more than %(most)s of %(what)s is sold; this buyer has had %(had)s.",
                  days=limit.days, **about)
            )  # fmt: skip
    waiting = [alert for alert in report.interrupting if alert.key not in sale.answered] if report else []
    basket.pharmacist = guarded or bool(waiting) or bool(report and report.failed)
    basket.unseen = basket.pharmacist and (sale.approved_by is None or bool(waiting))
    if basket.unseen:
        basket.missing.append(_("A pharmacist is to look at this sale."))
    if report and ctx.actor.may("safety.check"):
        basket.alerts = report.alerts


async def basket_of(ctx: Context, sale: Sale | None, heard: Heard | None = None) -> Basket:
    """The counter with this sale in hand."""
    currency = ctx.organization.currency
    nothing = Money.zero(currency)
    if sale is None or not sale.lines:
        return Basket(sale, {}, nothing, nothing, nothing, nothing, heard=heard)
    lines = charged(sale)
    less = Money.rounded(sale.discount, currency) if sale.discount else None
    reckoned = billing.quote(ctx, lines, less)
    totals = {line.reference[1]: part.gross for line, part in zip(lines, reckoned.lines, strict=True) if line.reference}
    basket = Basket(
        sale, totals, reckoned.gross, reckoned.tax, reckoned.discount, in_coins(reckoned.gross), heard=heard
    )
    basket.banner = await patients.banner(ctx, sale.patient_id) if sale.patient_id else None
    basket.accounts = await billing.accounts_of(ctx, sale.patient_id)
    await lacking(ctx, sale, await warnings(ctx, sale), basket)
    return basket


@requires("sale.write")
async def basket(ctx: Context, sale_id: UUID | None = None, done: UUID | None = None) -> Basket:
    """The counter: one's own sale (or the one named), those that are parked, and the one that was just paid."""
    sale = await ctx.get(Sale, sale_id) if sale_id else await own(ctx)
    shown = await basket_of(ctx, sale)
    shown.parked = await waiting_here(ctx, sale)
    shown.done = await just_done(ctx, done) if done and not (sale and sale.lines) else None
    return shown


async def waiting_here(ctx: Context, mine: Sale | None) -> list[Sale]:
    """Parked sales of this site, and those of others that are in hand: a pharmacist looks at them."""
    query = (
        select(Sale)
        .where(Sale.site_id == ctx.here.id, Sale.status.in_((SaleStatus.PARKED, SaleStatus.OPEN)))
        .where(Sale.id != mine.id if mine else Sale.id.is_not(None))
        .options(joinedload(Sale.patient).raiseload("*"), selectinload(Sale.lines))
        .order_by(Sale.status.desc(), Sale.id)
        .limit(PARKED_SHOWN)
    )
    return list(await ctx.db.scalars(query))


async def just_done(ctx: Context, sale_id: UUID) -> SaleDone | None:
    """A sale of the last minutes, with the change to give."""
    sale = await ctx.get(Sale, sale_id)
    if not sale.sold_at or ctx.now - sale.sold_at > JUST or sale.invoice_id is None:
        return None
    payments = await billing.payments_of(ctx, sale.invoice_id)
    return SaleDone(sale, payments, change_of(payments, ctx.organization.currency))


def change_of(payments: Sequence[Payment], currency: str) -> Money:
    return total((paid.change_money for paid in payments if paid.method is Method.CASH), currency)
