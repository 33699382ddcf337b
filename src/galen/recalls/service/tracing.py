"""Where a recalled batch went, down to the patient, and by which paper it came: each list is one question."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from galen.core.context import Context
from galen.core.gate import requires
from galen.core.schemas import Slice
from galen.dispensing import DispensedItem, Dispensing, DispensingLine, DispensingStatus
from galen.inventory import (
    Batch,
    BatchStatus,
    Movement,
    MovementKind,
    RecalledLot,
    StockLevel,
    Transfer,
    TransferLine,
    TransferStatus,
    same_lot,
)
from galen.medicines import Product
from galen.organizations import Site
from galen.patients import Patient
from galen.purchasing import Delivery, DeliveryLine, DeliveryStatus, Supplier

from ..models import ContactState, MatchAnswer, Recall, RecallContact, RecallMatch, RecallReturn
from ..rules import percent
from ..schemas import (
    BagLine,
    PlaceLine,
    RecallFigures,
    RecallTransferLine,
    RecipientLine,
    SoldLine,
    SourceLine,
)
from .sold import of_recall as sold_of
from .sold import sold_lines

SHOWN = 100
MOST = 50_000  # lines of a file
NOTHING = Decimal(0)


def recalled(recall_id: UUID) -> Select[Any]:
    """The batches that a recall blocks, those also that came after it."""
    declined = exists().where(
        RecallMatch.recall_id == recall_id,
        RecallMatch.batch_id == Batch.id,
        RecallMatch.answer == MatchAnswer.DECLINED,
    )
    return (
        select(Batch.id)
        .join(RecalledLot, same_lot())
        .where(RecalledLot.recall_id == recall_id, Batch.status == BatchStatus.RECALLED, ~declined)
    )


def received() -> ColumnElement[bool]:
    """Whether an item reached its patient: it was collected, and not taken back as one that never left."""
    left = or_(
        Dispensing.status == DispensingStatus.COLLECTED,
        and_(
            Dispensing.status == DispensingStatus.REVERSED,
            Dispensing.collected_at.is_not(None),
            ~Dispensing.ended_because.endswith("(goods: never left)"),
        ),
    )
    return and_(DispensedItem.round == Dispensing.round, left)


async def untold(ctx: Context, recall_id: UUID) -> list[UUID]:
    """The patients who received some of it and stand on no list of this recall."""
    listed = select(RecallContact.patient_id).where(RecallContact.recall_id == recall_id)
    query = (
        select(DispensedItem.patient_id)
        .distinct()
        .join(Dispensing, Dispensing.id == DispensedItem.dispensing_id)
        .where(DispensedItem.batch_id.in_(recalled(recall_id)), received(), DispensedItem.patient_id.not_in(listed))
    )
    at_counter = sold_of(recalled(recall_id)).subquery()
    buyers = select(at_counter.c.patient_id).where(
        at_counter.c.patient_id.is_not(None), at_counter.c.patient_id.not_in(listed)
    )
    return sorted(await ctx.db.scalars(query.union(buyers)))


def recipient_lines(recall_id: UUID) -> Select[Any]:
    full = func.concat_ws(" ", func.nullif(Patient.given, ""), Patient.family)
    return (
        select(
            DispensedItem.id, DispensedItem.patient_id, full.label("name"), Patient.number, Patient.phone,
            Patient.email, Dispensing.id.label("dispensing_id"), Dispensing.number.label("dispensing"),
            DispensingLine.drug.label("medicine"), DispensedItem.batch_id, DispensedItem.batch,
            DispensedItem.quantity, DispensingLine.unit, Dispensing.collected_at.label("at"), RecallContact.state,
        )
        .join(Dispensing, Dispensing.id == DispensedItem.dispensing_id)
        .join(DispensingLine, DispensingLine.id == DispensedItem.dispensing_line_id)
        .join(Patient, Patient.id == DispensedItem.patient_id)
        .outerjoin(
            RecallContact,
            and_(RecallContact.recall_id == recall_id, RecallContact.patient_id == DispensedItem.patient_id),
        )
        .where(DispensedItem.batch_id.in_(recalled(recall_id)), received())
        .order_by(DispensedItem.id)
    )  # fmt: skip


@requires("recall.read")
async def recipients(ctx: Context, recall_id: UUID, after: UUID | None = None) -> Slice[RecipientLine]:
    """Every patient who received some of it: when, how much, by which dispensing, how to reach them."""
    recall = await ctx.get(Recall, recall_id)
    query = recipient_lines(recall.id)
    query = query.where(DispensedItem.id > after) if after else query
    lines = [RecipientLine(**row._mapping) for row in await ctx.db.execute(query.limit(SHOWN + 1))]
    return Slice(items=lines[:SHOWN], next=str(lines[SHOWN - 1].id) if lines[SHOWN:] else None)


@requires("recall.read")
async def bags(ctx: Context, recall_id: UUID) -> list[BagLine]:
    """What is dispensed and waits to be handed over: it is refused there, and has to be undone."""
    recall = await ctx.get(Recall, recall_id)
    full = func.concat_ws(" ", func.nullif(Patient.given, ""), Patient.family)
    query = (
        select(
            DispensedItem.patient_id, full.label("name"), Dispensing.id.label("dispensing_id"),
            Dispensing.number.label("dispensing"), Site.name.label("site"), DispensedItem.batch,
            DispensedItem.quantity, DispensingLine.unit,
        )
        .join(Dispensing, Dispensing.id == DispensedItem.dispensing_id)
        .join(DispensingLine, DispensingLine.id == DispensedItem.dispensing_line_id)
        .join(Patient, Patient.id == DispensedItem.patient_id)
        .join(Site, Site.id == Dispensing.site_id)
        .where(in_bag(recall.id))
        .order_by(Dispensing.number, DispensedItem.position)
        .limit(SHOWN)
    )  # fmt: skip
    return [BagLine(**row._mapping) for row in await ctx.db.execute(query)]


def in_bag(recall_id: UUID) -> ColumnElement[bool]:
    return and_(
        DispensedItem.batch_id.in_(recalled(recall_id)),
        DispensedItem.round == Dispensing.round,
        Dispensing.status == DispensingStatus.DISPENSED,
    )


@requires("recall.read")
async def blocked_places(ctx: Context, recall_id: UUID) -> list[PlaceLine]:
    """Every site that has, or had, some of it, place by place; what lies there most first."""
    recall = await ctx.get(Recall, recall_id)
    query = (
        select(StockLevel.id, StockLevel.location, StockLevel.quantity, Site.name, Batch.number, Product)
        .join(Site, Site.id == StockLevel.site_id)
        .join(Batch, Batch.id == StockLevel.batch_id)
        .join(Product, Product.id == StockLevel.product_id)
        .where(StockLevel.batch_id.in_(recalled(recall.id)))
        .order_by(StockLevel.quantity.desc(), Site.name, StockLevel.id)
        .limit(SHOWN * 2)
    )
    return [
        PlaceLine(
            level_id=id, site=site, location=location, batch=number, medicine=product.name, quantity=units,
            unit=product.unit,
        )
        for id, location, units, site, number, product in await ctx.db.execute(query)
    ]  # fmt: skip


@requires("recall.read")
async def recalled_transfers(ctx: Context, recall_id: UUID) -> list[RecallTransferLine]:
    """Every transfer between sites that held some of it, the latest first."""
    recall = await ctx.get(Recall, recall_id)
    to = select(Site.name).where(Site.id == Transfer.to_site_id).correlate(Transfer).scalar_subquery()
    query = (
        select(
            Transfer.id.label("transfer_id"), Transfer.number.label("transfer"), Site.name.label("source"),
            to.label("target"), Transfer.status, Batch.number.label("batch"), TransferLine.quantity,
            TransferLine.arrived, Product.unit,
        )
        .join(Transfer, Transfer.id == TransferLine.transfer_id)
        .join(Site, Site.id == Transfer.from_site_id)
        .join(Batch, Batch.id == TransferLine.batch_id)
        .join(Product, Product.id == TransferLine.product_id)
        .where(TransferLine.batch_id.in_(recalled(recall.id)))
        .order_by(Transfer.id.desc(), TransferLine.position)
        .limit(SHOWN)
    )  # fmt: skip
    return [RecallTransferLine(**row._mapping) for row in await ctx.db.execute(query)]


@requires("recall.read")
async def sources(ctx: Context, recall_id: UUID) -> list[SourceLine]:
    """Every paper of a supplier by which some of it came: whom it goes back to."""
    recall = await ctx.get(Recall, recall_id)
    shelved = (
        (DeliveryLine.packs + DeliveryLine.free_packs) * DeliveryLine.pack_size
        + DeliveryLine.units
        - DeliveryLine.refused
    )
    query = (
        select(
            Delivery.id.label("delivery_id"), Delivery.number.label("delivery"), Supplier.name.label("supplier"),
            Delivery.supplier_number, Delivery.day, Site.name.label("site"), Batch.number.label("batch"),
            shelved.label("quantity"), Product.unit,
        )
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .join(Supplier, Supplier.id == Delivery.supplier_id)
        .join(Site, Site.id == Delivery.site_id)
        .join(Batch, Batch.id == DeliveryLine.batch_id)
        .join(Product, Product.id == DeliveryLine.product_id)
        .where(DeliveryLine.batch_id.in_(recalled(recall.id)), Delivery.status == DeliveryStatus.RECEIVED)
        .order_by(Delivery.day.desc(), Delivery.id, DeliveryLine.position)
        .limit(SHOWN)
    )  # fmt: skip
    return [SourceLine(**row._mapping) for row in await ctx.db.execute(query)]


@requires("recall.read")
async def recalled_sales(ctx: Context, recall_id: UUID) -> list[SoldLine]:
    """Every sale over the counter that took some of it, the latest first; who is not known cannot be told."""
    recall = await ctx.get(Recall, recall_id)
    return [SoldLine(**row._mapping) for row in await ctx.db.execute(sold_lines(recalled(recall.id)))]


async def figures_of(ctx: Context, recall_id: UUID) -> RecallFigures:
    """How it stands now, in two questions."""
    of_batch = recalled(recall_id).cte("recalled")
    ours = select(of_batch.c.id)

    def total(amount: Any, *which: Any) -> Any:
        return select(func.coalesce(func.sum(amount), 0)).where(*which).scalar_subquery()

    item = and_(DispensedItem.dispensing_id == Dispensing.id, DispensedItem.batch_id.in_(ours))
    bag = and_(DispensedItem.round == Dispensing.round, Dispensing.status == DispensingStatus.DISPENSED)
    sent = and_(TransferLine.transfer_id == Transfer.id, Transfer.status == TransferStatus.SENT)
    sold = sold_of(ours).subquery()
    back = and_(RecallReturn.contact_id == RecallContact.id, RecallContact.recall_id == recall_id)
    row = (
        await ctx.db.execute(
            select(
                select(func.count()).select_from(of_batch).scalar_subquery().label("batches"),
                total(StockLevel.quantity, StockLevel.batch_id.in_(ours)).label("on_shelf"),
                total(TransferLine.quantity, sent, TransferLine.batch_id.in_(ours)).label("in_transit"),
                total(DispensedItem.quantity, item, bag).label("in_bags"),
                total(DispensedItem.quantity, item, received()).label("given"),
                total(sold.c.units).label("sold"),
                total(RecallReturn.quantity, back).label("returned"),
                total(-Movement.quantity, Movement.kind == MovementKind.DESTROY, Movement.batch_id.in_(ours)).label(
                    "destroyed"
                ),
            )
        )
    ).one()
    states = dict(
        (
            await ctx.db.execute(
                select(RecallContact.state, func.count())
                .where(RecallContact.recall_id == recall_id)
                .group_by(RecallContact.state)
            )
        ).all()
    )
    patients, reached = sum(states.values()), states.get(ContactState.REACHED, 0)
    return RecallFigures(
        **row._mapping,
        patients=patients,
        **{state.name.lower(): states.get(state, 0) for state in ContactState},
        percent=percent(reached, patients),
    )


@requires("recall.read")
async def figures(ctx: Context, recall_id: UUID) -> RecallFigures:
    """What is blocked where, and who was reached, as it stands now."""
    return await figures_of(ctx, (await ctx.get(Recall, recall_id)).id)
