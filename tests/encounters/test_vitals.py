"""Measurements: units, slips of the finger, what stands out, what follows from them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from galen import encounters
from galen.core.context import Context
from galen.core.errors import Conflict, Invalid
from galen.encounters import Kept, Visit, VisitDraft, VitalsDraft
from galen.encounters.creatinine import in_micromoles
from galen.encounters.service import chart_of, strike_vitals
from galen.patients import Patient


async def taken(ctx: Context, visit: Visit, **said: Any) -> encounters.Vitals:
    return await encounters.record_vitals(ctx, visit.id, VitalsDraft.model_validate(said))


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("temperature", "98.6 F", "37.0"),
        ("temperature", "38,5", "38.5"),
        ("temperature", "37.2°C", "37.2"),
        ("weight", "154 lb", "69.853"),
        ("weight", "69853 g", "69.853"),
        ("height", "68 in", "172.7"),
        ("height", "1.72 m", "172.0"),
        ("creatinine", "1.0 mg/dL", "88"),
        ("heart_rate", "72", "72"),
    ],
)
async def test_a_unit_behind_the_number_is_converted(
    ada: Context, visit: Visit, field: str, typed: str, kept: str
) -> None:
    vitals = await taken(ada, visit, **{field: typed})
    assert getattr(vitals, field) == Decimal(kept)


async def test_pressure_in_kilopascals_is_kept_in_mmhg(ada: Context, visit: Visit) -> None:
    vitals = await taken(ada, visit, systolic="16 kPa", diastolic="10.7 kPa")
    assert (vitals.systolic, vitals.diastolic) == (120, 80)


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({"temperature": "98.6"}, "temperature", "Was it 98.6 °F"),
        ({"heart_rate": "720"}, "heart_rate", "must be from 20 to 300"),
        ({"systolic": "80", "diastolic": "120"}, "diastolic", "must be below the systolic"),
        ({"systolic": "120"}, "diastolic", "diastolic pressure too"),
        ({"weight": "70", "weight_unit": "stone"}, "weight", "must be in kg or lb"),
        ({"creatinine": "9000"}, "creatinine", "not possible"),
        ({}, "heart_rate", "at least one"),
    ],
)
async def test_a_slip_of_the_finger_is_refused_beside_its_field(
    ada: Context, visit: Visit, said: dict[str, str], field: str, sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence) as refused:
        await taken(ada, visit, **said)
    assert refused.value.field == field


async def test_what_is_out_of_the_ordinary_is_flagged_by_age(ada: Context, visit: Visit) -> None:
    vitals = await taken(ada, visit, systolic=184, diastolic=96, heart_rate=72, oxygen=90, temperature="37.8")
    assert vitals.flags == {
        "systolic": "critical_high",
        "diastolic": "high",
        "oxygen": "critical_low",
        "temperature": "high",
    }


async def test_a_pulse_of_130_is_normal_for_an_infant(ada: Context, mara: Patient) -> None:
    infant = (await patients_called(ada, "O'Brien"))[0]
    visit = await encounters.start_visit(ada, VisitDraft(patient_id=infant.id))
    assert (await taken(ada, visit, heart_rate=130)).flags == {}


async def patients_called(ctx: Context, name: str) -> list[Patient]:
    from galen import patients

    return await patients.find_patients(ctx, name)


async def test_nothing_is_judged_by_age_when_the_date_of_birth_is_not_known(ada: Context) -> None:
    from galen import patients

    stranger = await patients.register(ada, patients.PatientDraft(family="Doe", given="Jo"))
    visit = await encounters.start_visit(ada, VisitDraft(patient_id=stranger.id))
    assert (await taken(ada, visit, heart_rate=190)).flags == {}


async def test_body_mass_index_uses_the_height_measured_before(ada: Context, visit: Visit) -> None:
    await taken(ada, visit, height=170)
    assert (await taken(ada, visit, weight=70)).bmi == Decimal("24.2")


async def test_filtration_follows_from_creatinine_age_and_sex(ada: Context, visit: Visit) -> None:
    vitals = await taken(ada, visit, creatinine="0.6 mg/dL")
    assert vitals.egfr is not None
    assert Decimal(110) < vitals.egfr < Decimal(125)


async def test_what_was_measured_never_changes_but_can_be_struck(ada: Context, visit: Visit) -> None:
    vitals = await taken(ada, visit, heart_rate=72)
    await strike_vitals(ada, vitals.id)
    assert vitals.status is Kept.ENTERED_IN_ERROR
    vitals.heart_rate = Decimal(90)
    with pytest.raises(Conflict, match="sealed"):
        await ada.flush()


async def test_trends_show_what_was_taken_twice_with_the_normal_band(ada: Context, visit: Visit) -> None:
    await taken(ada, visit, heart_rate=72, weight=70)
    ada.now += timedelta(minutes=20)
    await taken(ada, visit, heart_rate=88)
    trends = await chart_of(ada, visit.patient_id)
    ((title, pulse),) = trends.charts
    assert title == "Heart rate"
    assert pulse["series"][0]["values"] == ["72", "88"]
    assert pulse["band"] == ["60", "100"]


async def test_struck_measurements_are_not_in_the_trend(ada: Context, visit: Visit) -> None:
    first = await taken(ada, visit, heart_rate=72)
    await taken(ada, visit, heart_rate=88)
    await strike_vitals(ada, first.id)
    assert (await chart_of(ada, visit.patient_id)).charts == []


@pytest.mark.parametrize(
    ("value", "unit", "kept"), [("88.4", "µmol/L", "88"), ("1", "mg/dL", "88"), ("2.5", "mg/dL", "221")]
)
def test_creatinine_is_kept_in_micromoles(value: str, unit: str, kept: str) -> None:
    assert in_micromoles(Decimal(value), unit) == Decimal(kept)


def test_creatinine_in_another_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="µmol/L or mg/dL"):
        in_micromoles(Decimal(1), "g")
