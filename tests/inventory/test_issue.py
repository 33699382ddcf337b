"""First expired, first out, and every unit traced to its batch."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from galen import inventory, medicines
from galen.core.audit import AuditEntry
from galen.core.context import Context
from galen.core.finish import finish
from galen.inventory import AdjustDraft, BatchDraft, BatchReasonDraft, BatchStatus, Movement, MovementKind, OutOfStock
from galen.medicines import Product
from galen.values.ids import uuid7

D = Decimal
TODAY = date(2026, 11, 20)
SAID = BatchReasonDraft(reason="Told so by the maker")


@pytest.fixture
async def ibuprofen(ben: Context) -> Product:
    """A medicine of which nothing is in stock yet."""
    part = medicines.PartDraft(name="ibuprofen", strength="217 mg")
    draft = medicines.MedicineDraft(ingredients=[part], form="tablet", pack_size=D(24), price=D(6), reorder_level=D(30))
    product: Product = await medicines.add_medicine(ben, draft)
    return product


async def shelved(
    ctx: Context, product: Product, number: str, days: int, units: int, **more: object
) -> inventory.Batch:
    batch = BatchDraft(
        product_id=product.id, number=number, expires=TODAY + timedelta(days=days), units=D(units), **more
    )
    return await inventory.receive(ctx, batch)


def taken(picks: list[inventory.Pick]) -> list[tuple[str, Decimal]]:
    return [(pick.number, pick.quantity) for pick in picks]


async def test_the_batch_that_expires_first_goes_first_and_the_next_one_fills_up(
    ben: Context, ibuprofen: Product
) -> None:
    await shelved(ben, ibuprofen, "LATER", 200, 150)
    await shelved(ben, ibuprofen, "FIRST", 55, 100)
    await shelved(ben, ibuprofen, "SECOND", 120, 200)
    picks = await inventory.issue(ben, ibuprofen.id, D(120), reference=("dispensing", uuid7()))
    assert taken(picks) == [("FIRST", D(100)), ("SECOND", D(20))]
    assert await inventory.on_hand(ben, [ibuprofen.id]) == {ibuprofen.id: D(330)}


async def test_batches_of_one_expiry_go_in_the_order_they_came(ben: Context, ibuprofen: Product) -> None:
    for number in ("ONE", "TWO", "THREE"):
        await shelved(ben, ibuprofen, number, 90, 10)
    picks = await inventory.issue(ben, ibuprofen.id, D(25), reference=("dispensing", uuid7()))
    assert taken(picks) == [("ONE", D(10)), ("TWO", D(10)), ("THREE", D(5))]


async def test_the_day_of_expiry_is_the_last_good_day_of_the_site(ben: Context, ibuprofen: Product) -> None:
    await shelved(ben, ibuprofen, "TODAY", 0, 10)
    assert taken(await inventory.issue(ben, ibuprofen.id, D(1), reference=("dispensing", uuid7()))) == [("TODAY", D(1))]
    ben.now += timedelta(hours=12, minutes=29)  # 23:59 in Sydney
    assert taken(await inventory.issue(ben, ibuprofen.id, D(1), reference=("dispensing", uuid7()))) == [("TODAY", D(1))]
    ben.now += timedelta(minutes=1)
    with pytest.raises(OutOfStock, match=r"^Only 0 of 1 can be handed out here"):
        await inventory.issue(ben, ibuprofen.id, D(1), reference=("dispensing", uuid7()))


async def test_quarantined_and_recalled_batches_stay_until_they_are_released(ben: Context, ibuprofen: Product) -> None:
    held = await shelved(ben, ibuprofen, "HELD", 30, 10)
    await shelved(ben, ibuprofen, "GOOD", 60, 10)
    await inventory.quarantine(ben, held.id, SAID)
    assert taken(await inventory.issue(ben, ibuprofen.id, D(4), reference=("dispensing", uuid7()))) == [("GOOD", D(4))]
    with pytest.raises(OutOfStock, match=r"^Only 6 of 7 "):
        await inventory.issue(ben, ibuprofen.id, D(7), reference=("dispensing", uuid7()))
    await inventory.release(ben, held.id, SAID)
    assert taken(await inventory.issue(ben, ibuprofen.id, D(4), reference=("dispensing", uuid7()))) == [("HELD", D(4))]
    kinds = [
        m.kind
        for m in await ben.db.scalars(select(Movement).where(Movement.batch_id == held.id).order_by(Movement.seq))
    ]
    assert kinds == [MovementKind.RECEIVE, MovementKind.QUARANTINE, MovementKind.RELEASE, MovementKind.ISSUE]


async def test_a_course_takes_the_batches_that_outlast_it_while_they_suffice(ben: Context, ibuprofen: Product) -> None:
    await shelved(ben, ibuprofen, "SHORT", 5, 10)
    await shelved(ben, ibuprofen, "LONG", 90, 10)
    end = TODAY + timedelta(days=14)
    picks = await inventory.issue(ben, ibuprofen.id, D(8), reference=("dispensing", uuid7()), outlast=end)
    assert taken(picks) == [("LONG", D(8))]
    picks = await inventory.issue(ben, ibuprofen.id, D(8), reference=("dispensing", uuid7()), outlast=end)
    assert [(p.number, p.quantity, p.short_dated) for p in picks] == [("SHORT", D(8), True)]


async def test_too_much_is_refused_with_what_is_left_and_nothing_moves(ben: Context, ibuprofen: Product) -> None:
    await shelved(ben, ibuprofen, "ONLY", 90, 10)
    with pytest.raises(OutOfStock, match=r"^Only 10 of 10.5 can be handed out here"):
        await inventory.issue(ben, ibuprofen.id, D("10.5"), reference=("dispensing", uuid7()))
    assert await inventory.on_hand(ben, [ibuprofen.id]) == {ibuprofen.id: D(10)}
    picks = await inventory.issue(ben, ibuprofen.id, D("10.5"), reference=("dispensing", uuid7()), partial=True)
    assert taken(picks) == [("ONLY", D(10))]
    assert await inventory.issue(ben, ibuprofen.id, D(1), reference=("dispensing", uuid7()), partial=True) == []


async def test_what_was_issued_comes_back_to_its_own_batches_once(ben: Context, ibuprofen: Product) -> None:
    await shelved(ben, ibuprofen, "FIRST", 30, 10)
    await shelved(ben, ibuprofen, "SECOND", 60, 10)
    reference = ("dispensing", uuid7())
    await inventory.issue(ben, ibuprofen.id, D(15), reference=reference)
    assert sorted(taken(await inventory.give_back(ben, reference))) == [("FIRST", D(10)), ("SECOND", D(5))]
    await ben.flush()
    assert await inventory.give_back(ben, reference) == []
    assert await inventory.on_hand(ben, [ibuprofen.id]) == {ibuprofen.id: D(20)}
    assert await inventory.drift(ben) == []


async def test_an_issue_leaves_its_rows_in_ledger_and_audit_log(ben: Context, max: Context, ibuprofen: Product) -> None:
    await shelved(ben, ibuprofen, "FIRST", 30, 10)
    ben.audit.clear()
    reference = ("dispensing", uuid7())
    await inventory.issue(ben, ibuprofen.id, D(4), reference=reference)
    await finish(ben)
    line = await ben.db.scalar(select(Movement).where(Movement.reference_id == reference[1]))
    assert (line.quantity, line.balance, line.actor_name, line.at) == (D(-4), D(6), "Ben Adeyemi", ben.now)
    about = select(AuditEntry).where(AuditEntry.subject_id.in_([line.id, line.level_id]))
    rows = list(await max.db.scalars(about.order_by(AuditEntry.seq)))
    changed = next(row for row in rows if row.action == "changed")
    assert (changed.subject, [D(number) for number in changed.changes["quantity"]]) == ("stock level", [D(10), D(6)])
    created = next(row for row in rows if row.subject_id == line.id)
    assert (created.action, created.changes["quantity"]) == ("created", [None, "-4"])
    assert created.changes["reference_id"] == [None, str(reference[1])]


async def test_falling_to_the_reorder_level_is_told_to_the_pharmacists_once_a_day(
    ben: Context, ibuprofen: Product, catch_up: object
) -> None:
    from galen.notifications import Message

    await shelved(ben, ibuprofen, "FIRST", 90, 40)
    await inventory.issue(ben, ibuprofen.id, D(9), reference=("dispensing", uuid7()))
    assert not [fact for fact in ben.facts if isinstance(fact, inventory.StockLow)]
    await inventory.issue(ben, ibuprofen.id, D(1), reference=("dispensing", uuid7()))
    await inventory.issue(ben, ibuprofen.id, D(1), reference=("dispensing", uuid7()))
    assert len([fact for fact in ben.facts if isinstance(fact, inventory.StockLow)]) == 1
    await finish(ben)
    await catch_up()  # type: ignore[operator]
    messages = list(await ben.db.scalars(select(Message).where(Message.subject == "Low stock at Harbour Pharmacy")))
    assert sorted(message.to for message in messages) == ["ben", "kim"]
    assert {message.text for message in messages} == {"ibuprofen 217 mg tablet: 1 pack + 5 tablets left."}


async def test_only_expired_units_are_as_good_as_none(ben: Context, ibuprofen: Product) -> None:
    await shelved(ben, ibuprofen, "OLD", 3, 48)
    ben.now += timedelta(days=4)
    (line,) = [line for line in await inventory.low_stock(ben) if line.product_id == ibuprofen.id]
    assert (line.on_hand, line.usable, line.level.value) == (D(48), D(0), "out")
    found = [line for line in await inventory.expiring(ben, days=30) if line.product_id == ibuprofen.id]
    assert [(line.number, line.expired) for line in found] == [("OLD", True)]
    (gone,) = found
    await inventory.adjust(ben, AdjustDraft(level_id=gone.level_id, quantity=D(-48), reason="Destroyed, expired"))
    assert [line for line in await inventory.expiring(ben, days=30) if line.product_id == ibuprofen.id] == []


async def test_a_recalled_batch_is_final(ben: Context, ibuprofen: Product) -> None:
    from galen.core.state import CannotBecome
    from galen.inventory.schemas import BatchChange
    from galen.inventory.service import change_batch

    batch = await shelved(ben, ibuprofen, "BAD", 90, 10)
    await change_batch(ben, batch.id, BatchChange(status=BatchStatus.RECALLED, reason="Recall 2026/17"))
    with pytest.raises(CannotBecome, match="This is recalled and cannot become ok"):
        await inventory.release(ben, batch.id, SAID)
    assert await inventory.on_hand(ben, [ibuprofen.id]) == {ibuprofen.id: D(0)}
