"""Packs at the workstation: the right one confirms its line, a wrong one stops it, and a reason is kept with either."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from galen import dispensing, inventory, medicines
from galen.core.context import Context
from galen.core.errors import Forbidden, Invalid
from galen.dispensing import (
    BatchInHandDraft,
    Dispensing,
    PackCheck,
    PackOutcome,
    PackRule,
    PolicyDraft,
    ScanDraft,
    SupplyDraft,
    UnscannedDraft,
    WhyThisBatch,
    WhyUnscanned,
)
from galen.dispensing.refusals import AlreadyTaken, BatchGone, NoOtherBatch, NotAtPacks, PacksNotConfirmed
from galen.inventory import Batch, BatchReasonDraft
from galen.values.check_digits import gtin_check_digit

from .conftest import Pharmacy

Open = Callable[..., Awaitable[Any]]
CEFALEXIN, AMLODIPINE = "cefalexin 500 mg capsule", "amlodipine 5 mg tablet"
ALL = SupplyDraft()


async def gtin(pharmacy: Pharmacy, words: str) -> str:
    product = await pharmacy.product(words)
    return (await medicines.open_medicine(pharmacy.ben, product.id)).codes[0].zfill(14)


async def pack(pharmacy: Pharmacy, words: str, batch: str = "", expires: date | None = None) -> ScanDraft:
    """What the scanner reads off such a pack."""
    code = f"]d201{await gtin(pharmacy, words)}"
    code += f"17{expires:%y%m%d}" if expires else ""
    return ScanDraft(code=code + (f"10{batch}" if batch else ""))


async def ready(pharmacy: Pharmacy, *batches: tuple[str, int, int], units: int = 21) -> Dispensing:
    product = await pharmacy.stocked(CEFALEXIN, *(batches or (("A", 100, 300),)))
    return await pharmacy.verified(
        {"product_id": product.id, "directions": "1 cap tds", "quantity": Decimal(units), "repeats": 2}
    )


async def batch_named(ctx: Context, number: str) -> Batch:
    return (await ctx.db.scalars(select(Batch).where(Batch.number == number))).one()


async def test_the_right_pack_confirms_its_line_and_is_what_is_given(pharmacy: Pharmacy, ben: Context) -> None:
    record = await ready(pharmacy, ("A", 100, 300))
    id, line = record.id, record.lines[0].id
    async with pharmacy.refused(ben, PacksNotConfirmed, match="Still open: cefalexin 500 mg capsule"):
        await dispensing.dispense_at_desk(ben, id, ALL)
    record = await ben.get(Dispensing, id)
    assert await pharmacy.movements(record) == []
    found = await dispensing.check_pack(ben, id, await pack(pharmacy, CEFALEXIN, "a"))
    assert (found.outcome, found.dispensing_line_id) == (PackOutcome.MATCH, line)
    assert (found.code, found.batch, found.by_name) == (await gtin(pharmacy, CEFALEXIN), "A", "Ben Adeyemi")
    assert found.expires == ben.today + timedelta(days=300)  # the pack said none: the stored one stands
    record = await dispensing.dispense_at_desk(ben, id, ALL)
    assert [(item.batch, item.quantity) for item in record.items] == [("A", Decimal(21))]
    assert (await batch_named(ben, "A")).expires == ben.today + timedelta(days=300)


@pytest.mark.parametrize(
    ("words", "outcome", "said"),
    [
        ("cefalexin 250 mg capsule", PackOutcome.WRONG_STRENGTH, "Wrong strength: this is cefalexin 250 mg capsule"),
        (AMLODIPINE, PackOutcome.WRONG_PRODUCT, "Wrong product: this is amlodipine 5 mg tablet"),
        ("paracetamol 500 mg tablet", PackOutcome.WRONG_PRODUCT, "Wrong product: this is paracetamol 500 mg tablet"),
    ],
)
async def test_a_wrong_pack_is_named_at_the_line_and_stops_it_everywhere(
    pharmacy: Pharmacy, ben: Context, words: str, outcome: PackOutcome, said: str
) -> None:
    record = await ready(pharmacy)
    id, line = record.id, record.lines[0].id
    await dispensing.check_pack(ben, id, await pack(pharmacy, CEFALEXIN, "A"))
    found = await dispensing.check_pack(ben, id, await pack(pharmacy, words))
    assert (found.outcome, found.dispensing_line_id) == (outcome, line)
    assert said in found.words
    for verb in (dispensing.dispense_at_desk, dispensing.dispense):  # for programs, too
        async with pharmacy.refused(ben, PacksNotConfirmed):
            await verb(ben, id, ALL)
    await dispensing.check_pack(ben, id, await pack(pharmacy, CEFALEXIN, "A"))
    assert (await dispensing.dispense_at_desk(ben, id, ALL)).supplied


async def test_another_form_of_the_same_substance_is_the_wrong_form(pharmacy: Pharmacy, ben: Context) -> None:
    tablet, solution = "paracetamol 500 mg tablet", "paracetamol 500 mg soluble tablet"
    wanted, other = await pharmacy.product(tablet), await pharmacy.product(solution)
    if wanted.id == other.id or not medicines.same_strength(wanted.strength, other.strength):
        other = (await medicines.find_medicines(ben, "paracetamol 500 mg suppository", limit=1))[0]
    record = await pharmacy.verified({"product_id": wanted.id, "directions": "1 tab bd", "quantity": Decimal(10)})
    id = record.id
    found = await dispensing.check_pack(ben, id, await pack(pharmacy, other.label))
    assert found.outcome is PackOutcome.WRONG_FORM, (wanted.label, other.label, found.outcome)


async def test_another_batch_is_offered_and_asks_why_it_goes_first(pharmacy: Pharmacy, ben: Context) -> None:
    record = await ready(pharmacy, ("LATE", 100, 400), ("SOON", 100, 200))
    id, line = record.id, record.lines[0].id
    with pytest.raises(NoOtherBatch):
        await dispensing.take_batch(ben, id, BatchInHandDraft(line_id=line, reason=WhyThisBatch.OPENED))
    found = await dispensing.check_pack(ben, id, await pack(pharmacy, CEFALEXIN, "LATE"))
    assert found.outcome is PackOutcome.OTHER_BATCH
    async with pharmacy.refused(ben, PacksNotConfirmed):
        await dispensing.dispense_at_desk(ben, id, ALL)
    with pytest.raises(Invalid, match="before batch SOON"):
        await dispensing.take_batch(ben, id, BatchInHandDraft(line_id=line))
    draft = BatchInHandDraft(line_id=line, reason=WhyThisBatch.DAMAGED, note="wet box")
    taken = await dispensing.take_batch(ben, id, draft)
    assert (taken.outcome, taken.why) == (PackOutcome.TAKEN, "The earlier batch is damaged: wet box")
    record = await dispensing.dispense_at_desk(ben, id, ALL)
    assert [(item.batch, item.quantity) for item in record.items] == [("LATE", Decimal(21))]


async def test_a_batch_of_the_same_day_needs_no_reason_and_what_is_missing_comes_first_expired_first(
    pharmacy: Pharmacy, ben: Context
) -> None:
    record = await ready(pharmacy, ("ONE", 21, 200), ("TWO", 15, 200), ("LATER", 50, 300))
    id, line = record.id, record.lines[0].id
    first = (await dispensing.desk(ben, id)).packs
    assert first and (first.lines[0].picks.startswith("batch ONE") or first.lines[0].picks.startswith("batch TWO"))
    for number in ("ONE", "TWO"):
        found = await dispensing.check_pack(ben, id, await pack(pharmacy, CEFALEXIN, number))
        if found.outcome is PackOutcome.OTHER_BATCH:
            await dispensing.take_batch(ben, id, BatchInHandDraft(line_id=line))
    record = await dispensing.dispense_at_desk(ben, id, ALL)
    assert [(item.batch, item.quantity) for item in record.items] == [("TWO", Decimal(15)), ("ONE", Decimal(6))]


@pytest.mark.parametrize(
    "stop", ["quarantined", "expired", "said expired", "never received", "other expiry", "elsewhere"]
)
async def test_a_batch_that_may_not_go_out_blocks(pharmacy: Pharmacy, ben: Context, stop: str) -> None:
    record = await ready(pharmacy, ("GOOD", 100, 300), ("OLD", 10, 250))
    id, line = record.id, record.lines[0].id
    old, day = await batch_named(ben, "OLD"), None
    if stop == "quarantined":
        await inventory.quarantine(ben, old.id, BatchReasonDraft(reason="Leaking"))
        wanted = PackOutcome.QUARANTINED
    elif stop == "expired":
        await ben.db.execute(text("UPDATE batch SET expires = :day WHERE id = :id"), {"day": ben.today, "id": old.id})
        ben.now += timedelta(hours=14)  # past midnight, still within the pharmacist's night
        wanted = PackOutcome.EXPIRED
    elif stop == "said expired":
        day, wanted = ben.today - timedelta(days=1), PackOutcome.EXPIRED
    elif stop == "never received":
        wanted = PackOutcome.UNKNOWN_BATCH
    elif stop == "other expiry":
        day, wanted = ben.today + timedelta(days=99), PackOutcome.UNKNOWN_BATCH
    else:
        await ben.db.execute(text("UPDATE stock_level SET quantity = 0 WHERE batch_id = :id"), {"id": old.id})
        wanted = PackOutcome.NOT_HERE
    number = "NOBODY" if stop == "never received" else "OLD"
    found = await dispensing.check_pack(ben, id, await pack(pharmacy, CEFALEXIN, number, day))
    assert (found.outcome, found.confirms) == (wanted, False)
    with pytest.raises(NoOtherBatch):
        await dispensing.take_batch(ben, id, BatchInHandDraft(line_id=line, reason=WhyThisBatch.OPENED))


async def test_a_batch_set_aside_after_its_scan_is_not_replaced_in_silence(pharmacy: Pharmacy, ben: Context) -> None:
    record = await ready(pharmacy, ("SOON", 50, 200), ("LATE", 50, 300))
    id = record.id
    await dispensing.check_pack(ben, id, await pack(pharmacy, CEFALEXIN, "SOON"))
    await inventory.quarantine(ben, (await batch_named(ben, "SOON")).id, BatchReasonDraft(reason="Notice came"))
    async with pharmacy.refused(ben, BatchGone, match="Batch SOON of cefalexin"):
        await dispensing.dispense(ben, id, ALL)
    assert await pharmacy.movements(await ben.get(Dispensing, id)) == []


async def test_a_reason_stands_for_a_scan_and_after_a_wrong_pack_asks_for_words(
    pharmacy: Pharmacy, ben: Context
) -> None:
    record = await ready(pharmacy)
    id, line = record.id, record.lines[0].id
    await dispensing.check_pack(ben, id, await pack(pharmacy, AMLODIPINE))
    bare = UnscannedDraft(line_id=line, reason=WhyUnscanned.LOOSE)
    with pytest.raises(Invalid, match="was wrong"):
        await dispensing.confirm_unscanned(ben, id, bare)
    bare.note = "from the stock bottle"
    kept = await dispensing.confirm_unscanned(ben, id, bare)
    assert kept.words == "Confirmed without a scan: Loose units, counted out: from the stock bottle"
    assert (await dispensing.dispense_at_desk(ben, id, ALL)).supplied


async def test_a_misread_code_is_refused_and_an_unknown_one_is_kept(pharmacy: Pharmacy, ben: Context) -> None:
    record = await ready(pharmacy)
    id = record.id
    right = await gtin(pharmacy, CEFALEXIN)
    wrong = right[:-1] + str((int(right[-1]) + 1) % 10)
    with pytest.raises(Invalid, match=f"should be {gtin_check_digit(right[:-1])}"):
        await dispensing.check_pack(ben, id, ScanDraft(code=f"(01){wrong}"))
    nobody = "0" + "9999999" + "00000"
    stranger = nobody + str(gtin_check_digit(nobody))
    found = await dispensing.check_pack(ben, id, ScanDraft(code=stranger))
    assert found.outcome is PackOutcome.UNKNOWN_CODE and stranger in found.words
    kept = list(await ben.db.scalars(select(PackCheck).where(PackCheck.dispensing_id == id)))
    assert [row.outcome for row in kept] == [PackOutcome.UNKNOWN_CODE]


async def test_with_two_lines_a_stray_pack_belongs_to_none(pharmacy: Pharmacy, ben: Context) -> None:
    cefalexin = await pharmacy.stocked(CEFALEXIN, ("A", 100, 300))
    paracetamol = await pharmacy.product("paracetamol 500 mg tablet")
    record = await pharmacy.verified(
        {"product_id": cefalexin.id, "directions": "1 cap tds", "quantity": Decimal(21)},
        {"product_id": paracetamol.id, "directions": "1 tab bd", "quantity": Decimal(10)},
    )
    id = record.id
    stray = await dispensing.check_pack(ben, id, await pack(pharmacy, AMLODIPINE))
    assert (stray.outcome, stray.dispensing_line_id) == (PackOutcome.WRONG_PRODUCT, None)
    await dispensing.check_pack(ben, id, await pack(pharmacy, CEFALEXIN))
    async with pharmacy.refused(ben, PacksNotConfirmed, match="open: paracetamol 500 mg tablet"):
        await dispensing.dispense_at_desk(ben, id, ALL)
    await dispensing.check_pack(ben, id, await pack(pharmacy, "paracetamol 500 mg tablet"))
    assert (await dispensing.dispense_at_desk(ben, id, ALL)).supplied


async def test_what_was_taken_back_is_scanned_again(pharmacy: Pharmacy, ben: Context) -> None:
    record = await ready(pharmacy)
    id = record.id
    await dispensing.check_pack(ben, id, await pack(pharmacy, CEFALEXIN, "A"))
    await dispensing.dispense_at_desk(ben, id, ALL)
    with pytest.raises(NotAtPacks):
        await dispensing.check_pack(ben, id, await pack(pharmacy, CEFALEXIN, "A"))
    await dispensing.reverse(ben, id, dispensing.ReversalDraft(reason="Wrong box"))
    async with pharmacy.refused(ben, PacksNotConfirmed):
        await dispensing.dispense_at_desk(ben, id, ALL)
    await dispensing.check_pack(ben, id, await pack(pharmacy, CEFALEXIN, "A"))
    assert (await dispensing.dispense_at_desk(ben, id, ALL)).round == 2


async def test_programs_are_asked_when_the_organisation_says_always_and_nobody_when_it_says_never(
    pharmacy: Pharmacy, ben: Context, iris: Context
) -> None:
    record = await ready(pharmacy)
    id = record.id
    await dispensing.set_policy(iris, PolicyDraft(pack_rule=PackRule.ALWAYS))
    async with pharmacy.refused(ben, PacksNotConfirmed):
        await dispensing.dispense(ben, id, ALL)
    await dispensing.set_policy(iris, PolicyDraft(pack_rule=PackRule.NEVER))
    assert (await dispensing.dispense_at_desk(ben, id, ALL)).supplied


async def test_the_database_refuses_what_the_verbs_were_made_to_forget(
    pharmacy: Pharmacy, ben: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = await ready(pharmacy)
    id = record.id
    monkeypatch.setattr("galen.dispensing.service.supply.refuse_unconfirmed", lambda *_: None)
    await dispensing.dispense_at_desk(ben, id, ALL)
    await ben.flush()
    with pytest.raises(IntegrityError, match="whose pack was not confirmed"):
        await ben.db.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


async def test_only_who_prepares_scans_and_never_over_a_colleague(
    pharmacy: Pharmacy, ada: Context, kim: Context
) -> None:
    record = await ready(pharmacy)
    id = record.id
    scan = await pack(pharmacy, CEFALEXIN, "A")
    with pytest.raises(Forbidden):
        await dispensing.check_pack(ada, id, scan)
    with pytest.raises(AlreadyTaken):
        await dispensing.check_pack(kim, id, scan)


async def test_a_program_reads_what_the_scan_told(pharmacy: Pharmacy, client: Open) -> None:
    record = await ready(pharmacy)
    id, line = record.id, record.lines[0].id
    ben, where = await client("ben"), f"/api/v1/dispensing/{id}"
    await ben.post(f"{where}/verification", json={})
    answer = await ben.post(f"{where}/packs", json={"code": (await pack(pharmacy, AMLODIPINE)).code})
    assert (answer.status_code, answer.json()["outcome"], answer.json()["confirms"]) == (201, "wrong product", False)
    refused = await ben.post(f"{where}/supply", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "packs_not_confirmed")
    answer = await ben.post(f"{where}/packs", json={"code": (await pack(pharmacy, CEFALEXIN, "A")).code})
    assert (answer.json()["batch"], answer.json()["confirms"]) == ("A", True)
    assert (await ben.post(f"{where}/supply", json={})).status_code == 201
    bad = await ben.post(f"{where}/packs/reason", json={"line_id": str(line), "reason": "other"})
    assert bad.status_code == 422


async def test_the_page_says_it_at_the_line_and_keeps_the_button_shut(pharmacy: Pharmacy, client: Open) -> None:
    record = await ready(pharmacy)
    id = record.id
    ben, where = await client("ben", page=True), f"/dispensing/{id}"
    await ben.post(f"{where}/verification", data={})
    page = (await ben.get(where)).text
    assert "0 of 1 line confirmed" in page and 'data-shortcut="d" disabled' in page and "To pick: batch A" in page
    await ben.post(f"{where}/packs", data={"code": (await pack(pharmacy, AMLODIPINE)).code})
    page = (await ben.get(where)).text
    assert 'data-heard="wrong"' in page and "Wrong product" in page and 'data-shortcut="d" disabled' in page
    assert (await ben.post(f"{where}/supply", data={})).status_code == 409
    await ben.post(f"{where}/packs", data={"code": (await pack(pharmacy, CEFALEXIN, "A")).code})
    page = (await ben.get(where)).text
    assert 'data-heard="right"' in page and 'data-shortcut="d" disabled' not in page
    assert (await ben.post(f"{where}/supply", data={})).status_code == 303
    assert "Right pack" in (await ben.get(where)).text


async def test_a_line_of_which_nothing_is_here_is_owed_and_not_scanned(pharmacy: Pharmacy, ben: Context) -> None:
    cefalexin, amlodipine = await pharmacy.stocked(CEFALEXIN, ("A", 100, 300)), await pharmacy.stocked(AMLODIPINE)
    record = await pharmacy.verified(
        {"product_id": cefalexin.id, "directions": "1 cap tds", "quantity": Decimal(21)},
        {"product_id": amlodipine.id, "directions": "1 tab od", "quantity": Decimal(30)},
    )
    id = record.id
    shown = (await dispensing.desk(ben, id)).packs
    assert shown and shown.short and [line.to_scan for line in shown.lines] == [True, False]
    await dispensing.check_pack(ben, id, await pack(pharmacy, CEFALEXIN, "A"))
    shown = (await dispensing.desk(ben, id)).packs
    assert shown and not shown.open
    record = await dispensing.dispense_at_desk(ben, id, SupplyDraft(owe=True))
    assert [line.supplied for line in record.lines] == [Decimal(21), Decimal(0)]
