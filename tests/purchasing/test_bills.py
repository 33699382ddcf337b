"""A supplier's bill beside the order and what came of it: compared at once, decided by somebody with authority."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from galen import purchasing
from galen.core.context import Context
from galen.core.errors import Conflict, Forbidden, Invalid, NotFound
from galen.core.finish import finish
from galen.medicines import Product
from galen.purchasing import BillDraft, BillStatus, DecisionDraft, Supplier
from galen.purchasing.service.bills import BillDecided
from tests.purchasing.buying import received, sent, written
from tests.purchasing.people import medicine, supplier

D, S = Decimal, BillStatus
WHY = DecisionDraft(reason="The supplier wrote so")


@pytest.fixture
async def wholesale(ben: Context) -> Supplier:
    return await supplier(ben)


@pytest.fixture
async def iron(ben: Context) -> Product:
    return await medicine(ben, "ferrous sulfate", 30)


@pytest.fixture
async def zinc(ben: Context) -> Product:
    return await medicine(ben, "zinc sulfate", 100)


@pytest.fixture
async def order(ben: Context, wholesale, iron, zinc):
    """Ten packs of iron came, and one of two of zinc."""
    made = await sent(ben, wholesale, (iron, 10, "6"), (zinc, 2, "2.5"))
    await received(ben, made, ferrous={"packs": 10}, zinc={"packs": 1, "noted_packs": 2})
    return made


def bill(number, net, *lines, tax="0"):
    said = [{"product_id": product.id, "packs": packs, "price": price} for product, packs, price in lines]
    return BillDraft.model_validate({"number": number, "net": net, "tax": tax, "lines": said})


async def entered(ctx, order, *said, **more):
    made = await purchasing.enter_bill(ctx, order.id, bill(*said, **more))
    await ctx.flush()
    return made


def kinds(made):
    return [(row["kind"], row["medicine"], row["worth"]) for row in made.differences]


async def test_what_was_received_is_what_is_due(ben, order, iron, zinc):
    made = await entered(ben, order, "R-1", "62.50", (iron, 10, "6"), (zinc, 1, "2.5"), tax="6.25")
    assert (made.status, made.differences, made.total) == (S.AGREES, [], D("68.75"))


async def test_each_difference_is_listed_with_its_medicine(ben, order, iron, zinc):
    other = await medicine(ben, "cupric sulfate", 10)
    made = await entered(ben, order, "R-1", "80", (iron, 9, "6.5"), (zinc, 2, "2.5"), (other, 1, "9"))
    assert made.status is S.DIFFERS
    assert kinds(made) == [
        ("another price than ordered", iron.label, "4.5"),
        ("not ordered", other.label, "9"),
        ("received and not billed", iron.label, "-6"),
        ("billed and not received", zinc.label, "2.5"),
        ("the lines do not add up", "", "7.5"),
    ]


@pytest.mark.parametrize("number", ["R-1", "r-1", "  R-1 "])
async def test_the_same_bill_is_never_written_down_twice(ben, client, order, number):
    await entered(ben, order, "R-1", "62.50")
    await finish(ben)
    program = await client("ben")
    answer = await program.post(f"/api/v1/purchase-orders/{order.id}/bills", json={"number": number, "net": "62.50"})
    assert (answer.status_code, "here already" in answer.text) == (409, True), answer.text


async def test_a_withdrawn_bill_frees_its_number(ben, order):
    first = await entered(ben, order, "R-1", "61")
    await purchasing.withdraw_bill(ben, first.id, WHY)
    await ben.flush()
    assert (await entered(ben, order, "R-1", "62.50")).status is S.AGREES
    with pytest.raises(BillDecided, match="Withdrawn"):
        await purchasing.match_bill(ben, first.id)


async def test_a_second_bill_asks_only_for_the_rest(ben, order, iron, zinc):
    await entered(ben, order, "R-1", "24", (iron, 4, "6"))
    second = await entered(ben, order, "R-2", "38.50", (iron, 6, "6"), (zinc, 1, "2.5"))
    assert second.status is S.AGREES
    third = await entered(ben, order, "R-3", "6", (iron, 1, "6"))
    assert kinds(third) == [("billed and not received", iron.label, "6")]


async def test_the_manager_accepts_and_says_why(ben, max, order):
    made = await entered(ben, order, "R-1", "70")
    await finish(ben)
    with pytest.raises(Forbidden):
        await purchasing.accept_bill(ben, made.id, WHY)
    accepted = await purchasing.accept_bill(max, made.id, WHY)
    assert (accepted.status, accepted.decided_name, accepted.decided_because) == (
        S.ACCEPTED, max.actor.name, "The supplier wrote so",
    )  # fmt: skip
    for deed in (purchasing.dispute_bill, purchasing.withdraw_bill, purchasing.accept_bill):
        with pytest.raises(BillDecided, match="Accepted"):
            await deed(max, made.id, WHY)


async def test_what_agrees_needs_no_authority_and_is_not_accepted(ben, max, order):
    made = await entered(ben, order, "R-1", "62.50")
    await finish(ben)
    with pytest.raises(BillDecided, match="Agrees"):
        await purchasing.accept_bill(max, made.id, WHY)


async def test_a_disputed_bill_agrees_when_the_rest_has_come(ben, order, iron, zinc):
    made = await entered(ben, order, "R-1", "65", (iron, 10, "6"), (zinc, 2, "2.5"))
    await purchasing.dispute_bill(ben, made.id, WHY)
    await ben.flush()
    await purchasing.match_bill(ben, made.id)
    assert (made.status, kinds(made)) == (S.DISPUTED, [("billed and not received", zinc.label, "2.5")])
    await received(ben, order, zinc={"packs": 1})
    await purchasing.match_bill(ben, made.id)
    await ben.flush()
    assert (made.status, made.differences) == (S.AGREES, [])


async def test_what_a_bill_says_does_not_change(ben, order):
    made = await entered(ben, order, "R-1", "70")
    made.net = D(62)
    with pytest.raises(Conflict, match="sealed"):
        await ben.flush()


@pytest.mark.parametrize(
    "said",
    [
        {"number": "", "net": 1},
        {"number": "R", "net": -1},
        {"number": "R"},
        {"number": "R", "net": 1, "lines": [{"packs": 2, "price": 1}]},
    ],
)
def test_a_bill_has_a_number_a_sum_and_whole_lines(said):
    with pytest.raises(ValidationError):
        BillDraft.model_validate(said)


async def test_empty_lines_are_left_out_and_unknown_ones_refused(ben, order, iron, wholesale):
    draft = BillDraft.model_validate({"number": "R", "net": "6", "lines": [{"product_id": iron.id}, {}]})
    assert draft.lines == []
    wrong = {"number": "R", "net": "6", "lines": [{"product_id": order.id, "packs": 1, "price": 6}]}
    with pytest.raises(Invalid, match="Choose a medicine") as told:
        await purchasing.enter_bill(ben, order.id, BillDraft.model_validate(wrong))
    assert told.value.field == "lines.0.product_id"
    with pytest.raises(Invalid, match="still to come"):
        await purchasing.enter_bill(ben, order.id, BillDraft(number="R", net=D(1), day="2026-11-21"))
    with pytest.raises(Conflict, match="is Draft"):
        await purchasing.enter_bill(
            ben, (await written(ben, wholesale, (iron, 1, "6"))).id, BillDraft(number="R", net=D(1))
        )


async def test_only_who_orders_sees_bills(ada, ruth, ben, order):
    made = await entered(ben, order, "R-1", "70")
    for ctx in (ada, ruth):
        with pytest.raises(Forbidden):
            await purchasing.open_bill(ctx, made.id)
    with pytest.raises(NotFound):
        await purchasing.open_bill(ben, order.id)


async def test_bills_are_found_and_counted(ben, order):
    first, second = await entered(ben, order, "R-1", "62.50"), await entered(ben, order, "R-2", "9")
    assert {found.id for found in (await purchasing.supplier_bills(ben, order.number)).items} == {first.id, second.id}
    assert [found.id for found in (await purchasing.supplier_bills(ben, "r-2")).items] == [second.id]
    undecided = await purchasing.supplier_bills(ben, "", "undecided")
    assert ([found.id for found in undecided.items], undecided.count) == ([second.id], 1)
