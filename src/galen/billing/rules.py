"""What a till must get right: lines, discounts, tax, rounding for cash, change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

from galen.i18n import gettext as _
from galen.values.money import Money, total

# The smallest coin, where it is larger than the smallest unit (RBA, RBNZ, Bank of Canada, SNB, Riksbank).
CASH_STEPS = {
    "AUD": Decimal("0.05"),
    "CAD": Decimal("0.05"),
    "CHF": Decimal("0.05"),
    "NZD": Decimal("0.10"),
    "SEK": Decimal("1.00"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """What is sold: a unit price (it may be finer than the smallest coin), a tax rate (0.10 is 10 %) and a discount."""

    quantity: Decimal
    unit_price: Decimal
    tax_rate: Decimal = Decimal(0)
    tax_included: bool = True
    discount_rate: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if self.quantity <= 0:
            raise ValueError(_("The quantity must be above zero: a return is a credit note."))
        if self.unit_price < 0:
            raise ValueError(_("The price must not be below zero: use a discount or a credit note."))
        if not 0 <= self.tax_rate <= 1:
            raise ValueError(_("The tax rate must be from 0 to 1: 0.10 is 10 %."))
        if not 0 <= self.discount_rate <= 1:
            raise ValueError(_("The discount must be from 0 to 1: 0.10 is 10 %."))


@dataclass(frozen=True, slots=True)
class Priced:
    """One line in whole smallest units: listed less discount is what is shown; net and tax make gross."""

    listed: Money
    discount: Money
    net: Money
    tax: Money

    @property
    def gross(self) -> Money:
        """What the buyer pays for the line."""
        return self.net + self.tax

    def __neg__(self) -> Priced:
        """The credit of a line: the same amounts, tax included, the other way."""
        return Priced(-self.listed, -self.discount, -self.net, -self.tax)


@dataclass(frozen=True, slots=True)
class Bill:
    """The lines of a document and their sums."""

    lines: tuple[Priced, ...]
    discount: Money
    net: Money
    tax: Money

    @property
    def gross(self) -> Money:
        """What is due."""
        return self.net + self.tax

    def __neg__(self) -> Bill:
        """The whole document credited, to the cent."""
        return Bill(tuple(-line for line in self.lines), -self.discount, -self.net, -self.tax)


def tax_within(gross: Money, rate: Decimal) -> Money:
    """The tax inside an amount that includes it: at 10 %, an eleventh; half a unit goes up (ATO)."""
    return Money.rounded(gross.amount * rate / (1 + rate), gross.currency)


def tax_on(net: Money, rate: Decimal) -> Money:
    """The tax to add to an amount without it; half a unit goes up (ATO)."""
    return net.times(rate)


def bill(items: Sequence[Item], currency: str, discount: Money | None = None) -> Bill:
    """Price the lines; a discount on the whole document is divided over them by what they show, before tax."""
    listed = [Money.rounded(item.quantity * item.unit_price, currency) for item in items]
    own = [amount.times(item.discount_rate) for amount, item in zip(listed, items, strict=True)]
    shown = [amount - less for amount, less in zip(listed, own, strict=True)]
    shares = _shares(shown, discount or Money.zero(currency), currency)
    lines = tuple(
        _priced(item, amount, less + share)
        for item, amount, less, share in zip(items, listed, own, shares, strict=True)
    )
    return Bill(
        lines,
        discount=total((line.discount for line in lines), currency),
        net=total((line.net for line in lines), currency),
        tax=total((line.tax for line in lines), currency),
    )


def _shares(shown: list[Money], discount: Money, currency: str) -> list[Money]:
    everything = total(shown, currency)
    if discount < Money.zero(currency):
        raise ValueError(_("The discount must not be below zero."))
    if discount > everything:
        raise ValueError(
            _(
                "The discount of %(discount)s is more than the lines come to (%(sum)s).",
                discount=discount,
                sum=everything,
            )
        )
    return discount.allocate([amount.minor for amount in shown]) if discount else [discount] * len(shown)


def _priced(item: Item, listed: Money, discount: Money) -> Priced:
    shown = listed - discount
    if item.tax_included:
        tax = tax_within(shown, item.tax_rate)
        return Priced(listed, discount, shown - tax, tax)
    return Priced(listed, discount, shown, tax_on(shown, item.tax_rate))


def in_coins(due: Money) -> Money:
    """The nearest amount that coins can pay, the same for a refund; New Zealand's middle goes down."""
    step = CASH_STEPS.get(due.currency)
    if step is None:
        return due
    coins = (due.amount / step).quantize(Decimal(1), ROUND_HALF_DOWN if due.currency == "NZD" else ROUND_HALF_UP)
    return Money(coins * step, due.currency)


def oldest_first(charges: Sequence[Decimal], paid: Decimal) -> list[Decimal]:
    """What is left of each charge, the oldest first, when all that was paid goes to the oldest ones first."""
    left = []
    for charge in charges:
        settled = min(charge, max(paid, Decimal(0)))
        paid -= settled
        left.append(charge - settled)
    return left


@dataclass(frozen=True, slots=True)
class Settlement:
    """How tender meets what is due: due + rounding = electronic + cash - change + outstanding."""

    electronic: Money
    cash: Money
    rounding: Money
    change: Money
    outstanding: Money

    @property
    def settled(self) -> bool:
        """Nothing is left to pay."""
        return not self.outstanding


def settle(due: Money, electronic: Money, cash: Money | None = None) -> Settlement:
    """Cards and transfers first, exactly; what is left may be paid in coins, and only then is it rounded."""
    nothing = Money.zero(due.currency)
    if due < nothing or electronic < nothing or (cash is not None and cash < nothing):
        raise ValueError(_("Amounts due and paid must not be below zero: pay a refund out instead."))
    if electronic > due:
        raise ValueError(
            _(
                "Only %(due)s is due: a card or transfer of %(paid)s is too much, and change is for cash only.",
                due=due,
                paid=electronic,
            )
        )
    left = due - electronic
    if cash is None or not left:
        if cash:
            raise ValueError(_("%(due)s is paid already: no cash is due.", due=due))
        return Settlement(electronic, nothing, nothing, nothing, left)
    if cash != in_coins(cash):
        smallest = CASH_STEPS[cash.currency]
        raise ValueError(_("%(cash)s cannot be paid in coins: the smallest is %(coin)s.", cash=cash, coin=smallest))
    payable = in_coins(left)
    if cash < payable:
        return Settlement(electronic, cash, nothing, nothing, left - cash)
    return Settlement(electronic, cash, payable - left, cash - payable, nothing)
