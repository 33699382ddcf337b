"""Brand, quantity, days' supply and batch are changed before dispensing, each with its kind and reason."""

import io
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pypdfium2
import pytest

from galen import dispensing, inventory, medicines
from galen.core.context import Context
from galen.core.errors import Invalid
from galen.core.finish import finish
from galen.core.gate import CATALOGUE
from galen.dispensing import (
    BatchInHandDraft,
    ChangeDraft,
    ChangeKind,
    DispensingChange,
    DispensingStatus,
    PackOutcome,
    ScanDraft,
    SupplyDraft,
    SupplyLineDraft,
    VerificationDraft,
    WhyChanged,
    WhyThisBatch,
)
from galen.dispensing.refusals import (
    MoreThanPrescribed,
    NoSubstitution,
    NotEquivalent,
    NothingChanged,
    NothingStillToCome,
    NotToChange,
)
from galen.medicines import Product
from galen.values.check_digits import gtin_check_digit

from .conftest import Pharmacy

METFORMIN, CEFALEXIN = "metformin 500 mg tablet", "cefalexin 500 mg capsule"
GTIN = f"0931234560001{gtin_check_digit('0931234560001')}"
Open = Callable[..., Awaitable[Any]]


async def twin(pharmacy: Pharmacy, product: Product, units: int = 100) -> Product:
    """The same medicine of another maker, on the shelf here."""
    draft = medicines.MedicineDraft(
        ingredients=[medicines.PartDraft(name=product.generic, strength=product.strength)],
        brand="Twin",
        form=product.form,
        route=product.route,
        pack_size=Decimal(100),
        price=Decimal(9),
        barcodes=[GTIN],
    )
    other = await medicines.add_medicine(pharmacy.ben, draft)
    if units:
        expires = pharmacy.ben.today + timedelta(days=300)
        batch = inventory.BatchDraft(product_id=other.id, number="G", expires=expires, units=Decimal(units))
        await inventory.receive(pharmacy.ben, batch)
    return other


async def verified(pharmacy: Pharmacy, units: int = 30, **more: Any) -> tuple[UUID, UUID, Product]:
    product = await pharmacy.product(METFORMIN)
    if not await pharmacy.on_hand(product):
        await pharmacy.stocked(METFORMIN, ("A", 100, 300))
    line = {"product_id": product.id, "directions": "1 tab bd", "quantity": Decimal(units)}
    record = await pharmacy.verified(line | more)
    return record.id, record.lines[0].id, product


async def change(ctx: Context, id: UUID, line: UUID, reason: WhyChanged = WhyChanged.PATIENT, **what: Any) -> Any:
    return await dispensing.change(ctx, id, ChangeDraft(line_id=line, reason=reason, note="Told at the desk", **what))


async def test_less_is_given_not_owed_and_verified_anew(pharmacy: Pharmacy, ben: Context) -> None:
    id, line, _product = await verified(pharmacy)
    made = await change(ben, id, line, quantity=Decimal(14))
    assert (made.kind, made.words) == (ChangeKind.QUANTITY, "Quantity: 30 tablets → 14 tablets")
    assert (made.why, made.by_name) == ("The patient asks for it: Told at the desk", "Ben Adeyemi")
    desk = await dispensing.desk(ben, id)
    assert (desk.dispensing.status, desk.dispensing.lines[0].days) == (DispensingStatus.WAITING, 7)
    assert [change.words for change in desk.changed(desk.dispensing.lines[0])] == [made.words]
    await dispensing.verify(ben, id, VerificationDraft())
    record = await dispensing.dispense(ben, id, SupplyDraft())
    assert [(line.supplied, line.owed) for line in record.lines] == [(14, 0)]
    story = await CATALOGUE["dispensing.asked_story"](ben, pharmacy.mara.id)
    assert [entry.detail for entry in story] == [f"{made.words}. {made.why}"]


@pytest.mark.parametrize(
    ("units", "reason", "allowed"),
    [
        (31, WhyChanged.PATIENT, False),
        (100, WhyChanged.PRICE, False),
        (60, WhyChanged.AGREED, True),
        (61, WhyChanged.AGREED, False),
        (29, WhyChanged.LIMIT, True),
    ],
)
async def test_more_only_as_agreed(
    pharmacy: Pharmacy, ben: Context, units: int, reason: WhyChanged, allowed: bool
) -> None:
    id, line, _product = await verified(pharmacy)
    if allowed:
        await change(ben, id, line, reason, quantity=Decimal(units))
    else:
        async with pharmacy.refused(ben, MoreThanPrescribed, match="30 tablets of metformin"):
            await change(ben, id, line, reason, quantity=Decimal(units))


async def test_a_whole_pack_may_be_given_where_a_little_less_is_prescribed(pharmacy: Pharmacy, ben: Context) -> None:
    product = await pharmacy.product(METFORMIN)
    size = product.pack_size
    id, line, _product = await verified(pharmacy, units=int(size) - 2)
    await change(ben, id, line, WhyChanged.WHOLE_PACK, quantity=size)
    async with pharmacy.refused(ben, MoreThanPrescribed):
        await change(ben, id, line, WhyChanged.WHOLE_PACK, quantity=size + 1)


async def test_the_days_are_written_anew_and_decide_about_the_refill(pharmacy: Pharmacy, ben: Context) -> None:
    id, line, _product = await verified(pharmacy)
    made = await change(ben, id, line, WhyChanged.RECKONED, days=30)
    assert made.words == "Days' supply: 15 days → 30 days"
    assert (await dispensing.desk(ben, id)).dispensing.lines[0].days == 30


async def test_what_is_like_before_is_no_change_and_what_is_given_is_changed_no_more(
    pharmacy: Pharmacy, ben: Context
) -> None:
    id, line, product = await verified(pharmacy)
    async with pharmacy.refused(ben, NothingChanged):
        await change(ben, id, line, quantity=Decimal(30), days=15, product_id=product.id)
    await dispensing.dispense(ben, id, SupplyDraft())
    async with pharmacy.refused(ben, NotToChange):
        await change(ben, id, line, quantity=Decimal(10))


async def test_another_reason_and_an_agreement_ask_for_words() -> None:
    for reason in (WhyChanged.OTHER, WhyChanged.AGREED):
        with pytest.raises(ValueError, match="Write in the remark"):
            ChangeDraft(line_id=UUID(int=1), reason=reason, days=3)


async def test_another_brand_of_the_same_medicine_where_the_prescriber_allows_it(
    pharmacy: Pharmacy, ben: Context
) -> None:
    id, line, product = await verified(pharmacy)
    other, written, wrong = (await twin(pharmacy, product)).id, product.id, (await pharmacy.product(CEFALEXIN)).id
    async with pharmacy.refused(ben, NotEquivalent):
        await change(ben, id, line, product_id=wrong)
    made = await change(ben, id, line, WhyChanged.NOT_IN_STOCK, product_id=other)
    assert made.kind is ChangeKind.BRAND and made.after.endswith("(Twin)")
    page = await CATALOGUE["dispensing.changing"](ben, id)
    assert {choice.product.id for choice in page.lines[0].choices} >= {other, written}
    record = await dispensing.dispense(ben, id, SupplyDraft())
    assert [(line.substituted, line.product_id) for line in record.lines] == [(True, other)]


async def test_what_the_prescriber_forbade_is_refused_by_form_and_by_scan(pharmacy: Pharmacy, ben: Context) -> None:
    id, line, product = await verified(pharmacy, substitution=False)
    other = (await twin(pharmacy, product)).id
    async with pharmacy.refused(ben, NoSubstitution):
        await change(ben, id, line, product_id=other)
    found = await dispensing.check_pack(ben, id, ScanDraft(code=f"01{GTIN}"))
    assert (found.outcome, found.confirms) == (PackOutcome.OTHER_BRAND, False)
    assert (await dispensing.desk(ben, id)).changes == []


async def test_scanning_an_equivalent_brand_is_a_change_and_confirms_the_line(pharmacy: Pharmacy, ben: Context) -> None:
    id, _line, product = await verified(pharmacy)
    written, other = (await medicines.open_medicine(ben, product.id)).codes[0], (await twin(pharmacy, product)).id
    found = await dispensing.check_pack(ben, id, ScanDraft(code=f"01{GTIN}10G"))
    assert (found.outcome, found.batch) == (PackOutcome.BRAND_TAKEN, "G")
    desk = await dispensing.desk(ben, id)
    (made,) = desk.changes
    assert (made.kind, made.why) == (ChangeKind.BRAND, "The scanned pack is an equivalent brand")
    assert desk.packs and desk.packs.right == 1
    back = await dispensing.check_pack(ben, id, ScanDraft(code=f"01{written.zfill(14)}"))
    assert back.outcome is PackOutcome.BRAND_TAKEN
    await dispensing.check_pack(ben, id, ScanDraft(code=f"01{GTIN}"))
    record = await dispensing.dispense_at_desk(ben, id, SupplyDraft())
    assert [(item.product_id, item.batch) for item in record.items] == [(other, "G")]


async def test_an_equivalent_brand_that_is_not_here_changes_nothing(pharmacy: Pharmacy, ben: Context) -> None:
    id, _line, product = await verified(pharmacy)
    await twin(pharmacy, product, units=0)
    found = await dispensing.check_pack(ben, id, ScanDraft(code=f"01{GTIN}"))
    assert not found.confirms
    assert (await dispensing.desk(ben, id)).changes == []


async def test_a_program_says_why_it_gives_another_brand(pharmacy: Pharmacy, ben: Context) -> None:
    id, line, product = await verified(pharmacy)
    other = (await twin(pharmacy, product)).id
    async with pharmacy.refused(ben, Invalid, match="Say why another brand"):
        wish = SupplyLineDraft(line_id=line, product_id=other)
        await dispensing.dispense(ben, id, SupplyDraft(lines=[wish]))
    wish = SupplyLineDraft(line_id=line, product_id=other, reason=WhyChanged.PRICE)
    await dispensing.dispense(ben, id, SupplyDraft(lines=[wish]))
    (made,) = (await dispensing.desk(ben, id)).changes
    assert (made.kind, made.reason) == (ChangeKind.BRAND, "price")


async def test_a_batch_before_its_turn_is_a_change_with_its_reason(pharmacy: Pharmacy, ben: Context) -> None:
    product = await pharmacy.stocked(CEFALEXIN, ("A", 100, 200), ("B", 100, 400))
    record = await pharmacy.verified({"product_id": product.id, "directions": "1 cap tds", "quantity": Decimal(21)})
    id, line = record.id, record.lines[0].id
    code = (await medicines.open_medicine(ben, product.id)).codes[0].zfill(14)
    await dispensing.check_pack(ben, id, ScanDraft(code=f"01{code}10B"))
    await dispensing.take_batch(ben, id, BatchInHandDraft(line_id=line, reason=WhyThisBatch.DAMAGED))
    (made,) = (await dispensing.desk(ben, id)).changes
    assert (made.words, made.why) == ("Batch: A → B", "The earlier batch is damaged")


async def test_a_change_stays_as_it_was_written_and_stands_in_the_audit_log(pharmacy: Pharmacy, ben: Context) -> None:
    id, line, _product = await verified(pharmacy)
    made = await change(ben, id, line, quantity=Decimal(14))
    with pytest.raises(Exception, match="note can no longer change"):
        made.note = "Something else"
        await ben.flush()
    assert DispensingChange.audited


async def test_changed_on_its_page_without_a_script(pharmacy: Pharmacy, client: Open) -> None:
    id, line, _product = await verified(pharmacy)
    await finish(pharmacy.ben)
    ben, where = await client("ben", page=True), f"/dispensing/{id}"
    assert "Less is not owed" in (await ben.get(f"{where}/changes")).text
    form = {"line_id": str(line), "quantity": "20", "days": "15", "reason": "patient"}
    answer = await ben.post(f"{where}/changes", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, where), answer.text
    page = (await ben.get(where)).text
    assert "20 tablets" in page and "The patient asks for it" in page
    (told,) = (await (await client("ben")).get(f"/api/v1{where}/changes")).json()
    assert (told["kind"], told["before"], told["after"]) == ("quantity", "30 tablets", "20 tablets")


async def test_what_is_owed_has_a_slip_of_its_own(pharmacy: Pharmacy, client: Open) -> None:
    product = await pharmacy.stocked(CEFALEXIN, ("A", 16, 300))
    record = await pharmacy.verified({"product_id": product.id, "directions": "1 cap tds", "quantity": Decimal(30)})
    id = record.id
    async with pharmacy.refused(pharmacy.ben, NothingStillToCome):
        await CATALOGUE["dispensing.owing_slip"](pharmacy.ben, id)
    await dispensing.dispense(pharmacy.ben, id, SupplyDraft(owe=True))
    await finish(pharmacy.ben)
    http = await client("ben", page=True)
    assert "Print the owing slip" in (await http.get(f"/dispensing/{id}")).text
    answer = await (await client("ben")).get(f"/api/v1/dispensing/{id}/owing")
    (page,) = pypdfium2.PdfDocument(io.BytesIO(answer.content))
    words = " ".join(page.get_textpage().get_text_range().split())
    for part in ("STILL OWED TO YOU", "14 capsules", "Given: 16 capsules of 30 capsules", "QUILL, Mara"):
        assert part in words, words
