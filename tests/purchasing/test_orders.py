"""A purchase order: written, approved by somebody who may, sent once, received in parts, ended."""

from decimal import Decimal

import pytest
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from galen import inventory, purchasing
from galen.core.context import Context
from galen.core.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from galen.core.finish import finish
from galen.medicines import Product
from galen.notifications import Message, MessageAttachment
from galen.purchasing import (
    ApprovalDraft,
    CancelDraft,
    EndingDraft,
    OrderingPolicyDraft,
    OrderLineChange,
    OrderLineDraft,
    PurchaseOrderDraft,
    PurchaseOrderStatus,
    ReceiptDraft,
    SendingDraft,
    SentHow,
    Supplier,
    SupplierDraft,
)
from galen.purchasing.service.orders import BeyondOrderLimit, DeliveryBegun, EmptyOrder, NotADraftOrder, OwnDraft
from galen.purchasing.service.sending import GoesOutOnce
from tests.purchasing.buying import BY_HAND, received, sent, written
from tests.purchasing.people import line, medicine, started, supplier
from tests.purchasing.test_deliveries import on_shelf

D, S = Decimal, PurchaseOrderStatus
APPROVE, MAIL = ApprovalDraft(), SendingDraft(how=SentHow.MAIL)
OVER = EndingDraft(reason="Nothing more comes")


@pytest.fixture
async def wholesale(ben: Context) -> Supplier:
    return await supplier(ben)


@pytest.fixture
async def iron(ben: Context) -> Product:
    return await medicine(ben, "ferrous sulfate", 30)


@pytest.fixture
async def zinc(ben: Context) -> Product:
    return await medicine(ben, "zinc sulfate", 100)


async def test_an_order_has_a_number_a_total_and_its_lines(ben, wholesale, iron, zinc):
    order = await written(ben, wholesale, (iron, 10, "6.00"), (zinc, 2, None))
    assert order.number.startswith("PO") and len(order.number) == 8
    assert (order.status, order.total, order.unpriced, order.made_name) == (S.DRAFT, D(60), 1, ben.actor.name)
    assert [(row.position, row.packs, row.units) for row in order.lines] == [(1, D(10), D(300)), (2, D(2), D(200))]
    assert order.lines[0].price_source == f"typed by {ben.actor.name}"


async def test_a_draft_changes_and_what_is_approved_does_not(ben, wholesale, iron, zinc):
    order = await written(ben, wholesale, (iron, 10, "6"))
    await purchasing.add_order_line(ben, order.id, OrderLineDraft(product_id=zinc.id, packs=D(3), price=D(2)))
    await ben.flush()
    with pytest.raises(Invalid, match="stands on line 2"):
        await purchasing.add_order_line(ben, order.id, OrderLineDraft(product_id=zinc.id, packs=D(1)))
    first, second = order.lines
    await purchasing.change_order_line(ben, order.id, first.id, OrderLineChange(packs=D(4), version=first.version))
    await purchasing.drop_order_line(ben, order.id, second.id)
    await ben.flush()
    assert [(row.packs, row.price) for row in order.lines] == [(D(4), D(6))]
    await purchasing.approve_order(ben, order.id, APPROVE)
    await ben.flush()
    for late in (
        purchasing.add_order_line(ben, order.id, OrderLineDraft(product_id=zinc.id, packs=D(1))),
        purchasing.change_order_line(ben, order.id, first.id, OrderLineChange(packs=D(9))),
        purchasing.drop_order_line(ben, order.id, first.id),
        purchasing.edit_order(ben, order.id, PurchaseOrderDraft(supplier_id=wholesale.id, note="Soon")),
    ):
        with pytest.raises(NotADraftOrder, match="Approved, not sent"):
            await late
    await purchasing.withdraw_approval(ben, order.id)
    await ben.flush()
    assert (order.status, order.approved_by, order.approved_name) == (S.DRAFT, None, "")
    await purchasing.change_order_line(ben, order.id, first.id, OrderLineChange(packs=D(5)))


@pytest.mark.parametrize("said", [{"packs": 0}, {"packs": -1}, {"packs": "1.5"}, {"packs": 1, "price": -1}])
def test_only_whole_packs_are_ordered(iron, said):
    with pytest.raises(ValidationError):
        OrderLineDraft.model_validate({"product_id": iron.id} | said)


async def test_whoever_has_not_seen_a_change_is_told(ben, wholesale, iron):
    order = await written(ben, wholesale, (iron, 10, "6"))
    seen = order.version
    await purchasing.change_order_line(ben, order.id, order.lines[0].id, OrderLineChange(packs=D(90)))
    await ben.flush()
    ben.locked.clear()
    with pytest.raises(Stale):
        await purchasing.approve_order(ben, order.id, ApprovalDraft(version=seen))
    assert order.status is S.DRAFT


async def test_an_empty_order_is_not_approved(ben, wholesale):
    order = await written(ben, wholesale)
    with pytest.raises(EmptyOrder):
        await purchasing.approve_order(ben, order.id, APPROVE)


@pytest.mark.parametrize(("packs", "price"), [(334, "6.00"), (1, "2000.01"), (1, None)])
async def test_beyond_the_limit_or_at_an_unknown_price_the_manager_approves(ben, max, wholesale, iron, packs, price):
    order = await written(ben, wholesale, (iron, packs, price))
    with pytest.raises(BeyondOrderLimit):
        await purchasing.approve_order(ben, order.id, APPROVE)
    await finish(ben)
    approved = await purchasing.approve_order(max, order.id, APPROVE)
    assert (approved.status, approved.approved_name) == (S.APPROVED, max.actor.name)


async def test_up_to_the_limit_the_pharmacist_does(ben, wholesale, iron):
    order = await written(ben, wholesale, (iron, 1, "2000.00"))
    assert (await purchasing.approve_order(ben, order.id, APPROVE)).status is S.APPROVED


async def test_where_two_persons_are_asked_for_nobody_approves_an_own_draft(ben, kim, max, wholesale, iron):
    await purchasing.set_ordering_policy(max, OrderingPolicyDraft(four_eyes=True))
    await finish(max)
    order = await written(ben, wholesale, (iron, 1, "6"))
    await finish(ben)
    with pytest.raises(OwnDraft):
        await purchasing.approve_order(ben, order.id, APPROVE)
    approved = await purchasing.approve_order(kim, order.id, APPROVE)
    await finish(kim)
    assert (approved.four_eyes, approved.approved_by) == (True, kim.actor.id)


async def test_the_database_itself_knows_of_the_four_eyes(ben, wholesale, iron):
    order = await written(ben, wholesale, (iron, 1, "6"))
    with pytest.raises(IntegrityError, match="purchase_order_four_eyes_check"):
        async with ben.db.begin_nested():
            order.four_eyes = True
            order.approved_by, order.approved_name, order.status = ben.actor.id, "Ben", S.APPROVED


async def test_only_who_orders_writes_and_only_who_approves_approves(ada, nora, ruth, ben, wholesale, iron):
    order = await written(ben, wholesale, (iron, 1, "6"))
    for ctx in (ada, nora, ruth):
        for deed in (
            purchasing.approve_order(ctx, order.id, APPROVE),
            purchasing.purchase_orders(ctx),
            purchasing.send_order(ctx, order.id, BY_HAND),
            purchasing.order_needs(ctx, purchasing.ChosenNeeds(supplier_id=wholesale.id, lines=[])),
        ):
            with pytest.raises(Forbidden):
                await deed
    with pytest.raises(Forbidden):
        await purchasing.set_ordering_policy(ben, OrderingPolicyDraft(approve_limit=D(10**6)))


async def test_an_order_goes_out_once_with_its_paper_and_its_table(ben, catch_up, iron, zinc):
    draft = SupplierDraft(name="Mailed Wholesale", email="orders@mailed.example", account="A-77")
    wholesale = await purchasing.add_supplier(ben, draft)
    order = await written(ben, wholesale, (iron, 10, "6.00"), (zinc, 2, "2.5"))
    with pytest.raises(GoesOutOnce, match="Draft"):
        await purchasing.send_order(ben, order.id, MAIL)
    await purchasing.approve_order(ben, order.id, APPROVE)
    await purchasing.send_order(ben, order.id, MAIL)
    await finish(ben)
    for again in (MAIL, BY_HAND):
        with pytest.raises(GoesOutOnce, match="Sent"):
            await purchasing.send_order(ben, order.id, again)
    assert (order.status, order.sent_how, order.sent_to) == (S.SENT, SentHow.MAIL, "orders@mailed.example")
    await catch_up()
    (message,) = await ben.db.scalars(select(Message).where(Message.about == f"purchase order {order.id}"))
    assert message.to == "orders@mailed.example" and order.number in message.subject and "A-77" in message.text
    files = await ben.db.scalars(select(MessageAttachment).order_by(MessageAttachment.name))
    table, paper = [file for file in files if file.message_id == message.id]
    assert (paper.name, paper.content[:5]) == (f"{order.number}.pdf", b"%PDF-")
    rows = table.content.decode("utf-8-sig").splitlines()
    assert rows[1].startswith(f"{order.number},1,,ferrous sulfate 317 mg tablet,30,tablet,10,6,AUD") and len(rows) == 3


async def test_the_mail_carries_both_files(ben):
    from galen.notifications.post import email_of

    message = Message(to="a@b.example", subject="Order", text="Please deliver.")
    files = [
        MessageAttachment(name="PO1.pdf", media_type="application/pdf", content=b"%PDF-1.7"),
        MessageAttachment(name="PO1.csv", media_type="text/csv", content=b"a,b\r\n"),
    ]
    mail = email_of(message, files)
    assert [(part.get_filename(), part.get_content_type()) for part in mail.iter_attachments()] == [
        ("PO1.pdf", "application/pdf"),
        ("PO1.csv", "text/csv"),
    ]
    assert "Please deliver." in mail.get_body().get_content()


async def test_without_an_address_nothing_is_sent_and_nothing_changes(ben, wholesale, iron):
    order = await written(ben, wholesale, (iron, 1, "6"))
    await purchasing.approve_order(ben, order.id, APPROVE)
    with pytest.raises(Invalid, match="no mail address") as wrong:
        await purchasing.send_order(ben, order.id, MAIL)
    assert (wrong.value.field, order.status) == ("to", S.APPROVED)
    await purchasing.send_order(ben, order.id, SendingDraft(how=SentHow.MAIL, to="desk@south.example"))
    assert order.sent_to == "desk@south.example"
    for address in ("desk", "desk@south", "a b@c.example", "desk@south.example\nBcc: x@y.example"):
        with pytest.raises(ValidationError):
            SendingDraft(how=SentHow.MAIL, to=address)


async def test_an_order_is_received_in_parts(ben, wholesale, iron, zinc):
    order = await sent(ben, wholesale, (iron, 10, "6"), (zinc, 2, "2.5"))
    first = await received(ben, order, ferrous={"packs": 4, "free_packs": 1})
    assert (order.status, first.order_id) == (S.PARTLY, order.id)
    assert [(row.received, row.free, row.remaining) for row in order.lines] == [
        (D(120), D(30), D(180)),
        (D(0), D(0), D(200)),
    ]
    second = await purchasing.begin_receipt(ben, order.id)
    await ben.flush()
    assert [(row.noted_packs, row.price) for row in second.lines] == [(D(6), D(6)), (D(2), D("2.5"))]
    await purchasing.cancel_delivery(ben, second.id, CancelDraft(reason="It was another box"))
    await ben.flush()
    await received(ben, order, ferrous={"packs": 6}, zinc={"packs": 2})
    assert (order.status, [row.remaining for row in order.lines]) == (S.RECEIVED, [D(0), D(0)])
    assert (await on_shelf(ben, iron), await on_shelf(ben, zinc)) == (D(330), D(200))
    await purchasing.close_order(ben, order.id, OVER)
    await ben.flush()
    assert (order.status, order.ended_because) == (S.CLOSED, "Nothing more comes")
    assert await inventory.drift(ben) == []


@pytest.mark.parametrize(
    ("said", "good", "over", "told"),
    [
        ({"packs": 12}, 360, 60, "more came than ordered"),
        ({"packs": 10, "refused": 30, "refused_because": "damaged"}, 270, 0, "still to come"),
        ({"packs": 9, "units": 15}, 285, 0, "still to come"),
        ({"packs": 10, "free_packs": 2}, 300, 0, "All of order"),
        ({"packs": 0, "noted_packs": 10}, 0, 0, "still to come"),
    ],
)
async def test_short_over_damaged_and_free(ben, wholesale, iron, said, good, over, told):
    order = await sent(ben, wholesale, (iron, 10, "6"))
    await received(ben, order, ferrous=said)
    (row,) = order.lines
    assert (row.received, row.over) == (D(good), D(over)) and told in ben.flashed.text
    assert order.status is (S.PARTLY if good < 300 else S.RECEIVED)


async def test_two_batches_of_one_medicine_and_what_nobody_ordered(ben, wholesale, iron, zinc):
    order = await sent(ben, wholesale, (iron, 10, "6"))
    delivery = await purchasing.begin_receipt(ben, order.id)
    await ben.flush()
    (first,) = delivery.lines
    await purchasing.change_line(ben, delivery.id, first.id, line(iron, "B1", packs=4))
    await purchasing.add_line(ben, delivery.id, line(iron, "B2", packs=6))
    page = await purchasing.add_line(ben, delivery.id, line(zinc, "Z1", packs=1))
    ordered = {row.line.number: row.line.order_line_id for row in page.rows}
    assert ordered == {"B1": order.lines[0].id, "B2": order.lines[0].id, "Z1": None}
    await purchasing.receive_delivery(ben, delivery.id, ReceiptDraft())
    await ben.flush()
    assert (order.lines[0].received, order.status) == (D(300), S.RECEIVED)
    assert "1 line was not ordered" in ben.flashed.text


async def test_the_delivery_that_is_begun_is_the_one_that_goes_on(ben, kim, wholesale, iron):
    order = await sent(ben, wholesale, (iron, 10, "6"))
    begun = await purchasing.begin_receipt(ben, order.id)
    await finish(ben)
    assert (await purchasing.begin_receipt(kim, order.id)).id == begun.id
    for deed in (
        purchasing.cancel_order(ben, order.id, OVER),
        purchasing.close_order(ben, order.id, OVER),
    ):
        with pytest.raises(DeliveryBegun, match=begun.number):
            await deed
    assert order.status is S.SENT


async def test_an_ended_order_takes_nothing_in(ben, wholesale, iron):
    order = await written(ben, wholesale, (iron, 10, "6"))
    with pytest.raises(Conflict, match="is Draft"):
        await purchasing.begin_receipt(ben, order.id)
    await purchasing.cancel_order(ben, order.id, OVER)
    await ben.flush()
    for deed in (
        purchasing.begin_receipt(ben, order.id),
        purchasing.approve_order(ben, order.id, APPROVE),
        purchasing.send_order(ben, order.id, BY_HAND),
        purchasing.close_order(ben, order.id, OVER),
        purchasing.cancel_order(ben, order.id, OVER),
    ):
        with pytest.raises(Conflict, match="is Cancelled"):
            await deed
    whole = await sent(ben, wholesale, (iron, 1, "6"))
    await received(ben, whole, ferrous={"packs": 1})
    with pytest.raises(Conflict, match="is Received"):
        await purchasing.begin_receipt(ben, whole.id)
    with pytest.raises(Conflict, match="is Received"):
        await purchasing.cancel_order(ben, whole.id, OVER)


async def test_a_delivery_of_an_order_stays_with_its_supplier(ben, wholesale, iron):
    order = await sent(ben, wholesale, (iron, 1, "6"))
    delivery = await purchasing.begin_receipt(ben, order.id)
    other = await supplier(ben, "Northern Wholesale")
    head = purchasing.DeliveryDraft(supplier_id=other.id, supplier_number="N-9")
    with pytest.raises(Conflict, match="belongs to an order"):
        await purchasing.edit_delivery(ben, delivery.id, head)
    await purchasing.edit_delivery(ben, delivery.id, head.model_copy(update={"supplier_id": wholesale.id}))
    assert delivery.supplier_number == "N-9"


async def test_a_delivery_without_an_order_is_as_it_was(ben, wholesale, iron):
    delivery = await started(ben, wholesale)
    page = await purchasing.add_line(ben, delivery.id, line(iron, packs=2))
    assert page.rows[0].line.order_line_id is None
    await purchasing.receive_delivery(ben, delivery.id, ReceiptDraft())
    assert ben.flashed.text == f"Delivery {delivery.number} is on the shelf."


async def test_orders_are_found_filtered_counted_and_sorted(ben, wholesale, iron, zinc):
    first = await written(ben, wholesale, (iron, 1, "6"))
    ben.now = ben.now.replace(minute=31)
    second = await sent(ben, await supplier(ben, "Northern Wholesale"), (zinc, 1, "6"))
    mine = {first.id: "first", second.id: "second"}

    async def found(*asked, **more):
        page = await purchasing.purchase_orders(ben, *asked, **more)
        return [mine[order.id] for order in page.items if order.id in mine]

    assert await found() == ["second", "first"] and await found(sort="number") == ["first", "second"]
    assert await found("northern") == ["second"] and await found("ferrous sul") == ["first"]
    assert await found(first.number) == ["first"] and await found("", "sent") == ["second"]
    assert await found("", "open") == ["second", "first"] and await found("", "cancelled") == []
    assert (await purchasing.purchase_orders(ben, "northern")).count == 1


async def test_a_medicine_that_is_not_there_is_not_ordered(ben, wholesale, iron):
    order = await written(ben, wholesale, (iron, 1, "6"))
    with pytest.raises(NotFound):
        await purchasing.add_order_line(ben, order.id, OrderLineDraft(product_id=order.id, packs=D(1)))
    with pytest.raises(Invalid, match="has passed"):
        await purchasing.write_order(ben, PurchaseOrderDraft(supplier_id=wholesale.id, wanted_on="2026-11-19"))
