"""What is held wakes by its day or by its stock; what was given elsewhere is asked about; who collects is said."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from galen import dispensing, inventory, organizations
from galen.core.context import Context
from galen.core.errors import Invalid
from galen.dispensing import (
    AnswerDraft,
    CollectedBy,
    CollectionDraft,
    Counselling,
    Dispensing,
    DispensingStatus,
    HoldDraft,
    PolicyDraft,
    SupplyDraft,
    VerificationDraft,
    WaitsFor,
)
from galen.dispensing.refusals import ChangedSince, NotAnswered, SecondPerson
from galen.dispensing.schemas import PharmacistReason
from galen.inventory import BatchDraft

from .conftest import Pharmacy, afresh

CEFALEXIN, OTHER_STRENGTH, AMLODIPINE = "cefalexin 500 mg capsule", "cefalexin 250 mg capsule", "amlodipine 5 mg tablet"


async def queued(pharmacy: Pharmacy, words: str = CEFALEXIN, units: int = 21) -> UUID:
    product = await pharmacy.product(words)
    record = await pharmacy.queued(
        {
            "product_id": product.id,
            "directions": "1 od" if words == AMLODIPINE else "1 cap tds",
            "quantity": Decimal(units),
        }
    )
    return record.id


async def arrives(pharmacy: Pharmacy, units: int, words: str = CEFALEXIN, number: str = "NEW") -> None:
    product, ben = await pharmacy.product(words), pharmacy.ben
    expires = ben.today + timedelta(days=300)
    await inventory.receive(
        ben, BatchDraft(product_id=product.id, number=number, expires=expires, units=Decimal(units))
    )
    await pharmacy.catch_up()


async def held(pharmacy: Pharmacy, id: UUID, waits_for: WaitsFor = WaitsFor.STOCK, days: int = 9) -> None:
    wake_on = pharmacy.ben.today + timedelta(days=days)
    await dispensing.hold(pharmacy.ben, id, HoldDraft(reason="None here", waits_for=waits_for, wake_on=wake_on))


async def status_of(ctx: Context, id: UUID) -> DispensingStatus:
    return (await afresh(ctx).get(Dispensing, id)).status


async def test_what_waits_for_stock_wakes_when_enough_has_come(pharmacy: Pharmacy, ben: Context) -> None:
    id = await queued(pharmacy)
    await held(pharmacy, id)
    await arrives(pharmacy, 20)
    assert await status_of(ben, id) is DispensingStatus.HELD
    await arrives(pharmacy, 1, number="ONE MORE")
    assert await status_of(ben, id) is DispensingStatus.WAITING
    record = await ben.get(Dispensing, id)
    assert (record.held_for, record.held_because, record.wake_on) == (None, "", None)


async def test_of_two_that_wait_the_longer_waiting_wakes_where_one_can_be_served(
    pharmacy: Pharmacy, ben: Context
) -> None:
    first, second = await queued(pharmacy), await queued(pharmacy)
    for id, earlier in ((first, 2), (second, 1)):
        (await ben.get(Dispensing, id)).queued_at -= timedelta(hours=earlier)
        await held(pharmacy, id)
    await arrives(pharmacy, 30)
    assert [await status_of(ben, id) for id in (first, second)] == [DispensingStatus.WAITING, DispensingStatus.HELD]


@pytest.mark.parametrize("waits_for", [WaitsFor.DATE, WaitsFor.PATIENT])
async def test_stock_wakes_nothing_that_waits_for_something_else(
    pharmacy: Pharmacy, ben: Context, waits_for: WaitsFor
) -> None:
    id = await queued(pharmacy)
    await held(pharmacy, id, waits_for)
    await arrives(pharmacy, 100)
    assert await status_of(ben, id) is DispensingStatus.HELD


async def test_another_medicine_wakes_nothing_and_the_day_wakes_in_any_case(pharmacy: Pharmacy, ben: Context) -> None:
    id = await queued(pharmacy)
    await held(pharmacy, id, days=3)
    await arrives(pharmacy, 100, AMLODIPINE)
    assert await status_of(ben, id) is DispensingStatus.HELD
    ben.now += timedelta(days=3)
    assert await dispensing.service.wake(ben) == 1
    await ben.flush()
    assert await status_of(ben, id) is DispensingStatus.WAITING


async def given(pharmacy: Pharmacy, words: str = CEFALEXIN) -> None:
    product = await pharmacy.product(words)
    if not await pharmacy.on_hand(product):
        await pharmacy.stocked(words, ("A", 100, 300))
    id = await queued(pharmacy, words)
    await answered(pharmacy.ben, id)
    await dispensing.dispense(pharmacy.ben, id, SupplyDraft())


async def answered(ctx: Context, id: UUID) -> list[str]:
    """Verify it with an answer to everything that is asked; the keys of what was."""
    needed = (await dispensing.desk(ctx, id)).needed
    said = [AnswerDraft(key=q.key, reason=PharmacistReason.CHECKED, comment="Asked him") for q in needed]
    await dispensing.verify(ctx, id, VerificationDraft(answers=said))
    return [question.key.partition(":")[0] for question in needed]


async def test_the_same_substance_given_lately_is_shown_and_must_be_answered(pharmacy: Pharmacy, ben: Context) -> None:
    await given(pharmacy, OTHER_STRENGTH)
    id = await queued(pharmacy)
    (check,) = [check for check in (await dispensing.desk(ben, id)).checks if check.key.startswith("look-back:")]
    assert check.title == "Given already: cefalexin 250 mg capsule, on 20 Nov 2026"
    assert check.detail.startswith("21 capsules at Harbour Pharmacy, on prescription RX")
    async with pharmacy.refused(ben, NotAnswered, match="Given already"):
        await dispensing.verify(ben, id, VerificationDraft())
    assert "look-back" in await answered(ben, id)


@pytest.mark.parametrize(("days", "after", "asked"), [(14, 13, True), (14, 15, False), (0, 1, False), (60, 40, True)])
async def test_how_far_it_looks_back_is_the_policy(
    pharmacy: Pharmacy, ben: Context, max: Context, days: int, after: int, asked: bool
) -> None:
    await dispensing.set_policy(max, PolicyDraft(look_back_days=days))
    await given(pharmacy, OTHER_STRENGTH)
    id = await queued(pharmacy)
    ben.now += timedelta(days=after)
    keys = [check.key.partition(":")[0] for check in (await dispensing.desk(ben, id)).checks]
    assert ("look-back" in keys) is asked


async def test_it_looks_at_every_pharmacy_and_not_at_other_medicines_or_what_came_back(
    pharmacy: Pharmacy, ben: Context, iris: Context
) -> None:
    await given(pharmacy, OTHER_STRENGTH)
    id, other = await queued(pharmacy), await queued(pharmacy, AMLODIPINE)
    sites = await organizations.sites(ben)
    ben.site = next(site.info for site in sites if site.id != ben.here.id)
    keys = [check.key.partition(":")[0] for check in (await dispensing.desk(ben, id)).checks]
    assert "look-back" in keys
    keys = [check.key.partition(":")[0] for check in (await dispensing.desk(ben, other)).checks]
    assert "look-back" not in keys


async def test_what_was_given_after_it_was_verified_sends_it_back(pharmacy: Pharmacy, ben: Context) -> None:
    await pharmacy.stocked(CEFALEXIN, ("A", 100, 300))
    id = await queued(pharmacy)
    await answered(ben, id)
    ben.now += timedelta(minutes=1)
    await given(pharmacy, OTHER_STRENGTH)
    async with pharmacy.refused(ben, ChangedSince, match="Given already"):
        await dispensing.dispense(ben, id, SupplyDraft())
    ben.now += timedelta(minutes=1)
    assert (await dispensing.desk(ben, id)).to_verify
    await answered(ben, id)
    assert (await dispensing.dispense(ben, id, SupplyDraft())).supplied


async def ready(pharmacy: Pharmacy) -> UUID:
    await pharmacy.stocked(CEFALEXIN, ("A", 100, 300))
    id = await queued(pharmacy)
    await answered(pharmacy.ben, id)
    await dispensing.dispense(pharmacy.ben, id, SupplyDraft())
    return id


async def test_whoever_collects_for_the_patient_is_named(pharmacy: Pharmacy, ben: Context) -> None:
    id, declined = await ready(pharmacy), Counselling.DECLINED
    async with pharmacy.refused(ben, Invalid, match="Write the name of who collects it"):
        await dispensing.hand_over(ben, id, CollectionDraft(collected_by=CollectedBy.OTHER, counselling=declined))
    said = CollectionDraft(collected_by=CollectedBy.OTHER, collector="Tom Quill", counselling=declined)
    record = await dispensing.hand_over(ben, id, said)
    assert (record.collected_by, record.collector, record.counselling) == (CollectedBy.OTHER, "Tom Quill", declined)


@pytest.mark.parametrize("missing", ["collected_by", "counselling"])
async def test_nothing_is_preset_at_the_hand_over(missing: str) -> None:
    said: dict[str, Any] = {"collected_by": "patient", "counselling": "given"}
    del said[missing]
    with pytest.raises(ValueError, match=missing):
        CollectionDraft(**said)


@pytest.mark.parametrize(("schedules", "two"), [("", False), ("S4", True), (" s3 , s4 ", True), ("S3,CIV", False)])
async def test_two_persons_where_the_policy_names_the_schedule(
    pharmacy: Pharmacy, ben: Context, max: Context, schedules: str, two: bool
) -> None:
    await dispensing.set_policy(max, PolicyDraft(two_persons_schedules=schedules))
    await pharmacy.stocked(CEFALEXIN, ("A", 100, 300))
    id = await queued(pharmacy)
    await answered(ben, id)
    if two:
        async with pharmacy.refused(ben, SecondPerson):
            await dispensing.dispense(ben, id, SupplyDraft())
    else:
        assert (await dispensing.dispense(ben, id, SupplyDraft())).supplied


@pytest.mark.parametrize("schedules", ["S4;S3", "schedule four", "S4,,S3"])
async def test_schedules_of_the_policy_are_words_between_commas(schedules: str) -> None:
    with pytest.raises(ValueError, match="two_persons_schedules"):
        PolicyDraft(two_persons_schedules=schedules)
