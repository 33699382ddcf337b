"""What to order: for each medicine of a site the need, the supplier, the price; the weekly list; drafts from both."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import selectinload

from galen.core.context import Context, SiteInfo
from galen.core.errors import Invalid
from galen.core.gate import requires
from galen.i18n import gettext as _
from galen.inventory import (
    NOTHING_USED,
    StockLevel,
    Transfer,
    TransferLine,
    TransferStatus,
    batches_at,
    local_day,
    tell_keepers,
    unused_by_expiry,
    usage_at,
)  # fmt: skip
from galen.medicines import Product
from galen.organizations import pharmacies

from ..models import Delivery, DeliveryLine, DeliveryStatus
from ..needs import ListedPrice, NeedLine, NeedsFound, NeedsPage
from ..order_schemas import ChosenNeeds, OrderLineDraft, ReorderDraft
from ..orders import OPEN, PurchaseOrder, PurchaseOrderLine
from ..reorder import Lead, Need, OrderingPolicy, advise, basis_of, lead_of
from ..rules import NOTHING
from ..suppliers import PurchasingPolicy, ReorderRule, Supplier
from .costs import last_costs
from .orders import new_order, policy_of, with_lines
from .prices import prices_today

NAMED = 40  # medicines that a message names
ALL = 2000
SHOWN = 150  # medicines of a page; the rest follows when these are ordered
SEEN = 20  # deliveries by which a supplier's days are known


def rule_of(policy: PurchasingPolicy) -> OrderingPolicy:
    return OrderingPolicy(policy.review_days, policy.cover_days, policy.service)


async def needs_at(
    ctx: Context, place: SiteInfo, product_ids: Collection[UUID] | None = None, most: int = SHOWN
) -> NeedsFound:
    """What is to be ordered at a site, the most pressing first; of medicines that are named, what each one needs."""
    policy = rule_of(held := await policy_of(ctx))
    kept = await kept_at(ctx, place, product_ids)
    ids = None if product_ids is None else [row.id for row in kept]
    usage, batches = await usage_at(ctx, place, held.window_days, ids), await batches_at(ctx, place, ids)
    on_the_way, rules = await coming(ctx, place), await rules_at(ctx, place)
    sources, today = await Sources.of(ctx, [row.id for row in kept], rules), local_day(ctx, place)
    found = []
    for row in kept:
        rule, used, lying = rules.get(row.id), usage.get(row.id, NOTHING_USED), batches.get(row.id, [])
        supplier, price = sources.usual(row.id)
        need = Need(
            usage=used,
            lead=sources.lead(row.id, supplier),
            usable=sum((batch.quantity for batch in lying), NOTHING),
            coming=on_the_way.get(row.id, NOTHING),
            ending=sum(unused_by_expiry(lying, used.daily, today).values(), NOTHING) if used.daily else NOTHING,
            pack_size=row.pack_size,
            minimum_packs=price.minimum_packs if price else Decimal(1),
            fixed=rule.levels if rule else None,
            level=row.reorder_level,
        )
        never = bool(rule and rule.never)
        advice = advise(need, policy)
        if product_ids is not None or (advice.packs and not never):
            found.append((need.usable > 0, row.sort, row.id, need, advice, never, supplier, price))
    shown = sorted(found, key=lambda line: line[:3])[:most]
    products = await ctx.get_many(Product, [line[2] for line in shown])
    costs = await last_costs(ctx, products)
    lines = [
        NeedLine(
            products[id], supplier, need, advice, basis_of(need, advice, policy), never=never, price=price,
            cost=costs.get(id), cheapest=sources.cheapest(id),
        )
        for _, _, id, need, advice, never, supplier, price in shown
    ]  # fmt: skip
    return NeedsFound(lines, len(found))


async def kept_at(ctx: Context, place: SiteInfo, product_ids: Collection[UUID] | None) -> Sequence[Any]:
    """What has ever lain at a site, or has a rule of its own there, and is still in the catalogue."""
    at_site = select(StockLevel.product_id).where(StockLevel.site_id == place.id)
    ruled = select(ReorderRule.product_id).where(ReorderRule.site_id == place.id)
    which: ColumnElement[bool] = Product.id.in_(at_site.union(ruled))
    if product_ids is not None:
        which = Product.id.in_(product_ids)
    query = select(Product.id, Product.pack_size, Product.reorder_level, Product.sort)
    return (await ctx.db.execute(query.where(which, Product.archived_at.is_(None)).order_by(Product.id))).all()


async def coming(ctx: Context, place: SiteInfo) -> dict[UUID, Decimal]:
    """Units that are ordered (drafts too, lest they be proposed again) or on their way from another site."""
    left = PurchaseOrderLine.packs * PurchaseOrderLine.pack_size - PurchaseOrderLine.received
    ordered = (
        select(PurchaseOrderLine.product_id, func.sum(func.greatest(left, 0)))
        .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.order_id)
        .where(PurchaseOrder.site_id == place.id, PurchaseOrder.status.in_(OPEN))
        .group_by(PurchaseOrderLine.product_id)
    )
    sent = (
        select(TransferLine.product_id, func.sum(TransferLine.quantity))
        .join(Transfer, Transfer.id == TransferLine.transfer_id)
        .where(Transfer.to_site_id == place.id, Transfer.status == TransferStatus.SENT)
        .group_by(TransferLine.product_id)
    )
    found: dict[UUID, Decimal] = defaultdict(Decimal)
    for query in (ordered, sent):
        for product_id, units in await ctx.db.execute(query):
            found[product_id] += units
    return found


async def rules_at(ctx: Context, place: SiteInfo) -> dict[UUID, ReorderRule]:
    query = select(ReorderRule).where(ReorderRule.site_id == place.id).options(selectinload(ReorderRule.supplier))
    return {rule.product_id: rule for rule in await ctx.db.scalars(query)}


@dataclass
class Sources:
    """From whom each medicine may be bought, what each asks, and how long each takes."""

    rules: dict[UUID, ReorderRule]
    prices: dict[UUID, list[ListedPrice]]
    last: dict[UUID, Supplier]  # who brought it last
    of_product: dict[tuple[UUID, UUID], list[int]]
    of_supplier: dict[UUID, list[int]]

    @classmethod
    async def of(cls, ctx: Context, products: Collection[UUID], rules: dict[UUID, ReorderRule]) -> "Sources":
        of_product, of_supplier = await days_seen(ctx)
        prices, last = await prices_today(ctx, products), await brought_last(ctx, products)
        return cls(rules, prices, last, of_product, of_supplier)

    def usual(self, product_id: UUID) -> tuple[Supplier | None, ListedPrice | None]:
        """Whom a person chose, else who brought it last, else who asks least; and what that one asks."""
        prices, rule = self.prices.get(product_id, []), self.rules.get(product_id)
        supplier = (rule.supplier if rule else None) or self.last.get(product_id)
        supplier = supplier or (prices[0].supplier if prices else None)
        if supplier is None or supplier.archived_at:
            supplier = prices[0].supplier if prices else None
        return supplier, next((price for price in prices if supplier and price.supplier_id == supplier.id), None)

    def cheapest(self, product_id: UUID) -> ListedPrice | None:
        return next(iter(self.prices.get(product_id, [])), None)

    def lead(self, product_id: UUID, supplier: Supplier | None) -> Lead:
        if supplier is None:
            return lead_of([], [], None)
        seen = self.of_product.get((supplier.id, product_id), [])
        return lead_of(seen, self.of_supplier.get(supplier.id, []), supplier.lead_days)


async def brought_last(ctx: Context, products: Collection[UUID]) -> dict[UUID, Supplier]:
    """For each medicine the supplier of its latest delivery."""
    query = (
        select(DeliveryLine.product_id, Delivery.supplier_id)
        .ext(distinct_on(DeliveryLine.product_id))
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .where(DeliveryLine.product_id.in_(products), Delivery.status == DeliveryStatus.RECEIVED)
        .order_by(DeliveryLine.product_id, Delivery.received_at.desc(), Delivery.id.desc())
    )
    brought = {row.product_id: row.supplier_id for row in await ctx.db.execute(query)}
    suppliers = await ctx.get_many(Supplier, brought.values())
    return {product_id: suppliers[supplier_id] for product_id, supplier_id in brought.items()}


async def days_seen(ctx: Context) -> tuple[dict[tuple[UUID, UUID], list[int]], dict[UUID, list[int]]]:
    """Whole days from the approval of an order to the first delivery of each line, the latest of them."""
    took = func.min(Delivery.received_at - PurchaseOrder.approved_at).label("took")
    query = (
        select(PurchaseOrder.supplier_id, DeliveryLine.product_id, PurchaseOrder.id, took)
        .join(Delivery, Delivery.order_id == PurchaseOrder.id)
        .join(DeliveryLine, DeliveryLine.delivery_id == Delivery.id)
        .where(Delivery.status == DeliveryStatus.RECEIVED, DeliveryLine.order_line_id.is_not(None))
        .where(DeliveryLine.movement_id.is_not(None))
        .group_by(PurchaseOrder.supplier_id, DeliveryLine.product_id, PurchaseOrder.id)
        .order_by(PurchaseOrder.id.desc())
        .limit(5000)
    )
    of_product: dict[tuple[UUID, UUID], list[int]] = defaultdict(list)
    orders: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    for row in await ctx.db.execute(query):
        days = max(0, round(row.took.total_seconds() / 86400))
        if len(seen := of_product[row.supplier_id, row.product_id]) < SEEN:
            seen.append(days)
        first = orders[row.supplier_id]
        if row.id in first or len(first) < SEEN:
            first[row.id] = min(days, first.get(row.id, days))
    return of_product, {supplier_id: list(days.values()) for supplier_id, days in orders.items()}


async def here_or_first(ctx: Context, site_id: UUID | None) -> tuple[SiteInfo, list[SiteInfo]]:
    """The pharmacy meant: the one named, the one worked at, else the first."""
    places = [site.info for site in await pharmacies(ctx)]
    wanted = site_id or (ctx.site.id if ctx.site else None)
    place = next((place for place in places if place.id == wanted), None)
    if place is None and site_id:
        raise Invalid("site_id", _("Choose a pharmacy: this site keeps no stock."))
    if place is None and not places:
        raise Invalid("site_id", _("There is no pharmacy. An administrator adds one first."))
    return place or places[0], places


@requires("order.write")
async def needs(ctx: Context, site_id: UUID | None = None) -> list[NeedLine]:
    """What is to be ordered at a pharmacy now, what is out first."""
    place, _places = await here_or_first(ctx, site_id)
    return (await needs_at(ctx, place)).lines


@requires("order.write")
async def needs_page(ctx: Context, site_id: UUID | None = None) -> NeedsPage:
    """The same as a page, supplier by supplier."""
    place, places = await here_or_first(ctx, site_id)
    found = await needs_at(ctx, place)
    return NeedsPage(place, places, found.lines, found.count)


@requires("order.write")
async def order_needs(ctx: Context, draft: ChosenNeeds) -> PurchaseOrder:
    """Make a draft of a supplier's part of the proposal, with the packs as somebody corrected them."""
    place, _places = await here_or_first(ctx, draft.site_id)
    wanted = {line.product_id: line.packs for line in draft.lines if line.packs}
    if not wanted:
        raise Invalid("lines", _("Nothing is chosen. Write how many packs of at least one medicine."))
    basis = {line.product.id: line.basis for line in (await needs_at(ctx, place, list(wanted))).lines}
    order = await draft_of(ctx, draft.supplier_id, place, wanted, basis)
    ctx.flash(_("Order %(number)s is a draft. Look at it, then approve it.", number=order.number))
    return order


async def draft_of(
    ctx: Context, supplier_id: UUID, place: SiteInfo, packs: dict[UUID, Decimal], basis: dict[UUID, dict[str, Any]]
) -> PurchaseOrder:
    order = await new_order(ctx, supplier_id, place.id)
    lines = [OrderLineDraft(product_id=product_id, packs=number) for product_id, number in packs.items()]
    await with_lines(ctx, order, lines, basis)
    return order


async def weekly_list(ctx: Context) -> None:
    """For each pharmacy a draft for each supplier of what it needs, and one message about them. Twice is once."""
    for site in await pharmacies(ctx):
        place = site.info
        day = local_day(ctx, place)
        lines = (await needs_at(ctx, place, most=ALL)).lines
        written = []
        for supplier, part in by_supplier(lines):
            if supplier is None or await listed(ctx, place, supplier, day):
                continue
            packs = {line.product.id: line.advice.packs for line in part[:200]}
            order = await draft_of(ctx, supplier.id, place, packs, {line.product.id: line.basis for line in part})
            order.list_day = day
            written.append((order, part))
        if lines:
            words = list_words(written, [line for line in lines if line.supplier is None])
            await tell_keepers(ctx, place, f"order list {place.id} {day}", f"What to order at {place.name}", words)


async def listed(ctx: Context, place: SiteInfo, supplier: Supplier, day: Any) -> bool:
    """Whether this week's draft is written already."""
    of_day = PurchaseOrder.site_id == place.id, PurchaseOrder.supplier_id == supplier.id, PurchaseOrder.list_day == day
    return bool(await ctx.db.scalar(select(PurchaseOrder.id).where(*of_day)))


def by_supplier(lines: Iterable[NeedLine]) -> list[tuple[Supplier | None, list[NeedLine]]]:
    """The lines of each supplier, by its name; those that nobody sells at the end."""
    parts: dict[UUID | None, list[NeedLine]] = defaultdict(list)
    for line in lines:
        parts[line.supplier.id if line.supplier else None].append(line)
    found = [(part[0].supplier, part) for part in parts.values()]
    return sorted(found, key=lambda pair: (pair[0] is None, pair[0].name if pair[0] else ""))


def list_words(written: list[tuple[PurchaseOrder, list[NeedLine]]], alone: list[NeedLine]) -> str:
    """The message: each draft with what it asks for, then what no supplier is known for."""
    sentences = []
    for order, part in written:
        names = "; ".join(f"{line.advice.packs:f} × {line.product.name}" for line in part[:NAMED])
        more = f"; and {len(part) - NAMED} more" if len(part) > NAMED else ""
        sentences.append(f"{order.number} to {order.supplier.name}, a draft: {names}{more}.")
    if alone:
        names = "; ".join(line.product.name for line in alone[:NAMED])
        sentences.append(f"No supplier is known for: {names}.")
    return "\n".join(sentences or ["What is needed stands on drafts already. See What to order."])


@requires("order.write")
async def reorder_of(ctx: Context, product_id: UUID) -> NeedLine | None:
    """The arithmetic of one medicine at the pharmacy worked at, and every price there is."""
    place, _places = await here_or_first(ctx, None)
    await ctx.get(Product, product_id)
    lines = (await needs_at(ctx, place, [product_id])).lines
    if not lines:
        return None
    (line,) = lines
    line.prices = (await prices_today(ctx, [product_id])).get(product_id, [])
    line.rule = (await rules_at(ctx, place)).get(product_id)
    return line


@requires("order.write")
async def set_reorder(ctx: Context, product_id: UUID, draft: ReorderDraft) -> ReorderRule:
    """Decide for one medicine at the pharmacy worked at; without levels they are reckoned again."""
    place, _places = await here_or_first(ctx, None)
    product = await ctx.get(Product, product_id)
    supplier = await ctx.get(Supplier, draft.supplier_id) if draft.supplier_id else None
    rule = await ctx.db.scalar(
        select(ReorderRule)
        .where(ReorderRule.site_id == place.id, ReorderRule.product_id == product.id)
        .with_for_update()
    )
    rule = rule or ctx.add(ReorderRule(site_id=place.id, product_id=product.id))
    rule.supplier_id, rule.minimum, rule.maximum = supplier.id if supplier else None, draft.minimum, draft.maximum
    rule.never, rule.set_name = draft.never, ctx.actor.name
    ctx.flash(_("How %(name)s is ordered is decided.", name=product.name))
    return rule
