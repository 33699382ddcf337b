"""An excursion puts what lay there on hold in the same transaction; a pharmacist decides; one thread tells people."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from galen import coldchain, inventory, organizations
from galen.coldchain import BatchFate, CommentDraft, ExcursionKind, ExcursionStatus, FateDraft
from galen.coldchain.models import ExcursionNote, NoteKind
from galen.coldchain.service.thread import DecidedAlready, GoesOnStill, TakenUp
from galen.core.errors import Forbidden
from galen.inventory import AdjustDraft, BatchReasonDraft, BatchStatus, Destruction, OutOfStock, StockLevel
from galen.inventory.models import Batch
from galen.inventory.schemas import ArrivalDraft, TransferDraft
from galen.inventory.service import send_stock, take_in
from galen.notifications import Message
from galen.values.ids import uuid7
from tests.coldchain.people import at, fridge, medicine, readings, send, shelved, threads, warm
from tests.conftest import NOW

D = Decimal
SAID = CommentDraft(comment="The door was not shut; moved to the other fridge")


def fate(what: BatchFate = BatchFate.RELEASE, **more: Any) -> FateDraft:
    return FateDraft(fate=what, reason="Within the maker's stability data", **more)


async def state_of(ctx, batch) -> BatchStatus:
    query = select(Batch).where(Batch.id == batch.id).execution_options(populate_existing=True)
    return (await ctx.db.scalars(query)).one().status


async def decided(ctx, excursion, batch, draft):
    await state_of(ctx, batch)  # as a request would find it
    done = await coldchain.decide(ctx, excursion.id, batch.id, draft)
    await ctx.flush()
    return done


async def test_what_lay_there_at_that_time_is_on_hold_and_nothing_else(ben, system):
    box, other = await fridge(ben), await fridge(ben, "Second", "F2")
    product = await medicine(ben)
    there = await shelved(ben, product, "THERE", box.place)
    beside = await shelved(ben, product, "BESIDE", other.place)
    gone = await shelved(ben, product, "GONE", box.place, -3000)
    level = await ben.db.scalar(select(StockLevel).where(StockLevel.batch_id == gone.id))
    ben.now = at(-2000)
    await inventory.adjust(ben, AdjustDraft(level_id=level.id, quantity=-level.quantity, reason="All used"))
    await ben.flush()
    ben.now = NOW
    await warm(system, box)
    (excursion,) = await threads(system)
    assert [(part.batch_id, part.minutes, part.held) for part in excursion.batches] == [(there.id, 70, True)]
    assert (excursion.status, excursion.began, excursion.ended) == (ExcursionStatus.OVER, at(-80), at(-10))
    assert (excursion.lowest, excursion.highest, excursion.mean.quantize(D("0.001"))) == (D(14), D(14), D(14))
    states = [await state_of(ben, batch) for batch in (there, beside, gone)]
    assert states == [BatchStatus.QUARANTINED, BatchStatus.OK, BatchStatus.OK]


async def test_what_is_on_hold_is_handed_out_by_no_way(ben, system, client):
    box, product = await fridge(ben), await medicine(ben)
    batch = await shelved(ben, product, "THERE", box.place)
    await warm(system, box)
    with pytest.raises(OutOfStock):
        await inventory.issue(ben, product.id, D(1), reference=("dispensing", uuid7()))
    with pytest.raises(OutOfStock):
        await inventory.issue(ben, product.id, D(1), reference=("dispensing", uuid7()), in_hand=batch.id)
    assert await inventory.issue(ben, product.id, D(1), reference=("sale", uuid7()), partial=True) == []
    said = {"reason": "Looks good to me"}
    answer = await (await client("ben")).post(f"/api/v1/inventory/batches/{batch.id}/release", json=said)
    assert (answer.status_code, answer.json()["code"]) == (409, "held_by_excursion")  # nor past the decision
    assert await state_of(ben, batch) is BatchStatus.QUARANTINED


async def test_a_batch_that_came_later_is_held_for_the_time_that_it_was_there(ben, system):
    box, product = await fridge(ben), await medicine(ben)
    await shelved(ben, product, "LATE", box.place, -50)
    await warm(system, box)
    (excursion,) = await threads(system)
    assert [part.minutes for part in excursion.batches] == [40]


async def test_an_open_door_is_no_excursion_and_holds_nothing(ben, system):
    box, product = await fridge(ben), await medicine(ben)
    batch = await shelved(ben, product, "THERE", box.place)
    await send(system, box, readings((-30, 5), (-25, 10), (-20, 11), (-15, 9), (-10, 6)))
    assert await threads(system) == [] and await state_of(ben, batch) is BatchStatus.OK


async def test_late_readings_open_an_excursion_in_the_past(ben, system):
    box, product = await fridge(ben), await medicine(ben)
    batch = await shelved(ben, product, "THERE", box.place)
    await send(system, box, readings(*((m, 4 + m % 3) for m in range(-300, 1, 10))))
    assert await threads(system) == []
    await send(system, box, readings((-205, 15), (-203, 15)))
    (excursion,) = await threads(system)
    assert (excursion.began, excursion.ended, excursion.opened_at) == (at(-205), at(-200), NOW)
    assert await state_of(ben, batch) is BatchStatus.QUARANTINED


async def test_late_readings_draw_a_thread_out_and_do_not_open_a_second_one(ben, system):
    box = await fridge(ben)
    await send(system, box, readings((-90, 5), (-60, 14), (-10, 5)))
    (first,) = await threads(system)
    await send(system, box, readings((-80, 13), (-30, 16)))
    (again,) = await threads(system)
    assert (again.id, again.began, again.ended, again.highest) == (first.id, at(-80), at(-10), D(16))


async def test_the_order_in_which_readings_come_makes_no_difference(ben, system):
    given = readings((-60, 5), (-55, 9), (-50, 13), (-45, 9), (-40, 5), (-35, 1), (-30, 4), (-25, 5))
    orders = ([*given], [*reversed(given)], given[::2] + given[1::2])
    boxes = [await fridge(ben, f"Fridge {n}", f"F{n}") for n in range(len(orders))]
    for box, order in zip(boxes, orders, strict=True):
        for reading in order:
            await send(system, box, [reading])
    found = {box.place.id: [] for box in boxes}
    for thread in await threads(system):
        found[thread.place_id].append((thread.began, thread.ended, thread.lowest, thread.highest, thread.status))
    assert [len(said) for said in found.values()] == [2, 2, 2]
    assert len({tuple(said) for said in found.values()}) == 1


async def test_what_goes_on_is_one_thread_until_it_is_in_range_again(ben, system):
    box = await fridge(ben)
    await send(system, box, readings((-30, 5), (-25, 14)))
    (going,) = await threads(system)
    assert (going.status, going.ended) == (ExcursionStatus.ONGOING, None)
    await send(system, box, readings((-20, 15), (-15, 13)))
    await send(system, box, readings((-10, 5)))
    (over,) = await threads(system)
    assert (over.id, over.status, over.ended) == (going.id, ExcursionStatus.OVER, at(-10))


async def test_silence_is_an_alarm_and_ends_when_it_speaks_again(ben, system):
    box = await fridge(ben)
    await send(system, box, readings((-4, 5)))
    await coldchain.alarms.watch(system)
    assert await threads(system, ExcursionKind.SILENT) == []
    system.now = at(7)
    await coldchain.alarms.watch(system)
    await coldchain.alarms.watch(system)
    (silent,) = await threads(system, ExcursionKind.SILENT)
    assert (silent.status, silent.began) == (ExcursionStatus.ONGOING, at(-4))
    await send(system, box, readings((8, 5)), now=at(8))
    (silent,) = await threads(system, ExcursionKind.SILENT)
    assert (silent.status, silent.ended) == (ExcursionStatus.OVER, at(8))


@pytest.mark.parametrize("given", [[(-400, 5), (-200, 5), (0, 5)], [(-5, 5), (0, -127)], []])
async def test_a_probe_that_hangs_is_broken_or_never_spoke_is_not_good(ben, system, given):
    ben.now = at(-500)
    box = await fridge(ben, profile_id=(await slow(ben)).id)
    ben.now = NOW
    if given:
        await send(system, box, readings(*given))
    await coldchain.alarms.watch(system)
    silent = await threads(system, ExcursionKind.SILENT)
    assert [thread.status for thread in silent] == [ExcursionStatus.ONGOING]


async def slow(ctx):
    """A range whose sensors speak every two hours."""
    low_and_high = {"low": D(2), "high": D(8), "tolerated_low": D(2), "tolerated_high": D(12), "tolerated_minutes": 15}
    draft = coldchain.ProfileDraft(name="Every two hours", interval_minutes=120, **low_and_high)
    profile = await coldchain.add_profile(ctx, draft)
    await ctx.flush()
    return profile


async def test_it_is_released_by_a_pharmacists_decision_and_closes_when_all_is_decided(ben, kim, system):
    box, product = await fridge(ben), await medicine(ben)
    one, two = [await shelved(ben, product, number, box.place) for number in ("ONE", "TWO")]
    await warm(system, box)
    (excursion,) = await threads(system)
    await coldchain.acknowledge(kim, excursion.id, SAID)
    await kim.flush()
    await decided(ben, excursion, one, fate(reference="Maker, table 4"))
    await decided(ben, excursion, two, fate(BatchFate.KEEP))
    assert [await state_of(ben, batch) for batch in (one, two)] == [BatchStatus.OK, BatchStatus.QUARANTINED]
    (closed,) = await threads(ben)
    assert (closed.status, closed.acknowledged_name) == (ExcursionStatus.CLOSED, kim.actor.name)
    part = next(part for part in closed.batches if part.batch_id == one.id)
    assert (part.fate, part.reason, part.reference, part.decided_name) == (
        BatchFate.RELEASE, "Within the maker's stability data", "Maker, table 4", ben.actor.name,
    )  # fmt: skip
    with pytest.raises(DecidedAlready):
        await coldchain.decide(ben, excursion.id, one.id, fate(BatchFate.KEEP))


async def test_all_that_is_undecided_is_decided_at_once(ben, system):
    box, product = await fridge(ben), await medicine(ben)
    batches = [await shelved(ben, product, number, box.place) for number in ("ONE", "TWO", "THREE")]
    await warm(system, box)
    (excursion,) = await threads(system)
    await decided(ben, excursion, batches[0], fate(BatchFate.KEEP))
    for batch in batches:
        await state_of(ben, batch)
    await coldchain.decide_all(ben, excursion.id, fate())
    await ben.flush()
    states = [await state_of(ben, batch) for batch in batches]
    assert states == [BatchStatus.QUARANTINED, BatchStatus.OK, BatchStatus.OK]


async def test_nothing_is_released_while_it_goes_on(ben, system):
    box, product = await fridge(ben), await medicine(ben)
    batch = await shelved(ben, product, "THERE", box.place)
    await send(system, box, readings((-30, 5), (-25, 14)))
    (excursion,) = await threads(system)
    with pytest.raises(GoesOnStill):
        await coldchain.decide(ben, excursion.id, batch.id, fate())
    assert await state_of(ben, batch) is BatchStatus.QUARANTINED


async def test_what_two_excursions_hold_is_free_when_both_have_let_it_go(ben, system):
    box, product = await fridge(ben), await medicine(ben)
    batch = await shelved(ben, product, "THERE", box.place)
    await send(system, box, readings((-90, 5), (-80, 14), (-70, 5), (-60, 15), (-50, 5), (-45, 6)))
    first, second = await threads(system)
    await decided(ben, first, batch, fate())
    assert await state_of(ben, batch) is BatchStatus.QUARANTINED
    await decided(ben, second, batch, fate())
    assert await state_of(ben, batch) is BatchStatus.OK


async def test_what_was_set_aside_for_another_reason_stays_so(ben, system):
    box, product = await fridge(ben), await medicine(ben)
    batch = await shelved(ben, product, "THERE", box.place)
    await inventory.quarantine(ben, batch.id, BatchReasonDraft(reason="A broken seal"))
    await ben.flush()
    await warm(system, box)
    (excursion,) = await threads(system)
    await decided(ben, excursion, batch, fate())
    assert await state_of(ben, batch) is BatchStatus.QUARANTINED


async def test_what_is_to_be_destroyed_waits_for_a_witness(ben, system):
    box, product = await fridge(ben), await medicine(ben)
    batch = await shelved(ben, product, "THERE", box.place)
    await warm(system, box)
    (excursion,) = await threads(system)
    await decided(ben, excursion, batch, fate(BatchFate.DESTROY, method="Sealed for the contractor"))
    (paper,) = await ben.db.scalars(select(Destruction).where(Destruction.batch_id == batch.id))
    assert (paper.quantity, paper.note, paper.witness_id) == (D(20), excursion.number, None)
    assert await state_of(ben, batch) is BatchStatus.QUARANTINED


async def test_a_batch_released_for_less_than_is_known_now_is_held_anew(ben, system):
    box, product = await fridge(ben), await medicine(ben)
    batch = await shelved(ben, product, "THERE", box.place)
    await send(system, box, readings((-60, 5), (-50, 14), (-40, 5), (-39, 6)))
    (excursion,) = await threads(system)
    await decided(ben, excursion, batch, fate())
    assert await state_of(ben, batch) is BatchStatus.OK
    await threads(system)
    await send(system, box, readings((-55, 14)))
    assert await state_of(ben, batch) is BatchStatus.QUARANTINED


async def test_a_closed_thread_that_knew_it_all_is_not_opened_again(ben, kim, system):
    box = await fridge(ben)
    await warm(system, box)
    (excursion,) = await threads(system)
    await coldchain.acknowledge(kim, excursion.id, SAID)
    await kim.flush()
    await send(system, box, readings((-50, 14)))
    assert [thread.status for thread in await threads(system)] == [ExcursionStatus.CLOSED]
    await send(system, box, readings((-85, 15)))
    later = await threads(system)
    assert [thread.status for thread in later] == [ExcursionStatus.OVER, ExcursionStatus.CLOSED]


async def test_what_was_used_of_the_budget_goes_with_a_transfer(ben, kim, iris, system):
    site = await organizations.add_site(
        iris, organizations.SiteDraft(name="Hill Pharmacy", kind=organizations.SiteKind.PHARMACY)
    )
    await iris.flush()
    box, product = await fridge(ben), await medicine(ben)
    batch = await shelved(ben, product, "THERE", box.place)
    await warm(system, box)
    level = await ben.db.scalar(select(StockLevel).where(StockLevel.batch_id == batch.id))
    lines = [{"level_id": level.id, "quantity": 5}]
    paper = await send_stock(ben, TransferDraft.model_validate({"to_site_id": site.id, "lines": lines}))
    await ben.flush()
    kim.site, kim.now = site.info, at(5)
    await take_in(kim, paper.id, ArrivalDraft())
    await kim.flush()
    both = [await coldchain.used(kim, batch.id, where, at(60)) for where in (ben.site.id, site.id)]
    assert [spent.total_seconds() / 60 for spent in both] == [70, 70]
    there = await fridge(kim, "Hill fridge", "H1", bins=["Hill bin"])
    assert (await coldchain.used(kim, batch.id, site.id, at(4))).total_seconds() == 0 and there


async def messages(ctx, excursion):
    query = select(Message).where(Message.about == f"cold chain {excursion.id}", Message.channel == "in_app")
    return sorted(message.to for message in await ctx.db.scalars(query))


async def test_it_goes_further_at_15_and_60_minutes_and_stops_when_taken_up(ben, system):
    box = await fridge(ben)
    await warm(system, box)
    (excursion,) = await threads(system)
    told = []
    for minutes in (0, 5, 15, 30, 60, 90):
        system.now = at(minutes)
        await coldchain.alarms.escalate(system, excursion.id)
        await system.flush()
        told.append(await messages(system, excursion))
    assert told[0] == told[1] == ["ben", "kim"]
    assert told[2] == told[3] == ["ben", "ben", "kim", "kim"]
    assert told[4] == told[5] and set(told[4]) > {"max", "iris"}
    subjects = {m.subject for m in await system.db.scalars(select(Message).where(Message.about.startswith("cold")))}
    assert len(subjects) == 1


async def test_nobody_further_is_told_when_somebody_has_taken_it_up(ben, kim, system):
    box = await fridge(ben)
    await warm(system, box)
    (excursion,) = await threads(system)
    await coldchain.alarms.escalate(system, excursion.id)
    await system.flush()
    await coldchain.acknowledge(kim, excursion.id, SAID)
    await kim.flush()
    with pytest.raises(TakenUp):
        await coldchain.acknowledge(ben, excursion.id, SAID)
    (excursion,) = await threads(system)
    system.now = at(90)
    await coldchain.alarms.escalate(system, excursion.id)
    assert await messages(system, excursion) == ["ben", "kim"]
    lines = list(await ben.db.scalars(select(ExcursionNote).order_by(ExcursionNote.seq)))
    assert [line.kind for line in lines] == [NoteKind.TOLD, NoteKind.ACKNOWLEDGED, NoteKind.CLOSED]
    assert lines[1].words == SAID.comment


async def test_a_nurse_takes_it_up_and_a_pharmacist_decides(ben, nora, ruth, system):
    box, product = await fridge(ben), await medicine(ben)
    batch = await shelved(ben, product, "THERE", box.place)
    await warm(system, box)
    (excursion,) = await threads(system)
    with pytest.raises(Forbidden):
        await coldchain.acknowledge(ruth, excursion.id, SAID)
    await coldchain.acknowledge(nora, excursion.id, SAID)
    with pytest.raises(Forbidden):
        await coldchain.decide(nora, excursion.id, batch.id, fate())


@pytest.mark.parametrize("words", ["", "  ", "ok"])
def test_taking_up_without_a_word_is_refused(words):
    with pytest.raises(ValueError):
        CommentDraft(comment=words)
