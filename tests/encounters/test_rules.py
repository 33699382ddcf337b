from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galen.encounters.rules import (
    SCALES,
    UNITS_BY_UCUM,
    Flag,
    Measure,
    band,
    bmi,
    bmi_class,
    body_surface,
    critical_limits,
    egfr,
    flag,
    implausible,
    implausible_pair,
    into_own_unit,
    kidney_stage,
    mean_arterial_pressure,
    normal_range,
    pressure_class,
    shown_in,
)

D = Decimal
TODAY = date(2026, 11, 20)


def born(age: str) -> date:
    number, unit = int(age[:-1]), age[-1]
    if unit == "d":
        return TODAY - timedelta(days=number)
    months = TODAY.year * 12 + TODAY.month - 1 - (number if unit == "m" else 12 * number)
    return date(months // 12, months % 12 + 1, TODAY.day)


@pytest.mark.parametrize(
    "measure, value, unit, own",
    [
        ("temperature", "98.6", "°F", "37.0"),
        ("temperature", "32", "°F", "0.0"),
        ("temperature", "37", "°C", "37.0"),
        ("weight", "150", "lb", "68.039"),
        ("weight", "3450", "g", "3.450"),
        ("weight", "70.25", "kg", "70.250"),
        ("height", "70", "in", "177.8"),
        ("height", "1.78", "m", "178.0"),
        ("systolic", "16", "kPa", "120"),
        ("diastolic", "10.7", "kPa", "80"),
    ],
)
def test_a_measurement_is_kept_in_its_own_unit(measure: str, value: str, unit: str, own: str) -> None:
    kept = into_own_unit(Measure(measure), D(value), unit)
    assert str(kept) == own


def test_a_unit_of_another_measure_is_refused() -> None:
    with pytest.raises(ValueError, match=r"The weight must be in kg or lb or g, not cm\."):
        into_own_unit(Measure.WEIGHT, D(70), "cm")
    with pytest.raises(ValueError, match="The height is not shown in kPa"):
        shown_in(Measure.HEIGHT, D(170), "kPa")


def test_every_unit_has_its_ucum_code() -> None:
    assert UNITS_BY_UCUM["Cel"] == "°C" and UNITS_BY_UCUM["[lb_av]"] == "lb"
    assert {unit for scale in SCALES.values() for unit in (scale.unit, *scale.others)} == set(UNITS_BY_UCUM.values())


@given(st.sampled_from(sorted(Measure)), st.data())
def test_units_go_there_and_back(measure: Measure, data: st.DataObject) -> None:
    scale = SCALES[measure]
    kept = data.draw(st.decimals(scale.least, scale.most, places=scale.places))
    for unit in (scale.unit, *scale.others):
        assert into_own_unit(measure, shown_in(measure, kept, unit, places=8), unit) == kept


@pytest.mark.parametrize(
    "measure, value, sentence",
    [
        ("heart_rate", "20", None),
        ("heart_rate", "300", None),
        ("heart_rate", "19", "The heart rate 19 /min is not possible: it must be from 20 to 300 /min."),
        ("temperature", "98.6", "The temperature 98.6 °C is not possible. Was it 98.6 °F? Then choose °F."),
        ("temperature", "45.1", "The temperature 45.1 °C is not possible: it must be from 25 to 45 °C."),
        ("oxygen", "101", "The oxygen saturation 101 % is not possible: it must be from 40 to 100 %."),
        ("weight", "0.299", "The weight 0.299 kg is not possible: it must be from 0.3 to 500 kg."),
        ("height", "272.1", "The height 272.1 cm is not possible: it must be from 20 to 272 cm."),
    ],
)
def test_a_slip_of_the_finger_is_told_apart_from_illness(measure: str, value: str, sentence: str | None) -> None:
    assert implausible(Measure(measure), D(value)) == sentence


def test_diastolic_stays_below_systolic() -> None:
    assert implausible_pair(D(120), D(80)) is None
    assert (
        implausible_pair(D(80), D(120)) == "The diastolic pressure must be below the systolic: they may be exchanged."
    )
    assert implausible_pair(D(80), D(80)) is not None


@pytest.mark.parametrize(
    "age, name",
    [
        ("0d", "newborn"),
        ("27d", "newborn"),
        ("28d", "1 to 12 months"),
        ("11m", "1 to 12 months"),
        ("12m", "1 to 2 years"),
        ("35m", "1 to 2 years"),
        ("3y", "3 to 5 years"),
        ("6y", "6 to 11 years"),
        ("12y", "12 to 15 years"),
        ("15y", "12 to 15 years"),
        ("16y", "adult"),
        ("80y", "adult"),
    ],
)
def test_every_age_has_its_band(age: str, name: str) -> None:
    assert band(born(age), TODAY).name == name


@pytest.mark.parametrize(
    "measure, value, age, expected",
    [
        ("heart_rate", "60", "40y", "normal"),
        ("heart_rate", "100", "40y", "normal"),
        ("heart_rate", "59", "40y", "low"),
        ("heart_rate", "101", "40y", "high"),
        ("heart_rate", "40", "40y", "critical_low"),
        ("heart_rate", "131", "40y", "critical_high"),
        ("heart_rate", "150", "6m", "normal"),
        ("heart_rate", "206", "3d", "high"),
        ("heart_rate", "119", "6y", "high"),
        ("breathing_rate", "8", "40y", "critical_low"),
        ("breathing_rate", "9", "40y", "low"),
        ("breathing_rate", "25", "40y", "critical_high"),
        ("breathing_rate", "45", "6m", "normal"),
        ("systolic", "120", "40y", "normal"),
        ("systolic", "121", "40y", "high"),
        ("systolic", "90", "40y", "critical_low"),
        ("systolic", "91", "40y", "normal"),
        ("systolic", "180", "40y", "high"),
        ("systolic", "181", "40y", "critical_high"),
        ("systolic", "59", "3d", "critical_low"),
        ("systolic", "60", "3d", "normal"),
        ("systolic", "69", "6m", "critical_low"),
        ("systolic", "70", "6m", "low"),
        ("systolic", "75", "3y", "critical_low"),
        ("systolic", "76", "3y", "low"),
        ("systolic", "89", "10y", "critical_low"),
        ("systolic", "90", "10y", "low"),
        ("systolic", "89", "14y", "critical_low"),
        ("diastolic", "79", "40y", "normal"),
        ("diastolic", "80", "40y", "high"),
        ("diastolic", "59", "40y", "low"),
        ("diastolic", "121", "40y", "critical_high"),
        ("diastolic", "40", "3y", "normal"),
        ("temperature", "37.2", "40y", "normal"),
        ("temperature", "38.0", "40y", "high"),
        ("temperature", "38.0", "2m", "critical_high"),
        ("temperature", "38.0", "3m", "high"),
        ("temperature", "40.0", "40y", "critical_high"),
        ("temperature", "35.0", "40y", "low"),
        ("temperature", "34.9", "40y", "critical_low"),
        ("oxygen", "95", "40y", "normal"),
        ("oxygen", "94", "40y", "low"),
        ("oxygen", "91", "40y", "critical_low"),
        ("oxygen", "100", "40y", "normal"),
        ("weight", "300", "40y", "normal"),
        ("height", "80", "40y", "normal"),
    ],
)
def test_a_measurement_is_flagged_for_the_age(measure: str, value: str, age: str, expected: str) -> None:
    assert flag(Measure(measure), D(value), born(age), TODAY) == expected


def test_only_critical_flags_call_for_somebody_at_once() -> None:
    assert [flag for flag in Flag if flag.critical] == [Flag.CRITICAL_LOW, Flag.CRITICAL_HIGH]


def test_nothing_is_measured_before_birth() -> None:
    with pytest.raises(ValueError, match="before the date of birth"):
        flag(Measure.OXYGEN, D(98), TODAY + timedelta(days=1), TODAY)


ORDER = [Flag.CRITICAL_LOW, Flag.LOW, Flag.NORMAL, Flag.HIGH, Flag.CRITICAL_HIGH]
births = st.dates(date(1920, 1, 1), TODAY)


@given(st.sampled_from(sorted(Measure)), st.lists(st.decimals(0, 400, places=1), min_size=2), births)
def test_more_is_never_flagged_lower(measure: Measure, values: list[Decimal], birth: date) -> None:
    ranks = [ORDER.index(flag(measure, value, birth, TODAY)) for value in sorted(values)]
    assert ranks == sorted(ranks)


@given(st.sampled_from(sorted(Measure)), births)
def test_critical_begins_where_normal_has_ended(measure: Measure, birth: date) -> None:
    (low, high), (lowest, highest) = normal_range(measure, birth, TODAY), critical_limits(measure, birth, TODAY)
    assert lowest is None or (low is not None and lowest <= low)
    assert highest is None or (high is not None and highest > high)


@pytest.mark.parametrize(
    "systolic, diastolic, name",
    [
        (119, 79, "normal"),
        (89, 60, "low"),
        (120, 79, "elevated"),
        (130, 79, "hypertension stage 1"),
        (119, 80, "hypertension stage 1"),
        (140, 79, "hypertension stage 2"),
        (119, 90, "hypertension stage 2"),
        (180, 120, "hypertension stage 2"),
        (181, 90, "hypertensive crisis"),
        (150, 121, "hypertensive crisis"),
    ],
)
def test_blood_pressure_has_a_name(systolic: int, diastolic: int, name: str) -> None:
    assert pressure_class(D(systolic), D(diastolic)) == name


@pytest.mark.parametrize(
    "kg, cm, index, name, surface",
    [
        ("70", "175", "22.9", "healthy weight", "1.84"),
        ("50", "175", "16.3", "underweight", "1.56"),
        ("80", "175", "26.1", "overweight", "1.97"),
        ("100", "175", "32.7", "obesity class 1", "2.20"),
        ("115", "175", "37.6", "obesity class 2", "2.36"),
        ("140", "175", "45.7", "obesity class 3", "2.61"),
    ],
)
def test_weight_and_height_make_index_and_surface(kg: str, cm: str, index: str, name: str, surface: str) -> None:
    assert (bmi(D(kg), D(cm)), bmi_class(bmi(D(kg), D(cm)))) == (D(index), name)
    assert body_surface(D(kg), D(cm)) == D(surface)


def test_mean_pressure_is_a_third_of_the_way_up() -> None:
    assert mean_arterial_pressure(D(120), D(80)) == 93


@pytest.mark.parametrize(
    "mg_dl, age, female, estimate, stage",
    [
        ("1.0", 50, False, "91.7", "G1"),
        ("1.0", 50, True, "68.6", "G2"),
        ("2.0", 70, False, "35.2", "G3b"),
        ("0.6", 30, True, "123.8", "G1"),
        ("0.6", 30, False, "133.2", "G1"),
    ],
)
def test_filtration_agrees_with_published_values(mg_dl: str, age: int, female: bool, estimate: str, stage: str) -> None:
    found = egfr(D(mg_dl) * D("88.4"), age, female)
    assert (found, kidney_stage(found)) == (D(estimate), stage)


@pytest.mark.parametrize("estimate, stage", [(90, "G1"), (59, "G3a"), (45, "G3a"), (44, "G3b"), (15, "G4"), (14, "G5")])
def test_filtration_has_a_stage(estimate: int, stage: str) -> None:
    assert kidney_stage(D(estimate)) == stage


def test_filtration_is_not_estimated_for_children_or_from_nothing() -> None:
    with pytest.raises(ValueError, match="18 years and older"):
        egfr(D(80), 17, True)
    with pytest.raises(ValueError, match="above zero"):
        egfr(D(0), 18, True)


@given(st.decimals(20, 900, places=0), st.integers(18, 100), st.booleans())
def test_more_creatinine_or_more_years_mean_less_filtration(creatinine: Decimal, age: int, female: bool) -> None:
    assert egfr(creatinine + 5, age, female) <= egfr(creatinine, age, female)
    assert egfr(creatinine, age + 1, female) <= egfr(creatinine, age, female)
