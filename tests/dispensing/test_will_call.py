"""The will-call shelf: a bin, a reminder, and what nobody collects goes back; one thing happens to each bag."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text

from galen import billing, dispensing, prescribing
from galen.core.context import Context
from galen.core.errors import Conflict, Refusal
from galen.core.finish import finish
from galen.dispensing import (
    CollectedBy,
    CollectionDraft,
    Counselling,
    Dispensing,
    DispensingDraft,
    DispensingStatus,
    ReversalDraft,
)
from galen.dispensing.bags import Bag, BagStatus
from galen.dispensing.events import BagDue
from galen.dispensing.refusals import BagVoid, NoSuchBin, NotOnShelf, SeveralInBin
from galen.dispensing.schemas import PharmacistReason, PolicyDraft, ScanDraft, SupplyDraft
from galen.dispensing.service import (
    find_bag,
    keep_bag,
    look_at_bags,
    put_back,
    shelve_bag,
    tend_bag,
    waiting_bags,
)
from galen.dispensing.shelf_schemas import BagDraft, KeepDraft
from galen.notifications import Message

from .conftest import Pharmacy, afresh

TO_PATIENT = CollectionDraft(collected_by=CollectedBy.PATIENT, counselling=Counselling.GIVEN)

CEFALEXIN = "cefalexin 500 mg capsule"


async def prepared(pharmacy: Pharmacy, units: int = 21) -> Dispensing:
    """Dispensed, and not collected yet."""
    product = await pharmacy.product(CEFALEXIN)
    if not await pharmacy.on_hand(product):
        await pharmacy.stocked(CEFALEXIN, ("A", 100, 300))
    line = {"product_id": product.id, "directions": "1 cap tds", "quantity": Decimal(units), "repeats": 2}
    record = await pharmacy.verified(line)
    return await dispensing.dispense(pharmacy.ben, record.id, SupplyDraft())


async def shelved(pharmacy: Pharmacy, bin: str = "A12") -> tuple[Dispensing, Bag]:
    record = await prepared(pharmacy)
    return record, await shelve_bag(pharmacy.ben, record.id, BagDraft(bin=bin))


@asynccontextmanager
async def days_later(ctx: Context, days: int) -> AsyncIterator[Context]:
    before = ctx.now
    ctx.now += timedelta(days=days)
    yield afresh(ctx)
    ctx.now = before


async def the_clock_comes(system: Context, days: int) -> list[Bag]:
    """What the hourly job announces, and what is done about it bag by bag; twice, as a worker might."""
    async with days_later(system, days):
        system.facts.clear()
        await look_at_bags(system)
        due = [fact.bag_id for fact in system.facts if isinstance(fact, BagDue)]
        for bag_id in due * 2:
            await tend_bag(system, bag_id)
            await system.flush()
            afresh(system)
        return [await system.get(Bag, bag_id) for bag_id in due]


async def test_a_bag_is_put_in_a_bin_and_found_by_label_name_and_bin(pharmacy: Pharmacy, ben: Context) -> None:
    record, bag = await shelved(pharmacy, "a 12")
    assert (bag.bin, bag.status) == ("A12", BagStatus.READY)
    assert (bag.remind_on, bag.collect_by) == (ben.today + timedelta(days=3), ben.today + timedelta(days=10))
    for code in (record.number, record.number.lower(), "a12", "A 12"):
        assert (await find_bag(ben, ScanDraft(code=code))).id == record.id
    for q in ("", "quill", record.number, "cefalexin", "A12"):
        assert [row.number for row in (await waiting_bags(ben, q)).items] == [record.number], q
    nobody = await waiting_bags(ben, "smith")
    assert (nobody.items, nobody.waiting) == ([], 1)
    async with pharmacy.refused(ben, NoSuchBin, "B1"):
        await find_bag(ben, ScanDraft(code="B1"))


async def test_a_bin_with_several_bags_asks_for_the_label(pharmacy: Pharmacy, ben: Context) -> None:
    for prescribed_units in (21, 12):
        record = await prepared_for_travel(pharmacy, prescribed_units)
        await shelve_bag(ben, record.id, BagDraft(bin="A1"))
    async with pharmacy.refused(ben, SeveralInBin, "holds 2 bags: D"):
        await find_bag(ben, ScanDraft(code="A1"))
    assert [row.bin for row in (await waiting_bags(ben)).items] == ["A1", "A1"]


async def prepared_for_travel(pharmacy: Pharmacy, units: int) -> Dispensing:
    product = await pharmacy.product(CEFALEXIN)
    if not await pharmacy.on_hand(product):
        await pharmacy.stocked(CEFALEXIN, ("A", 100, 300))
    line = {"product_id": product.id, "directions": "1 cap tds", "quantity": Decimal(units)}
    record = await pharmacy.queued(line)
    asked = (await dispensing.desk(pharmacy.ben, record.id)).needed
    answers = [dispensing.AnswerDraft(key=each.key, reason=PharmacistReason.TRAVEL, comment="Away") for each in asked]
    await dispensing.verify(pharmacy.ben, record.id, dispensing.VerificationDraft(answers=answers))
    return await dispensing.dispense(pharmacy.ben, record.id, SupplyDraft())


async def test_what_has_its_place_only_waits_for_the_bag(pharmacy: Pharmacy, ben: Context) -> None:
    record = await prepared(pharmacy)
    bag = await shelve_bag(ben, record.id, BagDraft(bin="B2", placed=False))
    assert (bag.status, bag.ready_at, bag.collect_by) == (BagStatus.ASSIGNED, None, None)
    again = await shelve_bag(ben, record.id, BagDraft(bin="B3"))
    assert (again.id, again.bin, again.status) == (bag.id, "B3", BagStatus.READY)
    moved = await shelve_bag(ben, record.id, BagDraft(bin="C1"))
    assert (moved.id, moved.bin, moved.status) == (bag.id, "C1", BagStatus.READY)


@pytest.mark.parametrize("how", ["handed over", "undone", "taken back"])
async def test_whatever_becomes_of_a_supply_its_bag_leaves_the_shelf(
    pharmacy: Pharmacy, ben: Context, how: str
) -> None:
    record, bag = await shelved(pharmacy)
    if how == "handed over":
        await dispensing.hand_over(ben, record.id, TO_PATIENT)
    elif how == "undone":
        await dispensing.service.undo_supply(ben, record.id)
    else:
        await dispensing.reverse(ben, record.id, ReversalDraft(reason="Wrong patient"))
    await finish(ben)
    assert bag.status is (BagStatus.COLLECTED if how == "handed over" else BagStatus.RETURNED)
    assert (await waiting_bags(ben)).waiting == 0
    async with pharmacy.refused(ben, NotOnShelf):
        await shelve_bag(ben, record.id, BagDraft(bin="A1"))


async def test_the_database_itself_leaves_no_bag_behind(pharmacy: Pharmacy, ben: Context) -> None:
    record, _bag = await shelved(pharmacy)
    await ben.flush()
    async with ben.db.begin_nested() as savepoint:
        with pytest.raises(Exception, match="a bag waits to be collected that is not ready to collect"):
            await ben.db.execute(
                text(
                    "UPDATE dispensing SET status = 'collected', collected_by = 'patient', "
                    "counselling = 'given' WHERE id = :id"
                ),
                {"id": record.id},
            )
            await ben.db.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        await savepoint.rollback()


async def test_the_patient_is_reminded_once_and_nothing_of_health_is_said(
    pharmacy: Pharmacy, system: Context, ada: Context
) -> None:
    pharmacy.mara.email = "mara@example.org"
    await finish(ada)
    record, _bag = await shelved(pharmacy)
    await pharmacy.ben.flush()
    assert await the_clock_comes(system, 2) == []
    (bag,) = await the_clock_comes(system, 3)
    assert (bag.status, bag.reminded_at is not None, bag.remind_on) == (BagStatus.READY, True, None)
    assert await the_clock_comes(system, 4) == []
    (message,) = await system.db.scalars(select(Message).where(Message.about == "collection reminder"))
    assert (message.to, message.subject) == ("mara@example.org", "Something waits for you at Harbour Pharmacy")
    assert "30 Nov 2026" in message.text and "cef" not in message.text.lower()
    assert record.status is DispensingStatus.DISPENSED


@pytest.mark.parametrize(
    "contact, email, phone, way",
    [
        ({}, "m@example.org", "+61400000000", "email"),
        ({"email": False}, "m@example.org", "+61400000000", "sms"),
        ({"email": False, "sms": False}, "m@example.org", "+61400000000", ""),
        ({}, "", "+61400000000", "sms"),
        ({}, "", None, ""),
    ],
)
async def test_only_the_ways_that_the_patient_allows(
    pharmacy: Pharmacy, system: Context, ada: Context, contact: dict[str, bool], email: str, phone: str | None, way: str
) -> None:
    mara = pharmacy.mara
    mara.contact, mara.email, mara.phone_e164 = contact, email, phone
    await finish(ada)
    await shelved(pharmacy)
    await pharmacy.ben.flush()
    (bag,) = await the_clock_comes(system, 3)
    sent = list(await system.db.scalars(select(Message.channel).where(Message.about == "collection reminder")))
    assert [channel.value for channel in sent] == ([way] if way else [])
    assert (bag.reminded_at is not None) == bool(way)


async def test_what_nobody_collects_goes_back_and_everything_with_it(
    pharmacy: Pharmacy, ben: Context, system: Context
) -> None:
    record, _bag = await shelved(pharmacy)
    await finish(ben)
    id, number = record.id, record.number
    product = await pharmacy.product(CEFALEXIN)
    assert await pharmacy.on_hand(product) == 79
    assert [bag.status for bag in await the_clock_comes(system, 10)] == [BagStatus.READY]  # the last day is a day
    (bag,) = await the_clock_comes(system, 11)
    assert (bag.status, bag.ended_because) == (BagStatus.EXPIRED, "Not collected")
    afresh(ben)
    assert await pharmacy.on_hand(await pharmacy.product(CEFALEXIN)) == 100
    again = await ben.get(Dispensing, id)
    assert await pharmacy.movements(again) == [("issue", Decimal(-21)), ("reversal", Decimal(21))]
    assert (again.status, again.ended_words) == (DispensingStatus.REVERSED, "Not collected")
    (invoice,) = await billing.service.invoices_for(ben, ("dispensing", id))
    assert invoice.is_void
    rx_id = again.prescription_id
    rx = await ben.get(prescribing.Prescription, rx_id)
    assert rx.status is prescribing.PrescriptionStatus.SIGNED
    async with pharmacy.refused(ben, BagVoid, "its label is void"):
        await find_bag(ben, ScanDraft(code=number))
    async with pharmacy.refused(ben, Refusal):
        await dispensing.hand_over(ben, id, TO_PATIENT)
    shelf = await waiting_bags(ben)
    assert ([row.number for row in shelf.put_back], shelf.items, shelf.expired) == ([number], [], 1)
    assert (await put_back(ben, id)).status is BagStatus.RETURNED
    assert (await waiting_bags(ben)).put_back == []
    anew = await dispensing.enqueue(ben, DispensingDraft(prescription_id=rx_id))
    assert (anew.supply, anew.status) == (1, DispensingStatus.WAITING)


async def test_a_bag_that_is_kept_longer_stays_and_nobody_is_reminded(
    pharmacy: Pharmacy, ben: Context, system: Context
) -> None:
    record, _bag = await shelved(pharmacy)
    await keep_bag(ben, record.id, KeepDraft(until=ben.today + timedelta(days=20)))
    await finish(ben)
    for days in (3, 11, 20):
        assert await the_clock_comes(system, days) == []
    assert [bag.status for bag in await the_clock_comes(system, 21)] == [BagStatus.EXPIRED]


async def test_a_prescription_that_has_ended_meanwhile_does_not_keep_the_bag(
    pharmacy: Pharmacy, ben: Context, system: Context
) -> None:
    record, _bag = await shelved(pharmacy)
    rx = await ben.get(prescribing.Prescription, record.prescription_id)
    rx.status, rx_id = prescribing.PrescriptionStatus.EXPIRED, rx.id
    await finish(ben)
    assert [bag.status for bag in await the_clock_comes(system, 11)] == [BagStatus.EXPIRED]
    afresh(ben)
    assert (await ben.get(prescribing.Prescription, rx_id)).status is prescribing.PrescriptionStatus.EXPIRED


async def test_the_house_says_how_long_a_bag_waits(pharmacy: Pharmacy, ben: Context, iris: Context) -> None:
    await dispensing.set_policy(iris, PolicyDraft(remind_days=1, collect_days=2))
    await finish(iris)
    _record, bag = await shelved(pharmacy)
    assert (bag.remind_on, bag.collect_by) == (ben.today + timedelta(days=1), ben.today + timedelta(days=2))


async def test_collected_first_then_the_clock_does_nothing(pharmacy: Pharmacy, ben: Context, system: Context) -> None:
    record, bag = await shelved(pharmacy)
    await dispensing.hand_over(ben, record.id, TO_PATIENT)
    await finish(ben)
    assert await stood(pharmacy, ben, system, bag, record) == (DispensingStatus.COLLECTED, Decimal(79))


async def test_without_looking_again_the_clock_takes_back_what_the_patient_has(
    pharmacy: Pharmacy, ben: Context, system: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken variant: what was announced is done, whatever has happened since."""
    record, bag = await shelved(pharmacy)
    await dispensing.hand_over(ben, record.id, TO_PATIENT)
    await finish(ben)
    monkeypatch.setattr("galen.dispensing.service.uncollected.still_there", lambda bag, record: True)
    assert await stood(pharmacy, ben, system, bag, record) == (DispensingStatus.REVERSED, Decimal(100))


async def stood(
    pharmacy: Pharmacy, ben: Context, system: Context, bag: Bag, record: Dispensing
) -> tuple[DispensingStatus, Decimal]:
    """What stands when the clock comes for a bag whose time is over."""
    bag_id, id = bag.id, record.id
    async with days_later(system, 11):
        await tend_bag(system, bag_id)
        await system.flush()
    afresh(ben)
    return (await ben.get(Dispensing, id)).status, await pharmacy.on_hand(await pharmacy.product(CEFALEXIN))


async def test_another_pharmacy_s_shelf_is_not_this_one_s(pharmacy: Pharmacy, ben: Context, ruth: Any) -> None:
    record, _bag = await shelved(pharmacy)
    ben.site = ruth.site
    assert (await waiting_bags(ben)).items == []
    async with pharmacy.refused(ben, Conflict):
        await shelve_bag(ben, record.id, BagDraft(bin="A1"))
