"""What patients bring back: never more than was given, never sold again where it may not be, and the charge with it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from galen import billing, dispensing, inventory
from galen.billing import Method, PaymentDraft
from galen.core.context import Context
from galen.core.errors import Invalid
from galen.core.finish import finish
from galen.dispensing import AnswerDraft, CollectedBy, CollectionDraft, Counselling, Dispensing, SupplyDraft
from galen.dispensing.packs import PackOutcome
from galen.dispensing.refusals import MoreThanGiven, NotCollectedYet
from galen.dispensing.returns import Fate, PatientReturn, ReturnedItem, WhyReturned
from galen.dispensing.rules import not_to_be_sold_again
from galen.dispensing.schemas import PharmacistReason, PolicyDraft
from galen.dispensing.service import returns_of, take_return
from galen.dispensing.shelf_schemas import PatientReturnDraft, ReturnLineDraft
from galen.inventory import Batch, Destruction
from tests.inventory.tampering import tampered

from .conftest import Pharmacy
from .test_packs import pack

CEFALEXIN = "cefalexin 500 mg capsule"


async def collected(pharmacy: Pharmacy, *, hand_over: bool = True) -> Dispensing:
    """21 capsules, of which the patient has all."""
    product = await pharmacy.stocked(CEFALEXIN, ("A", 100, 300))
    line = {"product_id": product.id, "directions": "1 cap tds", "quantity": Decimal(21)}
    record = await pharmacy.verified(line)
    await dispensing.dispense(pharmacy.ben, record.id, SupplyDraft())
    if hand_over:
        collector = CollectionDraft(
            collected_by=CollectedBy.PATIENT, counselling=Counselling.GIVEN, collector="Mara", document="Passport 1"
        )
        await dispensing.hand_over(pharmacy.ben, record.id, collector)
    await finish(pharmacy.ben)
    return record


def brought(record: Dispensing, units: int, fate: Fate = Fate.QUARANTINE, **said: Any) -> PatientReturnDraft:
    line = ReturnLineDraft(item_id=record.given[0].id, quantity=Decimal(units), fate=fate)
    return PatientReturnDraft(lines=[line], **({"reason": WhyReturned.NOT_NEEDED} | said))


async def resale_allowed(iris: Context) -> None:
    await dispensing.set_policy(iris, PolicyDraft(resale_of_returns=True))
    await finish(iris)


async def batches(ben: Context) -> dict[str, str]:
    """The returned batches by the number of their return, with their state."""
    rows = await ben.db.execute(select(Batch.returned, Batch.status).where(Batch.number == "A"))
    return {returned: status.value for returned, status in rows}


async def test_what_comes_back_is_set_aside_as_a_batch_of_its_own(pharmacy: Pharmacy, ben: Context) -> None:
    record = await collected(pharmacy)
    back = await take_return(ben, record.id, brought(record, 7))
    await finish(ben)
    assert await batches(ben) == {"": "ok", back.number: "quarantined"}
    product = await pharmacy.product(CEFALEXIN)
    assert await pharmacy.on_hand(product) == 79  # what is in quarantine is not to be handed out
    assert await inventory.drift(ben) == []
    (row,) = (await returns_of(ben, record.id)).items
    assert row.left == 14
    assert (await ben.get(Dispensing, record.id)).collected


async def test_a_good_pack_of_the_same_number_is_still_the_right_one(pharmacy: Pharmacy, ben: Context) -> None:
    record = await collected(pharmacy)
    await take_return(ben, record.id, brought(record, 7))
    await finish(ben)
    product = await pharmacy.product(CEFALEXIN)
    again = await pharmacy.queued({"product_id": product.id, "directions": "1 cap tds", "quantity": Decimal(3)})
    asked = (await dispensing.desk(ben, again.id)).needed
    answers = [AnswerDraft(key=each.key, reason=PharmacistReason.TRAVEL, comment="Away") for each in asked]
    await dispensing.verify(ben, again.id, dispensing.VerificationDraft(answers=answers))
    found = await dispensing.check_pack(ben, again.id, await pack(pharmacy, CEFALEXIN, "A"))
    assert found.outcome is PackOutcome.MATCH


@pytest.mark.parametrize("fate", [Fate.RESALE, Fate.QUARANTINE, Fate.DESTROY])
async def test_where_it_goes(pharmacy: Pharmacy, ben: Context, iris: Context, fate: Fate) -> None:
    await resale_allowed(iris)
    record = await collected(pharmacy)
    how = {"unopened": True, "never_left": True, "method": "Burnt by the contractor", "credit": True}
    back = await take_return(ben, record.id, brought(record, 21, fate, **how))
    await finish(ben)
    product = await pharmacy.product(CEFALEXIN)
    assert await pharmacy.on_hand(product) == (100 if fate is Fate.RESALE else 79)
    proposed = list(await ben.db.scalars(select(Destruction)))
    assert [(d.quantity, d.reason.value, d.note) for d in proposed] == (
        [(Decimal(21), "returned by a patient", back.number)] if fate is Fate.DESTROY else []
    )
    assert await inventory.drift(ben) == []
    (invoice,) = await billing.service.invoices_for(ben, ("dispensing", record.id))
    assert invoice.is_void and back.credited == invoice.total and not back.to_refund


@pytest.mark.parametrize(
    "allowed, how, field",
    [
        (False, {"unopened": True, "never_left": True}, "lines.0.fate"),
        (True, {"unopened": True}, "never_left"),
        (True, {"never_left": True}, "unopened"),
    ],
)
async def test_back_on_the_shelf_only_where_everything_allows_it(
    pharmacy: Pharmacy, ben: Context, iris: Context, allowed: bool, how: dict[str, bool], field: str
) -> None:
    if allowed:
        await resale_allowed(iris)
    record = await collected(pharmacy)
    async with pharmacy.refused(ben, Invalid) as told:
        await take_return(ben, record.id, brought(record, 21, Fate.RESALE, **how))
    assert told.value.about.get("field", field) == field
    assert list(await ben.db.scalars(select(PatientReturn.id))) == []


@pytest.mark.parametrize(
    "allowed, controlled, storage, days, good, says",
    [
        (False, False, "room", 100, True, "sells nothing again"),
        (True, True, "room", 100, True, "controlled"),
        (True, False, "fridge", 100, True, "kept cold"),
        (True, False, "freezer", 100, True, "kept cold"),
        (True, False, "room", 100, False, "set aside or recalled"),
        (True, False, "room", -1, True, "expired"),
        (True, False, "room", 0, True, ""),
        (True, False, "room", None, True, ""),
    ],
)
def test_what_is_never_sold_again(
    allowed: bool, controlled: bool, storage: str, days: int | None, good: bool, says: str
) -> None:
    today = date(2026, 11, 20)
    expires = None if days is None else today + timedelta(days=days)
    told = not_to_be_sold_again(allowed, controlled, storage, expires, good, today)
    assert says in told if says else told == ""


async def test_never_more_than_was_given_however_often_somebody_comes(pharmacy: Pharmacy, ben: Context) -> None:
    record = await collected(pharmacy)
    await take_return(ben, record.id, brought(record, 20))
    await finish(ben)
    async with pharmacy.refused(ben, MoreThanGiven, "at most 1 capsule of batch A"):
        await take_return(ben, record.id, brought(await ben.get(Dispensing, record.id), 2))


async def test_the_database_itself_refuses_what_was_never_given(pharmacy: Pharmacy, ben: Context) -> None:
    record = await collected(pharmacy)
    back = await take_return(ben, record.id, brought(record, 20))
    await finish(ben)
    item = back.items[0]
    async with ben.db.begin_nested() as savepoint:
        about = {"item_id": item.item_id, "drug": "x", "batch": "A", "fate": Fate.QUARANTINE, "batch_id": item.batch_id}
        ben.add(ReturnedItem(patient_return_id=back.id, position=2, quantity=Decimal(2), unit="", **about))
        with pytest.raises(Exception, match="more is brought back than was given"):
            await ben.flush()
        await savepoint.rollback()


async def test_what_has_not_left_is_taken_back_as_a_whole(pharmacy: Pharmacy, ben: Context) -> None:
    record = await collected(pharmacy, hand_over=False)
    async with pharmacy.refused(ben, NotCollectedYet):
        await take_return(ben, record.id, brought(record, 1))


@pytest.mark.parametrize("units, paid", [(7, False), (7, True), (21, True)])
async def test_the_charge_falls_by_its_share_and_what_was_paid_is_named(
    pharmacy: Pharmacy, ben: Context, units: int, paid: bool
) -> None:
    record = await collected(pharmacy)
    (invoice,) = await billing.service.invoices_for(ben, ("dispensing", record.id))
    total = invoice.total
    if paid:
        await billing.take_payment(ben, invoice.id, PaymentDraft(method=Method.CARD))
        await finish(ben)
    back = await take_return(ben, record.id, brought(record, units, credit=True))
    await finish(ben)
    share = (total * units / 21).quantize(Decimal("0.01"))
    assert (back.credited, back.to_refund) == ((Decimal(0), share) if paid else (share, Decimal(0)))
    (invoice,) = await billing.service.invoices_for(ben, ("dispensing", record.id))
    assert invoice.credited == back.credited
    assert await billing.unbalanced(ben) == []


def test_another_reason_and_nothing_at_all_are_refused() -> None:
    line = ReturnLineDraft(item_id=uuid4(), quantity=Decimal(1))
    with pytest.raises(ValueError, match="which other reason"):
        PatientReturnDraft(lines=[line], reason=WhyReturned.OTHER)
    with pytest.raises(ValueError, match="how much was brought back"):
        PatientReturnDraft(lines=[ReturnLineDraft(item_id=uuid4())], reason=WhyReturned.NOT_NEEDED)


async def test_what_was_brought_back_is_in_the_ledger_and_what_is_not_is_named(pharmacy: Pharmacy) -> None:
    ben = pharmacy.ben
    record = await collected(pharmacy)
    back = await take_return(ben, record.id, brought(record, 7))
    await ben.flush()
    assert await dispensing.drift(ben) == []
    await tampered(ben, "UPDATE org_north.returned_item SET quantity = 6 WHERE patient_return_id = :id", id=back.id)
    (found,) = await dispensing.drift(ben)
    assert (found.what, found.quantity, found.moved) == ("brought back", Decimal(6), Decimal(7))
