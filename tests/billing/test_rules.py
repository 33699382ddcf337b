from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galen.billing.rules import Item, bill, in_coins, settle, tax_on, tax_within
from galen.values.money import Money, total

D = Decimal


def aud(amount: str) -> Money:
    return Money(D(amount), "AUD")


@pytest.mark.parametrize(
    "gross, rate, tax",
    [
        ("11.00", "0.10", "1.00"),
        ("82.50", "0.10", "7.50"),
        ("0.05", "0.10", "0.00"),
        ("0.06", "0.10", "0.01"),
        ("9.99", "0", "0.00"),
        ("120.00", "0.2", "20.00"),
        ("10.45", "0.10", "0.95"),
    ],
)
def test_tax_inside_a_price(gross: str, rate: str, tax: str) -> None:
    assert tax_within(aud(gross), D(rate)) == aud(tax)


@pytest.mark.parametrize(
    "net, rate, tax",
    [("10.00", "0.10", "1.00"), ("0.05", "0.10", "0.01"), ("0.04", "0.10", "0.00"), ("1", "0.0625", "0.06")],
)
def test_tax_on_top_of_a_price(net: str, rate: str, tax: str) -> None:
    assert tax_on(aud(net), D(rate)) == aud(tax)


def test_a_visit_and_two_medicines_make_one_bill() -> None:
    made = bill(
        [
            Item(D(1), D("80.00")),
            Item(D(20), D("0.4995")),
            Item(D(2), D("12.95"), D("0.10"), discount_rate=D("0.10")),
        ],
        "AUD",
    )
    assert [(line.listed, line.discount, line.net, line.tax, line.gross) for line in made.lines] == [
        (aud("80.00"), aud("0"), aud("80.00"), aud("0"), aud("80.00")),
        (aud("9.99"), aud("0"), aud("9.99"), aud("0"), aud("9.99")),
        (aud("25.90"), aud("2.59"), aud("21.19"), aud("2.12"), aud("23.31")),
    ]
    assert (made.discount, made.net, made.tax, made.gross) == (aud("2.59"), aud("111.18"), aud("2.12"), aud("113.30"))


def test_tax_not_included_is_added() -> None:
    made = bill([Item(D(3), D("9.99"), D("0.0825"), tax_included=False)], "USD")
    assert (made.net.amount, made.tax.amount, made.gross.amount) == (D("29.97"), D("2.47"), D("32.44"))


def test_a_document_discount_is_divided_before_tax() -> None:
    made = bill([Item(D(1), D(10), D("0.1")), Item(D(1), D(10)), Item(D(1), D(10))], "AUD", aud("10.00"))
    assert [line.discount for line in made.lines] == [aud("3.34"), aud("3.33"), aud("3.33")]
    assert (made.discount, made.gross) == (aud("10.00"), aud("20.00"))
    assert made.lines[0].tax == aud("0.61")


@pytest.mark.parametrize("currency, gross, tax", [("JPY", "1099", "100"), ("KWD", "1098.900", "99.900")])
def test_currencies_without_cents_and_with_mills(currency: str, gross: str, tax: str) -> None:
    made = bill([Item(D(3), D("366.3"), D("0.1"))], currency)
    assert (made.gross.amount, made.tax.amount) == (D(gross), D(tax))


def test_an_empty_bill_is_nothing() -> None:
    assert bill([], "AUD").gross == aud("0")


@pytest.mark.parametrize(
    "discount, sentence", [("20.01", "20.01 AUD is more than the lines come to \\(20.00 AUD\\)"), ("-1", "below zero")]
)
def test_a_discount_stays_between_nothing_and_everything(discount: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        bill([Item(D(2), D(10))], "AUD", aud(discount))


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"quantity": D(0)}, "quantity must be above zero"),
        ({"unit_price": D(-1)}, "price must not be below zero"),
        ({"tax_rate": D(10)}, "0.10 is 10 %"),
        ({"discount_rate": D("1.1")}, "discount must be from 0 to 1"),
    ],
)
def test_an_impossible_item_is_refused(wrong: dict[str, Decimal], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Item(**{"quantity": D(1), "unit_price": D(1)} | wrong)


prices = st.decimals(0, 5000, places=4)
rates = st.sampled_from([D(0), D("0.05"), D("0.0825"), D("0.1"), D("0.2"), D(1)])
items = st.builds(
    Item,
    st.decimals("0.001", 500, places=3),
    prices,
    rates,
    st.booleans(),
    st.sampled_from([D(0), D("0.1"), D("0.333"), D(1)]),
)
baskets = st.lists(items, max_size=10)
currencies = st.sampled_from(["AUD", "JPY", "KWD"])


@given(baskets, currencies, st.integers(0, 100))
def test_every_sum_matches_to_the_smallest_unit(basket: list[Item], currency: str, percent: int) -> None:
    shown = total((line.listed - line.discount for line in bill(basket, currency).lines), currency)
    discount = Money.from_minor(shown.minor * percent // 100, currency)
    made = bill(basket, currency, discount)
    plain = bill(basket, currency)
    assert made.gross == total((line.gross for line in made.lines), currency) == made.net + made.tax
    assert made.discount - plain.discount == discount
    for line, item in zip(made.lines, basket, strict=True):
        assert (line.gross if item.tax_included else line.net) == line.listed - line.discount
        assert Money.zero(currency) <= line.discount <= line.listed
        assert line.tax >= Money.zero(currency)
        assert item.tax_rate or not line.tax


@given(baskets, currencies)
def test_a_credit_takes_back_exactly_what_was_charged(basket: list[Item], currency: str) -> None:
    made = bill(basket, currency)
    credit = -made
    assert made.gross + credit.gross == made.tax + credit.tax == Money.zero(currency)
    assert [line.gross + back.gross for line, back in zip(made.lines, credit.lines, strict=True)] == [
        Money.zero(currency)
    ] * len(basket)


@pytest.mark.parametrize(
    "due, coins",
    [
        ("9.91", "9.90"),
        ("9.92", "9.90"),
        ("9.93", "9.95"),
        ("9.94", "9.95"),
        ("9.95", "9.95"),
        ("9.96", "9.95"),
        ("9.97", "9.95"),
        ("9.98", "10.00"),
        ("9.99", "10.00"),
        ("0.02", "0.00"),
        ("-9.98", "-10.00"),
        ("-9.92", "-9.90"),
    ],
)
def test_australian_cash_comes_in_fives(due: str, coins: str) -> None:
    assert in_coins(aud(due)) == aud(coins)


@pytest.mark.parametrize(
    "due, currency, coins",
    [
        ("9.95", "NZD", "9.90"),
        ("9.96", "NZD", "10.00"),
        ("9.50", "SEK", "10.00"),
        ("9.99", "USD", "9.99"),
        ("7", "JPY", "7"),
    ],
)
def test_other_coins(due: str, currency: str, coins: str) -> None:
    assert in_coins(Money(D(due), currency)) == Money(D(coins), currency)


@pytest.mark.parametrize(
    "due, card, cash, rounding, change, outstanding",
    [
        ("113.31", "113.31", None, "0", "0", "0"),
        ("113.31", "0", "120.00", "-0.01", "6.70", "0"),
        ("113.33", "0", "113.35", "0.02", "0", "0"),
        ("113.33", "100.00", "20.00", "0.02", "6.65", "0"),
        ("113.33", "100.00", None, "0", "0", "13.33"),
        ("113.33", "0", "100.00", "0", "0", "13.33"),
        ("0.02", "0", "0", "-0.02", "0", "0"),
        ("0.00", "0", None, "0", "0", "0"),
    ],
)
def test_only_what_is_paid_in_cash_is_rounded(
    due: str, card: str, cash: str | None, rounding: str, change: str, outstanding: str
) -> None:
    made = settle(aud(due), aud(card), None if cash is None else aud(cash))
    assert (made.rounding, made.change, made.outstanding) == (aud(rounding), aud(change), aud(outstanding))
    assert made.settled == (outstanding == "0")


@pytest.mark.parametrize(
    "due, card, cash, sentence",
    [
        ("10.00", "10.01", None, "change is for cash only"),
        ("10.00", "10.00", "1.00", "10.00 AUD is paid already"),
        ("10.00", "-1.00", None, "must not be below zero"),
        ("-10.00", "0", None, "must not be below zero"),
        ("10.00", "0", "-1.00", "must not be below zero"),
        ("9.99", "0", "9.99", "9.99 AUD cannot be paid in coins: the smallest is 0.05."),
    ],
)
def test_tender_that_makes_no_sense_is_refused(due: str, card: str, cash: str | None, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        settle(aud(due), aud(card), None if cash is None else aud(cash))


@given(
    st.integers(1, 10**6),
    st.integers(0, 100),
    st.none() | st.integers(0, 10**6),
    st.sampled_from(["AUD", "NZD", "SEK"]),
)
def test_the_drawer_always_balances(due: int, percent: int, cash: int | None, currency: str) -> None:
    owed = Money.from_minor(due, currency)
    card = Money.from_minor(due * percent // 100, currency)
    tendered = None if cash is None or card == owed else in_coins(Money.from_minor(cash, currency))
    made = settle(owed, card, tendered)
    assert owed + made.rounding == made.electronic + made.cash - made.change + made.outstanding
    assert made.change >= Money.zero(currency) and made.outstanding >= Money.zero(currency)
    assert not (made.change and made.outstanding)
    assert tendered is not None or not made.rounding
