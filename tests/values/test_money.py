from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from galen.values.money import Money, total

D = Decimal
MONEY = TypeAdapter(Money)
minor_units = st.integers(-(10**12), 10**12)
currencies = st.sampled_from(["AUD", "JPY", "KWD"])
amounts = st.builds(Money.from_minor, minor_units, currencies)
weights = st.lists(st.decimals(0, 10**6, places=3), min_size=1, max_size=12).filter(any)


@pytest.mark.parametrize(
    "amount, currency, shown",
    [
        ("12.3", "AUD", "12.30 AUD"),
        ("12.300", "AUD", "12.30 AUD"),
        ("1200", "JPY", "1200 JPY"),
        ("1.2", "KWD", "1.200 KWD"),
        ("-0", "USD", "0.00 USD"),
        ("1E+2", "AUD", "100.00 AUD"),
    ],
)
def test_an_amount_shows_every_decimal_of_its_currency(amount: str, currency: str, shown: str) -> None:
    assert str(Money(D(amount), currency)) == shown


@pytest.mark.parametrize(
    "amount, currency, sentence",
    [
        ("12.345", "AUD", "12.345 AUD is finer than the smallest unit, 0.01 AUD."),
        ("0.5", "JPY", "0.5 JPY is finer than the smallest unit, 1 JPY."),
        ("1", "AUS", "'AUS' is not a currency code: use three capital letters such as AUD."),
        ("1", "aud", "'aud' is not a currency code: use three capital letters such as AUD."),
        ("NaN", "AUD", "NaN is not an amount of money: it must be below 1,000,000,000,000,000."),
        ("1E+15", "AUD", "1E+15 is not an amount of money: it must be below 1,000,000,000,000,000."),
    ],
)
def test_what_is_no_amount_is_refused_in_a_sentence(amount: str, currency: str, sentence: str) -> None:
    with pytest.raises(ValueError) as refused:
        Money(D(amount), currency)
    assert str(refused.value) == sentence


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError, match="is a Decimal, not float"):
        Money(12.3, "AUD")  # type: ignore[arg-type]


def test_two_currencies_never_meet() -> None:
    for meet in (Money.__add__, Money.__sub__, Money.__lt__, Money.__le__, Money.__gt__, Money.__ge__):
        with pytest.raises(ValueError, match="AUD and USD cannot be mixed"):
            meet(Money(D(1), "AUD"), Money(D(1), "USD"))
    assert Money(D(1), "AUD") != Money(D(1), "USD")
    with pytest.raises(TypeError, match="Money meets only money, not int"):
        Money(D(1), "AUD") + 1  # type: ignore[operator]


def test_money_compares_adds_and_turns_by_amount() -> None:
    five, seven = Money(D(5), "AUD"), Money(D(7), "AUD")
    assert five < seven and five <= seven and seven > five and seven >= five
    assert five + seven == Money(D(12), "AUD") and five - seven == -Money(D(2), "AUD")
    assert abs(five - seven) == Money(D(2), "AUD") and five and not Money.zero("AUD")


def test_money_reads_and_writes_json_exactly() -> None:
    wire = b'{"amount":"12.30","currency":"AUD"}'
    assert MONEY.dump_json(Money(D("12.3"), "AUD")) == wire
    assert MONEY.validate_json(wire) == Money(D("12.30"), "AUD")
    with pytest.raises(ValidationError, match="finer than the smallest unit"):
        MONEY.validate_python({"amount": "12.345", "currency": "AUD"})


@pytest.mark.parametrize(
    "amount, factor, rounding, product",
    [("0.05", "0.5", None, "0.03"), ("0.05", "0.5", ROUND_HALF_EVEN, "0.02"), ("-0.05", "0.5", None, "-0.03")],
)
def test_a_product_is_rounded_as_asked(amount: str, factor: str, rounding: str | None, product: str) -> None:
    rule = {} if rounding is None else {"rounding": rounding}
    assert Money(D(amount), "AUD").times(D(factor), **rule) == Money(D(product), "AUD")


@pytest.mark.parametrize(
    "amount, parts, shares",
    [
        ("10.00", [1, 1, 1], ["3.34", "3.33", "3.33"]),
        ("-10.00", [1, 1, 1], ["-3.34", "-3.33", "-3.33"]),
        ("0.05", [D("0.3"), D("0.7")], ["0.02", "0.03"]),
        ("5.00", [0, 1, 0], ["0.00", "5.00", "0.00"]),
        ("1.00", [1, 2, 4], ["0.14", "0.29", "0.57"]),
    ],
)
def test_money_divides_by_largest_remainder(amount: str, parts: list[Decimal | int], shares: list[str]) -> None:
    assert Money(D(amount), "AUD").allocate(parts) == [Money(D(share), "AUD") for share in shares]


@pytest.mark.parametrize("parts", [[], [0, 0], [1, -1]])
def test_money_needs_something_to_be_divided_over(parts: list[Decimal | int]) -> None:
    with pytest.raises(ValueError, match="weights of zero or more"):
        Money(D(1), "AUD").allocate(parts)


@given(amounts, weights)
def test_the_parts_always_sum_to_the_whole(amount: Money, parts: list[Decimal]) -> None:
    shares = amount.allocate(parts)
    assert total(shares, amount.currency) == amount
    for share, part in zip(shares, parts, strict=True):
        assert abs(share.minor - amount.minor * part / sum(parts)) < 1
        assert part or not share


@given(amounts)
def test_smallest_units_and_json_go_there_and_back(amount: Money) -> None:
    assert Money.from_minor(amount.minor, amount.currency) == amount
    assert MONEY.validate_json(MONEY.dump_json(amount)) == amount
