"""When to order how much: a table of cases, and what holds for all of them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galen.inventory import Usage
from galen.purchasing.reorder import Lead, Need, OrderingPolicy, advise, basis_of, lead_of, reason_words

D = Decimal
POLICY = OrderingPolicy()


def need(
    daily="10", spread="0", lead="3", varies="0", usable="0", coming="0", ending="0", pack="30", least="1", **more
):
    usage = Usage(D(daily) * 60, 60, 5, D(daily), D(spread))
    days = Lead(D(lead), D(varies), 4)
    return Need(usage, days, D(usable), D(coming), D(ending), D(pack), D(least), **more)


@pytest.mark.parametrize(
    ("said", "at", "up_to", "packs"),
    [
        ({}, 100, 240, 8),  # ten days at ten, then fourteen more
        ({"usable": "100"}, 100, 240, 5),  # at the point itself it is ordered
        ({"usable": "101"}, 100, 240, 0),
        ({"usable": "60", "coming": "60"}, 100, 240, 0),  # what is on its way counts
        ({"usable": "160", "ending": "70"}, 100, 240, 5),  # what will end unused does not
        ({"spread": "4"}, 121, 261, 9),  # 1.6449 x 4 x root of 10 = 20.8
        ({"varies": "2"}, 133, 273, 10),  # 1.6449 x 10 x 2 = 32.9
        ({"pack": "100"}, 100, 240, 3),
        ({"pack": "1"}, 100, 240, 240),
        ({"least": "12"}, 100, 240, 12),  # the supplier sells no fewer
        ({"daily": "0.1"}, 1, 3, 1),
        ({"daily": "0"}, 0, 0, 0),
        ({"daily": "0", "level": D(60)}, 60, 120, 4),
        ({"daily": "0", "level": D(60), "usable": "61"}, 60, 120, 0),
        ({"fixed": (D(20), D(90)), "usable": "20"}, 20, 90, 3),
        ({"fixed": (D(20), D(90)), "usable": "21"}, 20, 90, 0),
        ({"fixed": (D(0), D(10)), "usable": "0"}, 0, 10, 1),
        ({"usable": "30", "ending": "50"}, 100, 240, 8),  # never below nothing
    ],
)
def test_the_point_the_level_and_the_packs(said, at, up_to, packs):
    advice = advise(need(**said), POLICY)
    assert (advice.reorder_at, advice.up_to, advice.packs) == (D(at), D(up_to), D(packs))


@pytest.mark.parametrize(
    ("product", "supplier", "promised", "days", "seen", "told"),
    [
        ([2, 4, 6], [9, 9, 9], 1, 4, 3, False),  # as seen for the medicine
        ([2], [5, 7, 9, 7], 1, 7, 4, False),  # else for the supplier
        ([2], [5], 1, 1, 0, True),  # two are too few against a promise
        ([2], [6], None, 4, 2, False),
        ([], [], None, 3, 0, False),
        ([], [], 0, 0, 0, True),
    ],
)
def test_days_to_deliver_as_seen_else_as_promised(product, supplier, promised, days, seen, told):
    lead = lead_of(product, supplier, promised)
    assert (lead.days, lead.seen, lead.promised) == (D(days), seen, told)


NUMBERS = st.decimals(0, 400, places=1)


@given(
    NUMBERS, NUMBERS, st.integers(0, 30), st.integers(0, 9), st.integers(0, 5000), st.integers(0, 2000),
    st.integers(0, 5000), st.integers(1, 200), st.integers(1, 40), st.sampled_from(["90", "95", "97.5", "99", "99.5"]),
)  # fmt: skip
def test_an_order_is_whole_packs_reaches_its_level_and_no_pack_more(
    daily, spread, lead, varies, usable, coming, ending, pack, least, service
):
    policy = OrderingPolicy(service=D(service))
    said = need(*map(str, (daily, spread, lead, varies, usable, coming, ending, pack, least)))
    advice = advise(said, policy)
    after = said.position + advice.packs * said.pack_size
    assert advice.packs == advice.packs.to_integral_value() >= 0
    assert advice.up_to >= advice.reorder_at >= advice.safety >= 0
    if advice.packs:
        assert said.position <= advice.reorder_at and after >= advice.up_to
        assert advice.packs >= said.minimum_packs
        if not advice.raised:
            assert after - said.pack_size < advice.up_to
    else:
        assert said.position > advice.reorder_at or said.position >= advice.up_to
    more = advise(need(*map(str, (daily, spread, lead, varies, usable + pack, coming, ending, pack, least))), policy)
    assert more.packs <= advice.packs


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            {"usable": "40", "coming": "30", "ending": "5"},
            "10 are used a day, as seen on 60 days. 5 days without stock are left out. "
            "The last 4 deliveries took 3 days. "
            "3 days to deliver and 7 until the next list, with 0 to spare: order at 100 tablets. "
            "There are 40 tablets, 30 are on their way, 5 will end unused. Up to 240: 6 packs of 30.",
        ),
        (
            {"fixed": (D(1), D(9)), "pack": "10"},
            "Order at 1 tablet, as somebody decided. There are 0 tablets. Up to 9: 1 pack of 10.",
        ),
        ({"daily": "0"}, "No use is known yet, and no level is set. There are 0 tablets."),
    ],
)
def test_the_arithmetic_is_told(said, words):
    asked = need(**said)
    assert reason_words(basis_of(asked, advise(asked, POLICY), POLICY), "tablet") == words
