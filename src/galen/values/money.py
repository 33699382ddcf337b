"""An exact amount of one currency: never a float, never a fraction of its smallest unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from math import lcm

# ISO 4217: the codes in use, and those whose smallest unit is not a hundredth.
_CODES = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
    CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ
    GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP
    LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR
    PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC
    SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER
    ZAR ZMW ZWG
"""
_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
CURRENCIES = frozenset(_CODES.split())
DECIMALS = dict.fromkeys(_WHOLE.split(), 0) | dict.fromkeys(_THOUSANDTHS.split(), 3)
LARGEST = Decimal(10) ** 15
_UNIT = {places: Decimal(1).scaleb(-places) for places in (0, 2, 3)}


def unit(currency: str) -> Decimal:
    """The smallest amount of a currency: 0.01 for AUD, 1 for JPY, 0.001 for KWD (ISO 4217)."""
    if currency not in CURRENCIES:
        raise ValueError(f"{currency!r} is not a currency code: use three capital letters such as AUD.")
    return _UNIT[DECIMALS.get(currency, 2)]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole smallest units of one currency; two currencies never meet."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.amount, (float, str, bool)) or not isinstance(self.amount, (Decimal, int)):
            raise TypeError(f"An amount of money is a Decimal, not {type(self.amount).__name__}.")
        amount, step = Decimal(self.amount), unit(self.currency)
        if not amount.is_finite() or abs(amount) >= LARGEST:
            raise ValueError(f"{amount} is not an amount of money: it must be below {LARGEST:,f}.")
        exact = amount.quantize(step)
        if exact != amount:
            raise ValueError(f"{amount} {self.currency} is finer than the smallest unit, {step} {self.currency}.")
        object.__setattr__(self, "amount", exact + 0)  # adding nothing turns -0.00 into 0.00

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Nothing, of one currency."""
        return cls(Decimal(0), currency)

    @classmethod
    def rounded(cls, amount: Decimal, currency: str, rounding: str = ROUND_HALF_UP) -> Money:
        """The nearest whole amount; half a unit goes away from zero unless another rounding is named."""
        with localcontext(prec=60):
            return cls(amount.quantize(unit(currency), rounding), currency)

    @classmethod
    def from_minor(cls, units: int, currency: str) -> Money:
        """From whole smallest units: 1230 of AUD is 12.30."""
        return cls(units * unit(currency), currency)

    @property
    def minor(self) -> int:
        """Whole smallest units: 12.30 AUD is 1230."""
        return int(self.amount / unit(self.currency))

    def times(self, factor: Decimal | int, rounding: str = ROUND_HALF_UP) -> Money:
        """A multiple or a share, rounded to the smallest unit."""
        with localcontext(prec=60):
            return Money.rounded(self.amount * factor, self.currency, rounding)

    def allocate(self, weights: Sequence[Decimal | int]) -> list[Money]:
        """Divide by weight so that the parts sum to the whole: largest remainder first, then the earlier part."""
        if any(weight < 0 for weight in weights) or not any(weights):
            raise ValueError("Money is divided by weights of zero or more, and at least one of them above zero.")
        whole, sign = abs(self.minor), -1 if self.amount < 0 else 1
        numbers = [weight.as_integer_ratio() for weight in weights]
        common = lcm(*(below for _, below in numbers))
        shares = [above * (common // below) for above, below in numbers]
        total = sum(shares)
        parts = [whole * share // total for share in shares]
        neediest = sorted(range(len(parts)), key=lambda at: (-(whole * shares[at] % total), at))
        for at in neediest[: whole - sum(parts)]:
            parts[at] += 1
        return [Money.from_minor(sign * part, self.currency) for part in parts]

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.amount), self.currency)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def _same(self, other: Money) -> Decimal:
        if not isinstance(other, Money):
            raise TypeError(f"Money meets only money, not {type(other).__name__}.")
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be mixed: convert one of them first.")
        return other.amount


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of any number of amounts, none included."""
    return sum(amounts, Money.zero(currency))
