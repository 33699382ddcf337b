"""After a recall no way leads from a batch to a person: each route by which stock moves is tried."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text

from galen import dispensing, inventory, recalls
from galen.core.database import RefusedByDatabase, rule_of
from galen.core.state import CannotBecome
from galen.dispensing import CollectedBy, CollectionDraft, Counselling, ReversalDraft, SupplyDraft
from galen.inventory import Batch, BatchReasonDraft, BatchStatus, Movement, MovementKind, OutOfStock, RecalledLot
from galen.inventory.schemas import AdjustDraft, ArrivalDraft, FoundDraft, ReturnDraft, StocktakeDraft, TransferDraft
from galen.inventory.service import add_found, cancel_transfer, open_stocktake, send_stock, take_in
from galen.inventory.service.transfers import StaysHere
from galen.recalls.service.blocking import Undecided

D = Decimal
SAID = BatchReasonDraft(reason="It looks all right")
GIVEN = CollectionDraft(collected_by=CollectedBy.PATIENT, counselling=Counselling.GIVEN)


async def issued(ctx: Any, product: Any, **said: Any) -> list[Any]:
    return await inventory.issue(ctx, product.id, D(1), reference=("sale", product.id), **said)


async def on_hand(ctx: Any, product: Any) -> D:
    await ctx.flush()
    return (await inventory.on_hand(ctx, [product.id]))[product.id]


async def test_one_call_blocks_a_batch_at_every_site_and_leaves_the_others(story, ben, kim_there, second):
    product = await story.product()
    bad, good = await story.shelved(product, "AB-1"), await story.shelved(product, "AB-2")
    level = await story.level(bad)
    said = {"to_site_id": second.id, "lines": [{"level_id": level.id, "quantity": 40}]}
    sent = await send_stock(ben, TransferDraft.model_validate(said))
    await take_in(kim_there, sent.id, ArrivalDraft())
    await kim_there.flush()
    await story.blocked(product, "AB-1")
    assert [bad.status, good.status] == [BatchStatus.RECALLED, BatchStatus.OK]
    assert await on_hand(ben, product) == D(100)
    assert await on_hand(kim_there, product) == D(0)
    kinds = select(Movement.site_id).where(Movement.batch_id == bad.id, Movement.kind == MovementKind.QUARANTINE)
    assert len(list(await ben.db.scalars(kinds))) == 2
    assert await inventory.drift(ben) == []


@pytest.mark.parametrize("typed", ["AB-1", "ab1", "A B 1", "AB.1"])
async def test_what_comes_of_the_lot_later_is_set_aside_as_it_comes(story, ben, typed):
    product = await story.product()
    await story.blocked(product, "AB-1")
    late = await story.shelved(product, typed)
    assert late.status is BatchStatus.RECALLED
    assert "was recalled" in ben.flashed.text
    assert await on_hand(ben, product) == D(0)
    with pytest.raises(OutOfStock):
        await issued(ben, product)


async def test_a_whole_medicine_is_blocked_now_and_later(story, ben):
    product = await story.product()
    batches = [await story.shelved(product, number) for number in ("X1", "Y2")]
    await story.blocked(product, whole=True)
    batches.append(await story.shelved(product, "Z3"))
    assert {batch.status for batch in batches} == {BatchStatus.RECALLED}


async def test_another_medicine_with_the_same_lot_stays(story, ben):
    product, other = await story.product(), await story.product("amoxicillin 500")
    batch = await story.shelved(other, "AB-1")
    await story.blocked(product, "AB-1")
    assert batch.status is BatchStatus.OK


async def test_the_batch_in_hand_is_not_given(story, ben):
    product = await story.product()
    bad, good = await story.shelved(product, "AB-1"), await story.shelved(product, "AB-2")
    await story.blocked(product, "AB-1")
    (pick,) = await issued(ben, product, in_hand=bad.id)
    assert pick.batch_id == good.id


async def test_a_bag_that_was_prepared_is_not_handed_over_and_is_filled_anew(story, ben):
    product = await story.product()
    await story.shelved(product, "AB-1", days=0)
    supply = await story.dispensed(product)
    good = await story.shelved(product, "AB-2", days=3)
    recall = await story.blocked(product, "AB-1")
    (bag,) = await recalls.service.bags(ben, recall.id)
    assert (bag.dispensing_id, bag.quantity) == (supply.id, D(20))
    supply_id, recall_id, good_id = supply.id, recall.id, good.id
    async with story.refused(ben, RefusedByDatabase) as told:
        await dispensing.hand_over(ben, supply_id, GIVEN)
        await ben.flush()
    assert rule_of(told.value) == "dispensing_recalled_check"
    await dispensing.reverse(ben, supply_id, ReversalDraft(reason="Recalled"))
    await ben.flush()
    await dispensing.dispense(ben, supply_id, SupplyDraft())
    supply = await dispensing.hand_over(ben, supply_id, GIVEN)
    await ben.flush()
    assert {item.batch_id for item in supply.given} == {good_id}
    assert (await recalls.recipients(ben, recall_id)).items == []


async def test_what_is_on_its_way_arrives_blocked_or_comes_back_blocked(story, ben, kim_there, second):
    product = await story.product()
    level = await story.level(await story.shelved(product, "AB-1"))
    said = {"to_site_id": second.id, "lines": [{"level_id": level.id, "quantity": 10}]}
    first, back = [await send_stock(ben, TransferDraft.model_validate(said)) for _ in range(2)]
    recall = await story.blocked(product, "AB-1")
    assert (await recalls.figures(ben, recall.id)).in_transit == D(20)
    await take_in(kim_there, first.id, ArrivalDraft())
    await cancel_transfer(ben, back.id, SAID)
    assert [await on_hand(ctx, product) for ctx in (ben, kim_there)] == [D(0), D(0)]
    assert (await recalls.figures(ben, recall.id)).on_shelf == D(100)
    with pytest.raises(StaysHere):
        await send_stock(ben, TransferDraft.model_validate(said))


async def test_nothing_puts_it_back_into_use(story, ben):
    product = await story.product()
    batch = await story.shelved(product, "AB-1")
    level = await story.level(batch)
    await story.blocked(product, "AB-1")
    with pytest.raises(CannotBecome):
        await inventory.release(ben, batch.id, SAID)
    await inventory.adjust(ben, AdjustDraft(level_id=level.id, quantity=D(5), reason="Found five more"))
    stocktake = await open_stocktake(ben, StocktakeDraft())
    await ben.flush()
    found = {"product_id": product.id, "number": "AB1", "expires": "2029-01", "units": 7}
    line = await add_found(ben, stocktake.id, FoundDraft.model_validate(found))
    assert (await ben.get(Batch, line.batch_id)).status is BatchStatus.RECALLED
    assert await on_hand(ben, product) == D(0)
    await inventory.return_to_supplier(ben, level.id, ReturnDraft(quantity=D(3), reason="To the wholesaler"))
    assert await on_hand(ben, product) == D(0)


@pytest.mark.parametrize(
    ("past", "rule"),
    [
        ("UPDATE batch SET status = 'ok' WHERE id = :batch", "batch_recall_final_check"),
        ("UPDATE batch SET status = 'quarantined' WHERE id = :batch", "batch_recall_final_check"),
        (
            "INSERT INTO batch (id, version, product_id, number, maker, gtin, status, status_reason, received_at) "
            "VALUES (gen_random_uuid(), 1, :product, 'ab 1', '', '', 'ok', '', now())",
            "batch_recalled_lot_check",
        ),
        ("UPDATE batch SET number = 'A-B-1' WHERE number = 'AB-2'", "batch_recalled_lot_check"),
        (
            "INSERT INTO movement (id, version, site_id, level_id, batch_id, product_id, kind, quantity, balance, "
            "reason, actor_id, actor_name, at) SELECT gen_random_uuid(), 1, site_id, id, batch_id, product_id, "
            "'issue', -1, quantity - 1, '', gen_random_uuid(), '', now() FROM stock_level WHERE batch_id = :batch",
            "movement_set_aside_check",
        ),
        ("DELETE FROM recalled_lot", ""),
    ],
)
async def test_the_database_itself_refuses(story, ben, past, rule):
    product = await story.product()
    batch = await story.shelved(product, "AB-1")
    await story.shelved(product, "AB-2")
    await story.blocked(product, "AB-1")
    async with story.refused(ben, RefusedByDatabase) as told:
        known = {"batch": batch.id, "product": product.id}
        await ben.db.execute(text(past), {name: value for name, value in known.items() if f":{name}" in past})
    assert rule_of(told.value) == rule


async def test_nothing_is_blocked_before_a_person_has_answered_each_match(story, ben):
    product = await story.product()
    exact, alike = await story.shelved(product, "AB-1"), await story.shelved(product, "ab1")
    recall = await story.opened(product, "AB-1")
    matches = {match.batch_id: match for match in await recalls.matches(ben, recall.id)}
    assert [matches[batch.id].answer.value for batch in (exact, alike)] == ["confirmed", "open"]
    with pytest.raises(Undecided, match="Still open: 1"):
        await recalls.block(ben, recall.id)
    assert exact.status is BatchStatus.OK
    assert list(await ben.db.scalars(select(RecalledLot))) == []


async def test_a_declined_match_stays_in_use_also_when_the_lot_is_blocked(story, ben):
    product = await story.product()
    await story.shelved(product, "AB-1")
    other = await story.shelved(product, "ab1")
    recall = await story.opened(product, "AB-1")
    (match,) = [match for match in await recalls.matches(ben, recall.id) if match.undecided]
    said = {"answers": [{"match_id": match.id, "answer": "declined"}]}
    await recalls.answer_matches(ben, recall.id, recalls.MatchesDraft.model_validate(said))
    await recalls.block(ben, recall.id)
    await ben.flush()
    assert other.status is BatchStatus.OK
    assert [pick.batch_id for pick in await issued(ben, product)] == [other.id]
    assert (await recalls.figures(ben, recall.id)).batches == 1


async def test_lots_of_a_later_notice_are_blocked_when_it_is_said_again(story, ben):
    product = await story.product()
    first, second = await story.shelved(product, "AB-1"), await story.shelved(product, "AB-9")
    recall = await story.blocked(product, "AB-1")
    await recalls.add_lots(ben, recall.id, recalls.LotsDraft(lots="AB-9; AB-1"))
    assert [first.status, second.status] == [BatchStatus.RECALLED, BatchStatus.OK]
    await recalls.block(ben, recall.id)
    await recalls.block(ben, recall.id)
    await ben.flush()
    assert second.status is BatchStatus.RECALLED
    assert recall.lots == ["AB-1", "AB-9"]
