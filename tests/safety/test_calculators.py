"""Filtration, clearance, surface and weights: published examples, and what must hold for everybody."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as some

from galen.safety import calculators as c


def umol(mg_dl: str) -> D:
    return D(mg_dl) * c.PER_MG_DL


@pytest.mark.parametrize(
    ("mg_dl", "age", "female", "estimate"),
    [("1.0", 50, False, "91.7"), ("1.0", 50, True, "68.6"), ("2.0", 70, False, "35.2"), ("0.6", 30, True, "123.8")],
)
def test_filtration_of_adults(mg_dl: str, age: int, female: bool, estimate: str) -> None:
    assert c.egfr(umol(mg_dl), age, female) == D(estimate)


@pytest.mark.parametrize(
    ("age", "kg", "female", "found"), [(70, 70, False, "45.37"), (70, 60, True, "33.06"), (140, 70, False, "0")]
)
def test_clearance_of_adults(age: int, kg: int, female: bool, found: str) -> None:
    assert c.clearance(umol("1.5"), age, D(kg), female) == D(found)


@pytest.mark.parametrize(
    ("cm", "female", "kg"), [("152.4", False, "50.0"), ("152.4", True, "45.5"), ("177.8", False, "73.0")]
)
def test_ideal_weight(cm: str, female: bool, kg: str) -> None:
    assert c.ideal_weight(D(cm), female) == D(kg)


@pytest.mark.parametrize(
    ("kg", "cm", "weight"),
    [
        ("60", "177.8", "60"),  # below the ideal: as weighed
        ("80", "177.8", "73.0"),  # up to 120 %: ideal
        ("100", "177.8", "83.8"),  # above: ideal and 40 % of the rest
        ("100", None, "100"),  # height not known
    ],
)
def test_the_weight_that_clearance_is_reckoned_with(kg: str, cm: str | None, weight: str) -> None:
    assert c.dosing_weight(D(kg), D(cm) if cm else None, female=False) == D(weight)


def test_surface_and_a_childs_filtration() -> None:
    assert c.body_surface(D(70), D(170)) == D("1.82")
    assert c.child_filtration(umol("0.5"), D(120)) == D("99.1")


@pytest.mark.parametrize("estimate", [c.egfr, lambda umol, age, female: c.clearance(umol, age, D(70), female)])
def test_adults_estimates_refuse_children_and_nonsense(estimate: object) -> None:
    with pytest.raises(ValueError, match="18 years and older"):
        estimate(D(80), 17, True)  # type: ignore[operator]
    with pytest.raises(ValueError, match="above zero"):
        estimate(D(0), 18, True)  # type: ignore[operator]


@given(some.decimals(30, 900, places=0), some.integers(18, 110), some.decimals(35, 200, places=1), some.booleans())
def test_clearance_falls_with_creatinine_and_with_age(umol: D, age: int, kg: D, female: bool) -> None:
    assert c.clearance(umol + 5, age, kg, female) <= c.clearance(umol, age, kg, female)
    assert c.clearance(umol, age + 1, kg, female) <= c.clearance(umol, age, kg, female)


@given(some.decimals(30, 250, places=1), some.decimals(140, 210, places=1), some.booleans())
def test_the_dosing_weight_is_never_above_the_actual(kg: D, cm: D, female: bool) -> None:
    assert c.dosing_weight(kg, cm, female) <= kg
