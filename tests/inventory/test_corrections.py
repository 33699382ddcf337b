"""Corrections have a coded reason, and much is taken off by the manager alone."""

from decimal import Decimal

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from galen import inventory, medicines
from galen.core.errors import Forbidden
from galen.core.finish import finish
from galen.inventory import AdjustDraft, Batch, BatchDraft, CountDraft, CountLine, StockLevel
from galen.inventory.models import AdjustReason
from galen.inventory.rules import Thresholds, settles, unit_value
from galen.inventory.schemas import LimitsDraft
from galen.inventory.service import limits, set_limits
from galen.inventory.service.authority import ForTheManager

D = Decimal


@pytest.fixture
async def level(ben) -> StockLevel:
    part = medicines.PartDraft(name="codeine", strength="31 mg")
    draft = medicines.MedicineDraft(ingredients=[part], form="tablet", pack_size=D(20), price=D(10))
    product = await medicines.add_medicine(ben, draft)
    said = {"product_id": product.id, "number": "C1", "expires": "2028-01", "packs": 150}
    batch = await inventory.receive(ben, BatchDraft.model_validate(said))
    await ben.flush()
    return await ben.db.scalar(select(StockLevel).where(StockLevel.batch_id == batch.id))


def less(level: StockLevel, quantity: int, code: str = "lost") -> AdjustDraft:
    return AdjustDraft.model_validate({"level_id": level.id, "quantity": -quantity, "code": code})


@pytest.mark.parametrize("code", ["broken", "lost", "expired", "sample", "theft suspected", "wrong entry"])
async def test_the_code_stands_in_the_ledger_and_speaks_for_itself(ben, level, code):
    movement = await inventory.adjust(ben, less(level, 3, code))
    assert (movement.reason_code, movement.reason, movement.quantity) == (AdjustReason(code), code, D(-3))


async def test_a_plain_reason_is_other_as_it_always_was(ben, level):
    draft = AdjustDraft(level_id=level.id, quantity=D(-1), reason="Fell behind the shelf")
    movement = await inventory.adjust(ben, draft)
    assert (movement.reason_code, movement.reason) == (AdjustReason.OTHER, "Fell behind the shelf")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"quantity": -1}, "reason"),
        ({"quantity": -1, "code": "other", "reason": "x"}, "reason"),
        ({"quantity": -1, "code": "found"}, "code"),
        ({"quantity": 1, "code": "broken"}, "code"),
        ({"quantity": 2, "code": "theft suspected"}, "code"),
        ({"quantity": -1, "code": "eaten"}, "code"),
    ],
)
def test_a_correction_that_makes_no_sense_names_its_field(level_id, said, field):
    with pytest.raises(ValidationError) as refused:
        AdjustDraft.model_validate({"level_id": level_id} | said)
    assert refused.value.errors()[0]["loc"] == (field,)


@pytest.fixture
def level_id() -> str:
    return "01890000-0000-7000-8000-000000000000"


async def test_much_is_taken_off_by_the_manager_alone(ben, max, level):
    with pytest.raises(ForTheManager, match=r"stock\.supervise"):
        await inventory.adjust(ben, less(level, 1001))
    assert level.quantity == D(3000)
    await inventory.adjust(ben, less(level, 1000))
    await ben.flush()
    max.site = ben.site
    await inventory.adjust(max, less(level, 1500))
    await max.flush()
    assert (await inventory.on_hand(ben, [level.product_id])) == {level.product_id: D(500)}


async def test_many_small_steps_are_one_large_one(ben, kim, level):
    for _ in range(2):
        await inventory.adjust(ben, less(level, 500))
        await ben.flush()
    with pytest.raises(ForTheManager):
        await inventory.adjust(ben, less(level, 1))
    await inventory.adjust(kim, less(level, 1))


async def test_a_count_is_no_way_around_it(ben, level):
    with pytest.raises(ForTheManager):
        await inventory.count_stock(ben, CountDraft(lines=[CountLine(level_id=level.id, units=D(0))]))
    await inventory.count_stock(ben, CountDraft(lines=[CountLine(level_id=level.id, units=D(9000))]))
    assert level.quantity == D(9000)


async def test_what_is_dear_counts_by_its_worth_and_the_site_sets_the_limit(ben, max, level):
    (await ben.get(Batch, level.batch_id)).unit_cost = D(200)
    await ben.flush()
    with pytest.raises(ForTheManager):
        await inventory.adjust(ben, less(level, 3))
    max.site = ben.site
    draft = LimitsDraft(write_off_units=D(10), write_off_value=D(100000), recount_units=D(5), recount_value=D(5))
    with pytest.raises(Forbidden):
        await set_limits(ben, draft)
    await set_limits(max, draft)
    await max.flush()
    assert (await limits(ben)).write_off_units == D(10)
    await inventory.adjust(ben, less(level, 3))
    with pytest.raises(ForTheManager):
        await inventory.adjust(ben, less(level, 8))


async def test_through_the_door_the_refusal_says_who_may(ben, level, client):
    await finish(ben)
    said = {"level_id": str(level.id), "quantity": "-2000", "code": "lost"}
    answer = await (await client("ben")).post("/api/v1/inventory/update", json=said, headers={"idempotency-key": "l"})
    assert answer.status_code == 403 and "the manager" in answer.json()["detail"]
    page = await client("ben", page=True)
    assert "Theft suspected" in (await page.get(f"/inventory/levels/{level.id}")).text


@pytest.mark.parametrize(
    ("difference", "value", "round", "before", "decides"),
    [
        (D(50), D(1), 1, None, True),
        (D(51), D("0.1"), 1, None, False),
        (D(-51), D("0.1"), 1, None, False),
        (D(-2), D(26), 1, None, False),
        (D(-51), D(1), 2, D(-51), True),
        (D(-51), D(1), 2, D(-60), False),
        (D(-60), D(1), 3, D(-51), True),
        (D(0), D(1), 2, D(-60), True),
    ],
)
def test_when_a_count_decides(difference, value, round, before, decides):
    assert settles(Thresholds(), difference, value, round, before) is decides


def test_a_unit_is_worth_what_was_paid_or_its_share_of_the_price():
    assert unit_value(D("0.3"), D(10), D(20)) == D("0.3")
    assert unit_value(None, D(10), D(20)) == D("0.5")
