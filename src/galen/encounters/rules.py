"""Vital signs: units, what is possible, what is normal at an age, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from galen.i18n import N_
from galen.i18n import gettext as _
from galen.safety import body_surface as body_surface  # reckoned where doses depend on them
from galen.safety import egfr as egfr
from galen.safety import kidney_stage as kidney_stage

D = Decimal


class Measure(StrEnum):
    """What is measured at a visit."""

    HEART_RATE = "heart_rate"
    BREATHING_RATE = "breathing_rate"
    SYSTOLIC = "systolic"
    DIASTOLIC = "diastolic"
    TEMPERATURE = "temperature"
    OXYGEN = "oxygen"
    WEIGHT = "weight"
    HEIGHT = "height"


class Flag(StrEnum):
    """How a measurement stands to what is normal at that age."""

    NORMAL = "normal"
    LOW = "low"
    HIGH = "high"
    CRITICAL_LOW = "critical_low"
    CRITICAL_HIGH = "critical_high"

    @property
    def critical(self) -> bool:
        """Somebody should look at once."""
        return self in {Flag.CRITICAL_LOW, Flag.CRITICAL_HIGH}


@dataclass(frozen=True, slots=True)
class Scale:
    """A measure's name, its own unit and UCUM code, its decimals, what is possible, and the other units."""

    name: str
    unit: str
    ucum: str
    places: int
    least: Decimal
    most: Decimal
    others: tuple[str, ...] = ()


# Plausible ranges: standards for typing errors at the bedside (AHA PALS, RCP NEWS2 charts).
SCALES = {
    Measure.HEART_RATE: Scale(N_("heart rate"), "/min", "/min", 0, D(20), D(300)),
    Measure.BREATHING_RATE: Scale(N_("breathing rate"), "/min", "/min", 0, D(4), D(120)),
    Measure.SYSTOLIC: Scale(N_("systolic pressure"), "mmHg", "mm[Hg]", 0, D(30), D(300), ("kPa",)),
    Measure.DIASTOLIC: Scale(N_("diastolic pressure"), "mmHg", "mm[Hg]", 0, D(10), D(200), ("kPa",)),
    Measure.TEMPERATURE: Scale(N_("temperature"), "°C", "Cel", 1, D(25), D(45), ("°F",)),
    Measure.OXYGEN: Scale(N_("oxygen saturation"), "%", "%", 0, D(40), D(100)),
    Measure.WEIGHT: Scale(N_("weight"), "kg", "kg", 3, D("0.3"), D(500), ("lb", "g")),
    Measure.HEIGHT: Scale(N_("height"), "cm", "cm", 1, D(20), D(272), ("in", "m")),
}
# One of the unit, in the measure's own: international pound and inch; 1 mmHg is 133.322387415 Pa.
_IN_OWN = {
    "lb": D("0.45359237"),
    "g": D("0.001"),
    "in": D("2.54"),
    "m": D(100),
    "kPa": D(1000) / D("133.322387415"),
}
UCUM = {"lb": "[lb_av]", "g": "g", "in": "[in_i]", "m": "m", "kPa": "kPa", "°F": "[degF]"}
UNITS_BY_UCUM = {code: unit for unit, code in UCUM.items()} | {scale.ucum: scale.unit for scale in SCALES.values()}


def into_own_unit(measure: Measure, value: Decimal, unit: str) -> Decimal:
    """The value in the measure's own unit (°C, kg, cm, mmHg), rounded to the decimals it is kept with."""
    scale = SCALES[measure]
    if unit != scale.unit and unit not in scale.others:
        units = _(" or ").join((scale.unit, *scale.others))
        raise ValueError(
            _("The %(measure)s must be in %(units)s, not %(unit)s.", measure=_(scale.name), units=units, unit=unit)
        )
    if unit == "°F":
        value = (value - 32) * 5 / 9
    elif unit != scale.unit:
        value *= _IN_OWN[unit]
    return round(value, scale.places)


def shown_in(measure: Measure, value: Decimal, unit: str, places: int = 1) -> Decimal:
    """A kept value in another unit, for people who think in pounds, inches, Fahrenheit or kilopascals."""
    if unit == SCALES[measure].unit:
        return value
    if unit not in SCALES[measure].others:
        raise ValueError(_("The %(measure)s is not shown in %(unit)s.", measure=_(SCALES[measure].name), unit=unit))
    return round(value * 9 / 5 + 32 if unit == "°F" else value / _IN_OWN[unit], places)


def implausible(measure: Measure, value: Decimal) -> str | None:
    """Why a value must be a slip of the finger; None when it is possible."""
    scale = SCALES[measure]
    if scale.least <= value <= scale.most:
        return None
    if measure is Measure.TEMPERATURE and 95 <= value <= 110:
        return _(
            "The temperature %(value)s °C is not possible. Was it %(value)s °F? Then choose °F.",
            value=value,
        )
    return _(
        "The %(measure)s %(value)s %(unit)s is not possible: it must be from %(least)s to %(most)s %(unit)s.",
        measure=_(scale.name),
        value=value,
        unit=scale.unit,
        least=scale.least,
        most=scale.most,
    )


def implausible_pair(systolic: Decimal, diastolic: Decimal) -> str | None:
    """The diastolic pressure is always below the systolic."""
    if diastolic < systolic:
        return None
    return _("The diastolic pressure must be below the systolic: they may be exchanged.")


@dataclass(frozen=True, slots=True)
class Band:
    """Resting ranges up to an age (AHA PALS and APLS, adults ACC/AHA 2017 and RCP NEWS2)."""

    name: str
    below_months: int | None
    heart_rate: tuple[int, int]
    breathing_rate: tuple[int, int]
    systolic: tuple[int, int]


NEWBORN = Band("newborn", None, (100, 205), (30, 60), (60, 84))
BANDS = (
    Band("1 to 12 months", 12, (100, 180), (30, 53), (72, 104)),
    Band("1 to 2 years", 3 * 12, (98, 140), (22, 37), (86, 106)),
    Band("3 to 5 years", 6 * 12, (80, 120), (20, 28), (89, 112)),
    Band("6 to 11 years", 12 * 12, (75, 118), (18, 25), (97, 120)),
    Band("12 to 15 years", 16 * 12, (60, 100), (12, 20), (110, 131)),
)
ADULT = Band("adult", None, (60, 100), (12, 20), (90, 120))
# Adults: the outer limits that score 3 alone in NEWS2 (RCP 2017), and the hypertensive crisis (ACC/AHA 2017).
_ADULT_CRITICAL = {
    Measure.HEART_RATE: (D(40), D(131)),
    Measure.BREATHING_RATE: (D(8), D(25)),
    Measure.SYSTOLIC: (D(90), D(181)),
}
_DIASTOLIC_NORMAL, _DIASTOLIC_CRISIS = (D(60), D(79)), D(121)
_TEMPERATURE_NORMAL, FEVER, HYPOTHERMIA, _VERY_HIGH = (D("36.1"), D("37.2")), D(38), D(35), D("40.0")
_OXYGEN_NORMAL, _OXYGEN_CRITICAL = D(95), D(91)
_NEWBORN_DAYS = 28


def band(born: date, on: date) -> Band:
    """The band of resting ranges for an age."""
    if (on - born).days < _NEWBORN_DAYS:
        return NEWBORN
    months = _months(born, on)
    return next((ages for ages in BANDS if ages.below_months is not None and months < ages.below_months), ADULT)


def normal_range(measure: Measure, born: date, on: date) -> tuple[Decimal | None, Decimal | None]:
    """The least and the most that are normal; None where there is no such limit."""
    ages = band(born, on)
    match measure:
        case Measure.HEART_RATE:
            return D(ages.heart_rate[0]), D(ages.heart_rate[1])
        case Measure.BREATHING_RATE:
            return D(ages.breathing_rate[0]), D(ages.breathing_rate[1])
        case Measure.SYSTOLIC:
            return D(ages.systolic[0]), D(ages.systolic[1])
        case Measure.DIASTOLIC if ages is ADULT:
            return _DIASTOLIC_NORMAL
        case Measure.TEMPERATURE:
            return _TEMPERATURE_NORMAL
        case Measure.OXYGEN:
            return _OXYGEN_NORMAL, None
    return None, None


def critical_limits(measure: Measure, born: date, on: date) -> tuple[Decimal | None, Decimal | None]:
    """At or beyond which somebody should look at once; None where no rule names a limit at that age."""
    ages, years = band(born, on), _months(born, on) // 12
    match measure:
        case Measure.OXYGEN:
            return _OXYGEN_CRITICAL, None
        case Measure.TEMPERATURE:
            return HYPOTHERMIA - D("0.1"), FEVER if _months(born, on) < 3 else _VERY_HIGH
        case Measure.DIASTOLIC if ages is ADULT:
            return None, _DIASTOLIC_CRISIS
        case Measure.SYSTOLIC if ages is not ADULT:
            return D(_hypotension_below(ages, years) - 1), None
    return _ADULT_CRITICAL.get(measure, (None, None)) if ages is ADULT else (None, None)


def flag(measure: Measure, value: Decimal, born: date, on: date) -> Flag:
    """Low, high or critical for the age on that day; weight and height are never flagged."""
    low, high = normal_range(measure, born, on)
    lowest, highest = critical_limits(measure, born, on)
    if lowest is not None and value <= lowest:
        return Flag.CRITICAL_LOW
    if highest is not None and value >= highest:
        return Flag.CRITICAL_HIGH
    if low is not None and value < low:
        return Flag.LOW
    return Flag.HIGH if high is not None and value > high else Flag.NORMAL


def pressure_class(systolic: Decimal, diastolic: Decimal) -> str:
    """What an adult's blood pressure is called (ACC/AHA 2017)."""
    if systolic > 180 or diastolic > 120:
        return "hypertensive crisis"
    if systolic >= 140 or diastolic >= 90:
        return "hypertension stage 2"
    if systolic >= 130 or diastolic >= 80:
        return "hypertension stage 1"
    if systolic >= 120:
        return "elevated"
    return "low" if systolic < 90 else "normal"


def mean_arterial_pressure(systolic: Decimal, diastolic: Decimal) -> Decimal:
    """mmHg: diastolic and a third of the difference."""
    return round(diastolic + (systolic - diastolic) / 3, 0)


def bmi(kg: Decimal, cm: Decimal) -> Decimal:
    """Body mass index, kg/m²."""
    return round(kg * 10_000 / (cm * cm), 1)


def bmi_class(value: Decimal) -> str:
    """What an adult's body mass index is called (WHO)."""
    classes = (("18.5", "underweight"), ("25", "healthy weight"), ("30", "overweight"), ("35", "obesity class 1"))
    top = (*classes, ("40", "obesity class 2"))
    return next((name for limit, name in top if value < D(limit)), "obesity class 3")


def _months(born: date, on: date) -> int:
    if on < born:
        raise ValueError(_("A measurement cannot be from before the date of birth."))
    return (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)


def _hypotension_below(ages: Band, years: int) -> int:
    """Systolic mmHg below which a child is hypotensive (AHA PALS)."""
    if ages is NEWBORN:
        return 60
    return 70 + 2 * years if years <= 10 else 90
