"""Order, delivery, bill: what agrees, and each way in which a bill differs."""

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galen.purchasing.matching import Billed, DifferenceKind, Ordered, match

D, K = Decimal, DifferenceKind
IRON, ZINC, GAUZE = (UUID(int=number) for number in (1, 2, 3))
ORDER = [(IRON, "6", 10, 10), (ZINC, "2.5", 4, 3)]  # 60.00 and, of what came, 7.50


def said(lines, net, order=ORDER, before=0):
    ordered = [Ordered(p, None if price is None else D(price), D(o), D(r), D(before)) for p, price, o, r in order]
    billed = [Billed(product, D(packs), D(price)) for product, packs, price in lines]
    return [(d.kind, d.product, d.worth) for d in match(ordered, billed, D(net))]


@pytest.mark.parametrize(
    ("lines", "net", "found"),
    [
        ([(IRON, 10, "6"), (ZINC, 3, "2.5")], "67.50", []),
        ([(IRON, 6, "6"), (IRON, 4, "6"), (ZINC, 3, "2.5")], "67.50", []),  # one medicine on two lines
        ([(IRON, 10, "6"), (ZINC, 4, "2.5")], "70.00", [(K.TOO_MANY, ZINC, D("2.5"))]),
        ([(IRON, 10, "6")], "60.00", [(K.MISSING, ZINC, D("-7.5"))]),
        ([(IRON, 10, "6.6"), (ZINC, 3, "2.5")], "73.50", [(K.PRICE, IRON, D("6.0"))]),
        ([(IRON, 10, "6.004"), (ZINC, 3, "2.5")], "67.54", []),  # less than a cent
        (
            [(IRON, 10, "6"), (ZINC, 3, "2.5"), (GAUZE, 2, "1")],
            "69.50",
            [(K.NOT_ORDERED, GAUZE, D(2))],
        ),
        ([(IRON, 10, "6"), (ZINC, 3, "2.5")], "76.50", [(K.SUM, None, D("9.00"))]),
        ([(IRON, 10, "6"), (ZINC, 3, "2.5")], "67.51", []),  # a cent of rounding
        ([], "67.50", []),
        ([], "70.00", [(K.TOTAL, None, D("2.50"))]),
        ([], "60.00", [(K.TOTAL, None, D("-7.50"))]),
    ],
)
def test_each_difference_is_named_with_what_it_costs(lines, net, found):
    assert said(lines, net) == found


def test_what_another_bill_asked_for_is_not_due_again():
    assert said([(IRON, 10, "6"), (ZINC, 3, "2.5")], "67.50", before=3) == [
        (K.TOO_MANY, IRON, D(18)),
        (K.TOO_MANY, ZINC, D("7.5")),
    ]


def test_a_price_that_was_never_known_is_not_nothing():
    order = [(IRON, None, 10, 10)]
    assert said([(IRON, 10, "6")], "60", order) == [(K.NO_PRICE, IRON, None)]
    assert said([], "60", order) == [(K.NO_PRICE, IRON, None)]


CENTS = st.decimals("0.01", 100, places=2)


@given(st.lists(st.tuples(CENTS, st.integers(1, 50)), min_size=1, max_size=6))
def test_a_bill_of_what_came_agrees_and_one_pack_more_never_does(lines):
    order = [(UUID(int=i + 1), str(price), packs, packs) for i, (price, packs) in enumerate(lines)]
    billed = [(product, packs, price) for product, price, packs, _ in order]
    net = sum((D(price) * packs for _, packs, price in billed), D(0))
    assert said(billed, net, order) == [] == said([], net, order)
    (product, packs, price), *rest = billed
    more = said([(product, packs + 1, price), *rest], net + D(price), order)
    assert more == [(K.TOO_MANY, product, D(price))]
