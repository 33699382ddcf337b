"""What happens when a resource changed at its source, and perhaps here as well."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from galen import patients
from galen.core.context import Context
from galen.core.finish import finish
from galen.encounters import Kept, Visit, Vitals, strike_past_vitals
from galen.fhir import KeptResource
from galen.fhir.merging import merge
from galen.patients import Allergy, AllergyState, AllergyStatus, Condition, Identifier, Patient, PatientChange

from .conftest import Import, Written, about, person, vital

FIELDS = st.dictionaries(st.sampled_from("abc"), st.integers(0, 2), min_size=3, max_size=3)


@given(FIELDS, FIELDS, FIELDS)
def test_what_we_changed_is_never_taken_over(before: Any, now: Any, ours: Any) -> None:
    found = merge(before, now, ours)
    for name in "abc":
        if ours[name] != before[name]:
            assert name not in found.taken
        elif now[name] != before[name]:
            assert found.taken[name] == now[name]
        assert (name in found.conflicts) == (before[name] != now[name] != ours[name] != before[name])


async def only(ctx: Context, model: Any, *where: Any) -> Any:
    return (await ctx.db.scalars(select(model).where(*where).execution_options(populate_existing=True))).one()


ADDRESS = {"use": "home", "line": ["1 High St"], "city": "Curra"}


async def test_a_change_at_the_source_is_taken_over(written: Written, system: Context, importing: Import) -> None:
    await importing(written("a.json", person(address=[ADDRESS]), about("Condition", "c1")))
    report = await importing(
        written(
            "a.json",
            person(address=[{**ADDRESS, "city": "Gympie"}], deceasedDateTime="2025-01-02"),
            about("Condition", "c1", abatementDateTime="2020"),
        )
    )
    assert report.counts()["Patient"] == {"read": 1, "created": 0, "updated": 1, "kept": 0, "failed": 0}
    assert report.counts()["Condition"]["updated"] == 1
    assert not report.conflicts
    patient = await only(system, Patient, Patient.family == "Marsh")
    assert (patient.suburb, patient.street, patient.deceased_on.isoformat()) == ("Gympie", "1 High St", "2025-01-02")
    assert (await only(system, Condition, Condition.patient_id == patient.id)).until.isoformat() == "2020-12-31"
    report = await importing(written("b.json", person(), about("Condition", "c1", abatementDateTime="2020")))
    assert report.counts()["Condition"] == {"read": 1, "created": 0, "updated": 0, "kept": 0, "failed": 0}


async def test_what_was_changed_here_stays_and_is_reported(
    written: Written, system: Context, importing: Import
) -> None:
    await importing(written("a.json", person(address=[ADDRESS]), about("Condition", "c1")))
    patient = await only(system, Patient, Patient.family == "Marsh")
    await patients.change_patient(system, patient.id, PatientChange(suburb="Noosa"))
    condition = await only(system, Condition, Condition.patient_id == patient.id)
    condition.text = "Asthma, mild"
    await finish(system)

    report = await importing(
        written(
            "a.json",
            person(address=[{**ADDRESS, "city": "Gympie", "line": ["2 High St"]}]),
            about("Condition", "c1", code={"text": "Asthma, severe"}),
        )
    )
    assert [str(c) for c in report.conflicts] == [
        "a.json: Patient/p1: suburb: was changed here and at the source: ours stays",
        "a.json: Condition/c1: text: was changed here and at the source: ours stays",
    ]
    assert not report.failed
    patient = await only(system, Patient, Patient.family == "Marsh")
    assert (patient.suburb, patient.street) == ("Noosa", "2 High St")
    assert (await only(system, Condition, Condition.patient_id == patient.id)).text == "Asthma, mild"


async def test_a_complete_visit_stays_and_its_new_version_is_kept(
    written: Written, system: Context, importing: Import
) -> None:
    await importing(written("a.json", person(), about("Encounter", "e1")))
    period = {"start": "2024-04-02T10:00:00+10:00"}
    report = await importing(written("a.json", person(), about("Encounter", "e1", period=period)))
    assert [c.field for c in report.conflicts] == ["started_at", "ended_at"]
    visit = await only(system, Visit, Visit.elsewhere == "elsewhere")
    assert visit.started_at.isoformat() == "2024-04-01T23:00:00+00:00"
    assert "10:00:00" in (await only(system, KeptResource, KeptResource.kind == "Encounter")).content


async def test_a_corrected_measurement_strikes_the_set_it_stood_in(
    written: Written, system: Context, importing: Import
) -> None:
    weight, pulse = vital("w", "29463-7", 70, "kg"), vital("h", "8867-4", 72, "/min")
    await importing(written("a.json", person(), weight, pulse))
    report = await importing(written("a.json", person(), vital("w", "29463-7", 77.5, "kg"), pulse))
    assert report.counts()["Observation"] == {"read": 2, "created": 0, "updated": 1, "kept": 0, "failed": 0}
    patient = await only(system, Patient, Patient.family == "Marsh")
    old, new = await system.db.scalars(select(Vitals).where(Vitals.patient_id == patient.id).order_by(Vitals.id))
    assert (old.weight, old.heart_rate, old.status) == (70, 72, Kept.ENTERED_IN_ERROR)
    assert (new.weight, new.heart_rate, new.status) == (77.5, 72, Kept.RECORDED)
    ids = set(await system.db.scalars(select(KeptResource.record_id).where(KeptResource.kind == "Observation")))
    assert ids == {new.id}

    strike_past_vitals(system, new)
    await finish(system)
    report = await importing(written("a.json", person(), vital("w", "29463-7", 78, "kg"), pulse))
    assert "was struck here and changed at the source" in str(report.conflicts[0])


async def test_allergies_decide_whether_any_is_known(written: Written, system: Context, importing: Import) -> None:
    none = about(
        "AllergyIntolerance", "n", code={"coding": [{"system": "http://snomed.info/sct", "code": "716186003"}]}
    )
    await importing(written("a.json", person(), none))
    assert (await only(system, Patient, Patient.family == "Marsh")).allergy_state is AllergyState.NONE_KNOWN
    allergy = about("AllergyIntolerance", "a")
    await importing(written("b.json", person(), allergy))
    assert (await only(system, Patient, Patient.family == "Marsh")).allergy_state is AllergyState.KNOWN

    over = {"coding": [{"code": "resolved"}]}
    await importing(written("b.json", person(), {**allergy, "clinicalStatus": over}))
    assert (await only(system, Patient, Patient.family == "Marsh")).allergy_state is AllergyState.NOT_ASKED
    error = {"coding": [{"code": "entered-in-error"}]}
    await importing(written("b.json", person(), {**allergy, "verificationStatus": error}))
    kept = await only(system, KeptResource, KeptResource.fhir_id == "a")
    assert (await only(system, Allergy, Allergy.id == kept.record_id)).status is AllergyStatus.ENTERED_IN_ERROR
    report = await importing(written("b.json", person(), allergy))
    assert [c.field for c in report.conflicts] == ["status"]


async def test_what_no_longer_is_a_record_at_its_source_is_reported(
    written: Written, system: Context, importing: Import
) -> None:
    await importing(written("a.json", person(), about("Immunization", "i")))
    report = await importing(written("a.json", person(), about("Immunization", "i", status="not-done")))
    assert [str(c) for c in report.conflicts] == [
        "a.json: Immunization/i: status: was imported before, and now was not given (no reason stated); "
        "the record here stays"
    ]
    assert report.counts()["Immunization"] == {"read": 1, "created": 0, "updated": 0, "kept": 1, "failed": 0}


@pytest.mark.parametrize("number, warned", [("2123456701", 0), ("2123456791", 1)])
async def test_a_number_with_a_wrong_check_digit_warns_and_is_kept(
    number: str, warned: int, written: Written, system: Context, importing: Import
) -> None:
    identifier = [{"system": "http://ns.electronichealth.net.au/id/medicare-number", "value": number}]
    report = await importing(written("a.json", person(identifier=identifier)))
    assert not report.failed
    assert len(report.warnings) == warned
    assert all("check digit" in str(w) and "identifier[0].value" in str(w) for w in report.warnings)
    patient = await only(system, Patient, Patient.family == "Marsh")
    kept = (await patients.service.identifiers(system, patient.id))[0]
    assert (kept.masked, bool(kept.fault)) == (f"•••• {number[-4:]}", bool(warned))
    assert (await importing(written("b.json", person(identifier=identifier, active=True)))).counts()["Patient"][
        "updated"
    ] == 1


async def test_a_number_that_changed_at_the_source_takes_the_place_of_the_old_one(
    written: Written, system: Context, importing: Import
) -> None:
    def numbered(value: str) -> dict[str, Any]:
        return person(identifier=[{"system": "http://hl7.org/fhir/sid/us-ssn", "value": value}])

    await importing(written("a.json", numbered("212-09-9999")))
    await importing(written("a.json", numbered("212-09-8888")))
    held = await system.db.execute(select(Identifier.kind, Identifier.last))
    assert [tuple(row) for row in held] == [("ssn", "8888")]
