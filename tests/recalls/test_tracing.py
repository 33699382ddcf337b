"""Whom a batch reached, by which way it came, and how people are told of it."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from galen import counter, dispensing, inventory, purchasing, recalls
from galen.core.errors import Invalid
from galen.counter import BuyerDraft
from galen.demo import PASSWORD
from galen.dispensing import ReversalDraft
from galen.notifications import Message
from galen.purchasing import DeliveryDraft, LineDraft, ReceiptDraft, SupplierDraft
from galen.recalls import (
    ContactState,
    RecallCallDraft,
    RecallClosingDraft,
    RecallContact,
    RecallReasonDraft,
    RecallReturnDraft,
)
from galen.recalls.models import RecallCall, RecallStatus
from galen.recalls.service import acknowledge, own_recalls, recalled_sales, sources
from galen.recalls.service.closing import NotEverybody, StillInBags, StillToTell
from galen.recalls.service.telling import NoneOpen, NotForPatients, given_to
from tests.counter.people import added, article, sold, tablets

D = Decimal
EFFECTIVE = "Effective: everybody who can be reached was reached"
ALTHOUGH = "Closed although not everybody was reached"


def signed(meaning: str = EFFECTIVE, password: str = PASSWORD) -> RecallClosingDraft:
    return RecallClosingDraft.model_validate({"meaning": meaning, "password": password})


async def contacts(ctx, recall) -> dict:
    await ctx.flush()
    found = await ctx.db.scalars(
        select(RecallContact).where(RecallContact.recall_id == recall.id).execution_options(populate_existing=True)
    )
    return {contact.patient_id: contact for contact in found}


async def test_every_patient_who_received_it_is_listed_with_what_and_when(story, ben, mara, tom):
    product = await story.product()
    batch = await story.shelved(product, "AB-1")
    supplies = [await story.collected(product, mara), await story.collected(product, tom, 12)]
    await story.dispensed(product, tom, 4)  # a bag: nobody has it yet
    recall = await story.blocked(product, "AB-1")
    lines = (await recalls.recipients(ben, recall.id)).items
    assert [(line.patient_id, line.quantity, line.dispensing_id) for line in lines] == [
        (mara.id, D(20), supplies[0].id),
        (tom.id, D(12), supplies[1].id),
    ]
    assert {line.batch_id for line in lines} == {batch.id}
    figures = await recalls.figures(ben, recall.id)
    assert (figures.given, figures.in_bags, figures.on_shelf) == (D(32), D(4), D(64))
    assert (figures.patients, figures.to_tell, figures.percent) == (2, 2, 0)


@pytest.mark.parametrize(("goods", "listed"), [("with the patient", 1), ("destroyed", 1), ("never left", 0)])
async def test_what_was_reversed_counts_unless_it_never_left(story, ben, goods, listed):
    product = await story.product()
    await story.shelved(product, "AB-1")
    supply = await story.collected(product)
    await dispensing.reverse(ben, supply.id, ReversalDraft(reason="Wrong patient", goods=goods))
    recall = await story.blocked(product, "AB-1")
    assert len((await recalls.recipients(ben, recall.id)).items) == listed


async def test_the_papers_by_which_it_came_are_listed(story, ben):
    product = await story.product()
    of = await purchasing.add_supplier(ben, SupplierDraft(name="Southern Wholesale"))
    await ben.flush()
    delivery = await purchasing.start_delivery(ben, DeliveryDraft(supplier_id=of.id, supplier_number="N-7"))
    await ben.flush()
    said = {"product_id": product.id, "number": "AB-1", "expires": "2028-06", "packs": 2, "free_packs": 1}
    await purchasing.add_line(ben, delivery.id, LineDraft.model_validate(said))
    await ben.flush()
    await purchasing.receive_delivery(ben, delivery.id, ReceiptDraft())
    recall = await story.blocked(product, "AB-1")
    again = await purchasing.start_delivery(ben, DeliveryDraft(supplier_id=of.id, supplier_number="N-8"))
    await ben.flush()
    for number in ("AB-1", "ab1"):
        await purchasing.add_line(ben, again.id, LineDraft.model_validate(said | {"number": number}))
        await ben.flush()
    await purchasing.receive_delivery(ben, again.id, ReceiptDraft())
    await ben.flush()
    assert "was recalled" in ben.flashed.text
    line, *later = sorted(await sources(ben, recall.id), key=lambda source: source.supplier_number)
    assert [source.batch for source in later] == ["AB-1", "ab1"]
    assert (await inventory.on_hand(ben, [product.id]))[product.id] == 0
    assert (line.supplier, line.supplier_number, line.quantity) == ("Southern Wholesale", "N-7", 3 * product.pack_size)


@pytest.mark.parametrize(
    ("email", "allowed", "channel"),
    [
        ("tom@example.com", {}, "email"),
        ("tom@example.com", {"email": True}, "email"),
        ("tom@example.com", {"email": False}, None),
        ("", {}, None),
    ],
)
async def test_a_message_goes_where_the_patient_allows_and_names_no_medicine_outside(
    story, ben, tom, catch_up, email, allowed, channel
):
    product = await story.product()
    await story.shelved(product, "AB-1")
    tom.email, tom.contact = email, allowed
    await story.collected(product, tom)
    recall = await story.blocked(product, "AB-1", instructions="Bring it back to the counter.")
    await recalls.tell_patients(ben, recall.id)
    await ben.flush()
    await story.finish(ben)
    await catch_up()
    messages = list(await ben.db.scalars(select(Message).where(Message.about == "medicine recall")))
    assert [message.channel.value for message in messages] == ([channel] if channel else [])
    for message in messages:
        assert product.generic not in message.subject and "AB-1" not in message.subject
        assert "AB-1" in message.text and "Bring it back to the counter." in message.text
    contact = (await contacts(ben, recall))[tom.id]
    # no mail server is set up here: the message is kept, and so somebody has to call
    assert contact.state is (ContactState.FAILED if channel else ContactState.TO_TELL)


async def test_who_signs_in_is_told_in_galen_and_says_that_it_was_read(story, ben, mara, catch_up, acting):
    product = await story.product()
    await story.shelved(product, "AB-1")
    mara.contact = {"email": False}
    await story.collected(product, mara)
    recall = await story.blocked(product, "AB-1")
    await recalls.tell_patients(ben, recall.id)
    await story.finish(ben)
    await catch_up()
    assert (await contacts(ben, recall))[mara.id].state is ContactState.SENT
    herself = await acting("mara")
    (mine,) = await own_recalls(herself)
    await acknowledge(herself, mine.id)
    await herself.flush()
    with pytest.raises(NoneOpen):
        await own_recalls(herself)
    contact = (await contacts(ben, recall))[mara.id]
    assert (contact.state, contact.reached_by) == (ContactState.REACHED, "portal")


async def test_telling_again_tells_nobody_twice(story, ben, mara, catch_up):
    product = await story.product()
    await story.shelved(product, "AB-1")
    await story.collected(product, mara)
    recall = await story.blocked(product, "AB-1")
    for _ in range(2):
        await recalls.tell_patients(ben, recall.id)
        await story.finish(ben)
        await catch_up()
    messages = await ben.db.scalars(select(Message).where(Message.about == "medicine recall"))
    assert len(list(messages)) == 1


async def test_each_call_is_kept_and_the_figures_follow(story, ben, mara, tom):
    product = await story.product()
    await story.shelved(product, "AB-1")
    for patient in (mara, tom):
        await story.collected(product, patient)
    recall = await story.blocked(product, "AB-1")
    first, second = (await contacts(ben, recall)).values()
    for outcome in ("no answer", "reached"):
        await recalls.note_call(ben, recall.id, first.id, RecallCallDraft.model_validate({"outcome": outcome}))
    await recalls.note_call(ben, recall.id, second.id, RecallCallDraft(outcome="unreachable", note="Moved away"))
    await ben.flush()
    figures = await recalls.figures(ben, recall.id)
    assert (figures.reached, figures.unreachable, figures.percent) == (1, 1, 50)
    assert first.tries == 2
    calls = list(await ben.db.scalars(select(RecallCall).order_by(RecallCall.id)))
    assert [call.state.value for call in calls] == ["to tell", "reached", "unreachable"]


async def test_what_comes_back_is_counted_and_never_more_than_was_given(story, ben, mara):
    product = await story.product()
    batch = await story.shelved(product, "AB-1")
    other = await story.shelved(product, "AB-2", days=5)
    await story.collected(product, mara)
    recall = await story.blocked(product, "AB-1")
    (contact,) = (await contacts(ben, recall)).values()

    def brought(number: int, of=batch) -> RecallReturnDraft:
        said = {"batch_id": of.id, "quantity": number, "fate": "to be destroyed"}
        return RecallReturnDraft.model_validate(said)

    await recalls.note_return(ben, recall.id, contact.id, brought(15))
    await ben.flush()
    for too_much in (brought(6), brought(1, other)):
        with pytest.raises(Invalid, match="at most"):
            await recalls.note_return(ben, recall.id, contact.id, too_much)
    figures = await recalls.figures(ben, recall.id)
    assert (figures.returned, figures.reached, figures.on_shelf) == (D(15), 1, D(80))


async def test_it_closes_with_a_signature_and_the_figures_of_that_moment(story, ben, mara):
    product = await story.product()
    batch = await story.shelved(product, "AB-1")
    await story.collected(product, mara)
    recall = await story.blocked(product, "AB-1")
    (contact,) = (await contacts(ben, recall)).values()
    with pytest.raises(StillToTell):
        await recalls.close_recall(ben, recall.id, signed())
    await recalls.note_call(ben, recall.id, contact.id, RecallCallDraft(outcome="reached"))
    await recalls.close_recall(ben, recall.id, signed())
    await ben.flush()
    assert recall.status is RecallStatus.CLOSED
    assert (recall.closed_by, recall.figures["reached"], recall.figures["percent"]) == (ben.actor.id, 1, 100)
    assert batch.status.value == "recalled"
    await recalls.reopen_recall(ben, recall.id, RecallReasonDraft(reason="One more lot"))
    await ben.flush()
    assert (recall.status, recall.figures, batch.status.value) == (RecallStatus.OPEN, None, "recalled")


async def test_it_does_not_close_over_a_bag_or_a_person_who_was_only_written_to(story, ben, mara, catch_up):
    product = await story.product()
    await story.shelved(product, "AB-1")
    await story.collected(product, mara)
    bag = await story.dispensed(product, mara, 4)
    recall = await story.blocked(product, "AB-1")
    await recalls.tell_patients(ben, recall.id)
    await story.finish(ben)
    await catch_up()
    with pytest.raises(StillInBags):
        await recalls.close_recall(ben, recall.id, signed(ALTHOUGH))
    await dispensing.reverse(ben, bag.id, ReversalDraft(reason="Recalled"))
    await ben.flush()
    with pytest.raises(NotEverybody):
        await recalls.close_recall(ben, recall.id, signed())
    await recalls.close_recall(ben, recall.id, signed(ALTHOUGH))
    assert recall.figures["percent"] == 0


async def test_a_recall_that_ends_at_the_pharmacy_tells_no_patient(story, ben, mara):
    product = await story.product()
    await story.shelved(product, "AB-1")
    await story.collected(product, mara)
    recall = await story.blocked(product, "AB-1", depth="pharmacy")
    assert await contacts(ben, recall) == {}
    assert len((await recalls.recipients(ben, recall.id)).items) == 1
    with pytest.raises(NotForPatients):
        await recalls.tell_patients(ben, recall.id)


async def test_who_bought_it_over_the_counter_is_listed_told_and_may_bring_it_back(story, ben, mara):
    product = await tablets(ben, "zinc sulfate", "50 mg", 10)
    batch = await story.shelved(product, "ZN-9", 40, days=1)  # goes before what lies there already
    for buyer, packs in ((BuyerDraft(patient_id=mara.id), 2), (BuyerDraft(buyer_name="Jo Buyer"), 1)):
        sale = await added(ben, product, packs)
        await counter.set_buyer(ben, sale.id, buyer)
        await sold(ben, sale)
    recall = await story.blocked(product, "ZN-9")
    lines = await recalled_sales(ben, recall.id)
    assert sorted((line.buyer, line.patient_id, line.batch, line.quantity) for line in lines) == [
        ("Jo Buyer", None, "ZN-9", D(10)),
        (mara.spoken_name, mara.id, "ZN-9", D(20)),
    ]
    figures = await recalls.figures(ben, recall.id)
    assert (figures.sold, figures.given, figures.patients, figures.to_tell) == (D(30), D(0), 1, 1)
    contact = (await contacts(ben, recall))[mara.id]
    assert [number for _product, _id, number in await given_to(ben, recall.id, mara.id)] == ["ZN-9"]
    draft = {"batch_id": batch.id, "quantity": 21, "fate": "to be destroyed"}
    with pytest.raises(Invalid, match="20 left at most"):
        await recalls.note_return(ben, recall.id, contact.id, RecallReturnDraft.model_validate(draft))
    await recalls.note_return(ben, recall.id, contact.id, RecallReturnDraft.model_validate(draft | {"quantity": 20}))


async def test_what_came_back_over_the_counter_is_with_nobody(story, ben, max, mara):
    sun = await article(max)
    sale = await added(max, sun, 3)
    await sold(max, sale)
    back = {"line_id": sale.lines[0].id, "quantity": 3, "reason": "Not wanted", "goods": "back on the shelf"}
    await counter.return_item(max, sale.id, counter.SaleReturnDraft.model_validate(back))
    await max.flush()
    recall = await story.blocked(sun, "T1")
    assert await recalled_sales(ben, recall.id) == []
