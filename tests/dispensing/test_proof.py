"""What dispensings say was given is held against the ledger, batch by batch."""

from decimal import Decimal

from galen import dispensing
from galen.dispensing import CollectedBy, CollectionDraft, Counselling, ReversalDraft, SupplyDraft
from tests.dispensing.conftest import Pharmacy
from tests.inventory.tampering import tampered

D = Decimal
GIVEN = CollectionDraft(collected_by=CollectedBy.PATIENT, counselling=Counselling.GIVEN)


async def test_what_was_dispensed_owed_undone_and_taken_back_agrees(pharmacy: Pharmacy) -> None:
    ben = pharmacy.ben
    product = await pharmacy.stocked("amoxicillin 250 mg capsule", ("A1", 6, 100), ("A2", 9, 300))
    work = await pharmacy.verified({"product_id": product.id, "directions": "1 cap tds x7/7"})
    await dispensing.dispense(ben, work.id, SupplyDraft(owe=True))
    await ben.flush()
    assert await dispensing.drift(ben) == []
    await dispensing.reverse(ben, work.id, ReversalDraft(reason="Wrong bag"))
    await ben.flush()
    assert await dispensing.drift(ben) == []
    await dispensing.dispense(ben, work.id, SupplyDraft(owe=True))
    await dispensing.hand_over(ben, work.id, GIVEN)
    await ben.flush()
    assert await dispensing.drift(ben) == []


async def test_a_batch_that_nobody_was_given_is_named(pharmacy: Pharmacy) -> None:
    ben = pharmacy.ben
    product = await pharmacy.stocked("amoxicillin 250 mg capsule", ("A1", 60, 100))
    work = await pharmacy.verified({"product_id": product.id, "directions": "1 cap tds x7/7"})
    await dispensing.dispense(ben, work.id, SupplyDraft())
    await tampered(ben, "UPDATE org_north.dispensed_item SET quantity = 20 WHERE dispensing_id = :id", id=work.id)
    (found,) = await dispensing.drift(ben)
    assert (found.what, found.batch, found.quantity, found.moved) == ("dispensed", "A1", D(20), D(21))
