"""Days that cannot be: the fact comes in, the day is not known, and the report says so."""

from typing import Any

import pytest
from sqlalchemy import select

from galen import safety
from galen.encounters import Visit, Vitals
from galen.patients import Allergy, Condition, CurrentMedicine, Immunisation, Patient

from .conftest import Import, Written, about, person, vital

ODD = ["0001-01-01", "1066", "1879-12-31", "2999-01-01", "1979-05"]


async def only(system: Any, model: Any) -> Any:
    return (await system.db.scalars(select(model).order_by(model.id.desc()))).first()


@pytest.mark.parametrize("day", ODD)
async def test_the_fact_stays_and_the_day_is_not_known(
    written: Written, system: Any, importing: Import, day: str
) -> None:
    report = await importing(
        written(
            "a.json",
            person(),
            about("AllergyIntolerance", "a", onsetDateTime=day),
            about("Condition", "c", onsetDateTime=day),
            about("MedicationRequest", "m", authoredOn=day),
            about("Immunization", "i", occurrenceDateTime=day),
        )
    )
    assert not report.problems
    assert [remark.resource for remark in report.warnings] == [
        "AllergyIntolerance/a", "Condition/c", "MedicationRequest/m", "Immunization/i",
    ]  # fmt: skip
    assert all("taken as not known" in remark.says for remark in report.warnings)
    allergy, medicine = await only(system, Allergy), await only(system, CurrentMedicine)
    assert allergy.noted_on is medicine.since is (await only(system, Condition)).since is None
    assert (await only(system, Immunisation)).given_on is None
    found = await safety.check(system, allergy.patient_id, [], also=["amoxicillin", "aspirin"])
    assert not found.failed and {"allergy", "interaction"} <= {alert.kind.value for alert in found.alerts}


async def test_a_year_that_holds_the_birth_begins_with_it(written: Written, system: Any, importing: Import) -> None:
    report = await importing(written("a.json", person(), about("AllergyIntolerance", "a", onsetDateTime="1980")))
    assert not report.warnings
    assert str((await only(system, Allergy)).noted_on) == "1980-05-17"


async def test_what_was_found_before_birth_is_found(written: Written, system: Any, importing: Import) -> None:
    report = await importing(written("a.json", person(), about("Condition", "c", onsetDateTime="1980-02-01")))
    assert not report.warnings and str((await only(system, Condition)).since) == "1980-02-01"


@pytest.mark.parametrize("born", ["0001-01-01", "1753-01-01", "1879"])
async def test_a_birth_before_1880_is_not_known(written: Written, system: Any, importing: Import, born: str) -> None:
    report = await importing(written("a.json", person(birthDate=born, deceasedDateTime="2020-01-02")))
    assert [remark.field for remark in report.warnings] == ["birthDate"]
    patient = (await system.db.scalars(select(Patient).where(Patient.family == "Marsh"))).one()
    assert (patient.born, str(patient.deceased_on)) == (None, "2020-01-02")


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "1975-01-01T09:00:00+10:00", "2999-01-01T09:00:00+10:00"])
async def test_no_visit_or_measurement_outside_of_a_life(
    written: Written, system: Any, importing: Import, at: str
) -> None:
    measured = {**vital("v", "29463-7", 70, "kg"), "effectiveDateTime": at}
    visit = about("Encounter", "e", period={"start": at})
    report = await importing(written("a.json", person(), measured, visit))
    assert {remark.resource for remark in report.warnings} == {"Observation/v", "Encounter/e"}
    patient = (await system.db.scalars(select(Patient).where(Patient.family == "Marsh"))).one()
    for model in (Vitals, Visit):
        assert (await system.db.scalars(select(model).where(model.patient_id == patient.id))).all() == []
