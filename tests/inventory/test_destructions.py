"""Stock is destroyed by two: what one says, another one has seen, and only then it has left."""

from decimal import Decimal

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from galen import inventory, medicines
from galen.core.errors import Forbidden
from galen.core.finish import finish
from galen.core.state import CannotBecome
from galen.inventory import AdjustDraft, BatchDraft, BatchReasonDraft, MovementKind, StockLevel
from galen.inventory.models import DestructionStatus
from galen.inventory.schemas import DestructionDraft
from galen.inventory.service import cancel_destruction, propose_destruction, witness_destruction
from galen.inventory.service.destructions import NeedsWitness, NotAtThisSite
from galen.inventory.service.moves import NotThatMuch

D = Decimal


@pytest.fixture
async def level(ben) -> StockLevel:
    part = medicines.PartDraft(name="insulin glargine", strength="111 units/mL")
    draft = medicines.MedicineDraft(ingredients=[part], form="injection", pack_size=D(5), price=D(60))
    product = await medicines.add_medicine(ben, draft)
    said = {"product_id": product.id, "number": "I1", "expires": "2028-01", "packs": 2}
    batch = await inventory.receive(ben, BatchDraft.model_validate(said))
    await ben.flush()
    return await ben.db.scalar(select(StockLevel).where(StockLevel.batch_id == batch.id))


def of(level: StockLevel, quantity: int) -> DestructionDraft:
    said = {"level_id": level.id, "quantity": quantity, "reason": "kept too warm or too cold", "method": "Sealed bin"}
    return DestructionDraft.model_validate(said)


async def test_it_leaves_the_ledger_when_a_second_person_has_seen_it(ben, kim, level):
    proposed = await propose_destruction(ben, of(level, 4))
    await ben.flush()
    assert level.quantity == D(10)
    done = await witness_destruction(kim, proposed.id)
    await kim.flush()
    assert (done.status, done.proposed_name, done.witness_name) == (
        DestructionStatus.DESTROYED,
        ben.actor.name,
        kim.actor.name,
    )
    last = (await inventory.movements(ben, product_id=level.product_id)).items[0]
    assert (last.kind, last.quantity, last.balance) == (MovementKind.DESTROY, D(-4), D(6))
    assert last.reason == "kept too warm or too cold: Sealed bin"
    assert await inventory.drift(ben) == []


async def test_nobody_is_their_own_witness(ben, level):
    proposed = await propose_destruction(ben, of(level, 4))
    await ben.flush()
    with pytest.raises(NeedsWitness):
        await witness_destruction(ben, proposed.id)
    assert proposed.status is DestructionStatus.PROPOSED


async def test_the_database_refuses_it_too(ben, level, client):
    proposed = await propose_destruction(ben, of(level, 4))
    await finish(ben)
    api = await client("ben")
    answer = await api.post(f"/api/v1/inventory/destructions/{proposed.id}/witness", headers={"idempotency-key": "w"})
    assert answer.status_code == 409 and "may not be the witness" in answer.json()["detail"]


async def test_what_is_no_longer_there_is_not_destroyed(ben, kim, level):
    with pytest.raises(NotThatMuch):
        await propose_destruction(ben, of(level, 11))
    proposed = await propose_destruction(ben, of(level, 10))
    await inventory.adjust(ben, AdjustDraft(level_id=level.id, quantity=D(-1), reason="Dropped"))
    await ben.flush()
    with pytest.raises(NotThatMuch):
        await witness_destruction(kim, proposed.id)


async def test_it_happens_once_and_a_withdrawn_one_never(ben, kim, level):
    proposed, other = await propose_destruction(ben, of(level, 4)), await propose_destruction(ben, of(level, 1))
    await ben.flush()
    await witness_destruction(kim, proposed.id)
    await kim.flush()
    with pytest.raises(CannotBecome):
        await witness_destruction(kim, proposed.id)
    await cancel_destruction(kim, other.id, BatchReasonDraft(reason="Good after all"))
    await kim.flush()
    with pytest.raises(CannotBecome):
        await witness_destruction(kim, other.id)
    assert (await inventory.on_hand(ben, [level.product_id])) == {level.product_id: D(6)}


async def test_it_is_destroyed_where_it_lies_and_by_who_may(ben, ada, kim, level):
    with pytest.raises(Forbidden):
        await propose_destruction(ada, of(level, 1))
    kim.site = ada.site
    with pytest.raises(NotAtThisSite):
        await propose_destruction(kim, of(level, 1))
    with pytest.raises(ValidationError):
        DestructionDraft(level_id=level.id, quantity=D(1), reason="expired", method="")


async def test_the_page_lets_a_colleague_sign(ben, level, client):
    await finish(ben)
    browser = await client("ben", page=True)
    assert "Propose to destroy" in (await browser.get(f"/inventory/levels/{level.id}")).text
    form = {"level_id": str(level.id), "quantity": "4", "reason": "damaged", "method": "Sealed bin"}
    answer = await browser.post("/inventory/destructions", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/inventory/destructions")
    own = (await browser.get("/inventory/destructions")).text
    assert "A colleague has to see it" in own and "I have seen it destroyed" not in own
    other = (await (await client("kim", page=True)).get("/inventory/destructions")).text
    assert "I have seen it destroyed" in other
