"""A recall of the demo: one of its two lots is on the shelf, and whoever received some is called."""

from datetime import timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from galen import recalls
from galen.core.context import Context
from galen.dispensing import DispensedItem, Dispensing, DispensingStatus
from galen.inventory import Batch, StockLevel
from galen.recalls import MeantDraft, RecallCallDraft, RecallClass, RecallContact, RecallDraft

from .encounters import act_as


async def seed(ctx: Context) -> None:
    """Nothing is recalled yet."""


def another_lies_there() -> ColumnElement[bool]:
    """Whether another batch of the same medicine is in stock: the counter of the demo goes on."""
    other = aliased(Batch)
    there = select(StockLevel.id).join(other, other.id == StockLevel.batch_id)
    return there.where(other.product_id == Batch.product_id, other.id != Batch.id, StockLevel.quantity > 0).exists()


async def seed_bulk(ctx: Context) -> None:
    """The batch that was handed out most lately is recalled; of whoever has it, one was called already."""
    if ctx.organization.slug != "north":
        return
    latest = (
        select(Batch)
        .join(DispensedItem, DispensedItem.batch_id == Batch.id)
        .join(Dispensing, Dispensing.id == DispensedItem.dispensing_id)
        .where(Dispensing.status == DispensingStatus.COLLECTED)
        .order_by(another_lies_there().desc(), Dispensing.collected_at.desc(), Batch.id)
        .limit(1)
    )
    batch = await ctx.db.scalar(latest)
    if batch is None:
        return
    actor, site = ctx.actor, ctx.site
    await act_as(ctx, "ben")
    draft = RecallDraft(
        source="Tideway Wholesale, for the maker",
        notice_number="RC-2026-0417",
        notice_date=ctx.today - timedelta(days=1),
        recall_class=RecallClass.TWO,
        products=[MeantDraft(product_id=batch.product_id)],
        lots=[batch.number, f"{batch.number}-B"],
        text="Some packs may hold tablets of another strength.",
        instructions="Keep the pack. Bring it to the pharmacy: you get another one at once, and pay nothing.",
    )
    recall = await recalls.open_recall(ctx, draft)
    await ctx.flush()
    await recalls.block(ctx, recall.id)
    await ctx.flush()
    contact = await ctx.db.scalar(
        select(RecallContact).where(RecallContact.recall_id == recall.id).order_by(RecallContact.id).limit(1)
    )
    if contact:
        said = RecallCallDraft(outcome="no answer", note="Nobody at home before noon.")
        await recalls.note_call(ctx, recall.id, contact.id, said)
    ctx.actor, ctx.site = actor, site
