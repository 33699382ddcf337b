"""The notes and coins of each currency, and what a count of them comes to."""

from collections.abc import Iterable
from decimal import Decimal

from galen.i18n import gettext as _
from galen.values.money import Money

from .rules import in_coins

# What the central banks issue for everyday use, largest first (RBA, US Federal Reserve, ECB, Bank of England, ...).
PIECES = {
    currency: tuple(Decimal(piece) for piece in said.split())
    for currency, said in {
        "AUD": "100 50 20 10 5 2 1 0.50 0.20 0.10 0.05",
        "CAD": "100 50 20 10 5 2 1 0.25 0.10 0.05",
        "CHF": "1000 200 100 50 20 10 5 2 1 0.50 0.20 0.10 0.05",
        "EUR": "500 200 100 50 20 10 5 2 1 0.50 0.20 0.10 0.05 0.02 0.01",
        "GBP": "50 20 10 5 2 1 0.50 0.20 0.10 0.05 0.02 0.01",
        "INR": "500 200 100 50 20 10 5 2 1",
        "JPY": "10000 5000 2000 1000 500 100 50 10 5 1",
        "KWD": "20 10 5 1 0.500 0.250 0.100 0.050 0.020 0.010 0.005",
        "NZD": "100 50 20 10 5 2 1 0.50 0.20 0.10",
        "SEK": "1000 500 200 100 50 20 10 5 2 1",
        "SGD": "1000 100 50 10 5 2 1 0.50 0.20 0.10 0.05",
        "USD": "100 50 20 10 5 2 1 0.50 0.25 0.10 0.05 0.01",
        "ZAR": "200 100 50 20 10 5 2 1 0.50 0.20 0.10",
    }.items()
}


def pieces(currency: str) -> tuple[Decimal, ...]:
    """The notes and coins to count, largest first; none where they are not known: then one sum is written."""
    return PIECES.get(currency, ())


def counted(numbers: Iterable[tuple[Decimal, int]], other: Decimal, currency: str) -> Money:
    """What so many of each note and coin, and a sum besides (rolls, older notes), come to."""
    known, amount = pieces(currency), Decimal(0)
    for piece, number in numbers:
        if piece not in known:
            raise ValueError(_("There is no note or coin of %(piece)s %(currency)s.", piece=piece, currency=currency))
        amount += piece * number
    return payable(amount + other, currency)


def payable(amount: Decimal, currency: str) -> Money:
    """An amount that notes and coins can make."""
    money = Money(amount, currency)
    if money != in_coins(money):
        raise ValueError(_("%(amount)s cannot be paid in coins.", amount=money))
    return money
