"""What a person takes is on the list that checks read, whoever says so and however; what is not read is told."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from galen import safety
from galen.patients import CurrentMedicine, Patient

from .conftest import Import, Written, about, person

TYLENOL_PM = {
    "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "1187314"}],
    "text": "Tylenol PM Pill",
}
CATEGORY = "http://terminology.hl7.org/CodeSystem/medicationrequest-category"


def request(id: str = "m1", **more: Any) -> dict[str, Any]:
    return about("MedicationRequest", id, medicationCodeableConcept=TYLENOL_PM, **more)


def statement(id: str = "m1", **more: Any) -> dict[str, Any]:
    return about("MedicationStatement", id, **{"medicationCodeableConcept": TYLENOL_PM, "status": "active"} | more)


def today() -> date:
    """An import runs on the clock of this day."""
    return datetime.now(ZoneInfo("Australia/Sydney")).date()


async def taken(system: Any) -> list[CurrentMedicine]:
    query = select(CurrentMedicine).where(CurrentMedicine.until.is_(None) | (CurrentMedicine.until >= today()))
    theirs = select(Patient.id).where(Patient.family == "Marsh")
    return list(await system.db.scalars(query.where(CurrentMedicine.patient_id.in_(theirs))))


@pytest.mark.parametrize(
    "resource",
    [
        request(intent="plan", reportedBoolean=True),
        request(intent="proposal", reportedBoolean=True),
        request(intent="option", reportedReference={"reference": "Practitioner/x"}),
        request(intent="plan", requester={"reference": "Patient/p1"}),
        request(intent="plan", category=[{"coding": [{"system": CATEGORY, "code": "patientspecified"}]}]),
        request(intent="order", reportedBoolean=True),
        request(intent="plan", status="on-hold", reportedBoolean=True),
        request(intent="plan", status="unknown", reportedBoolean=True),
        statement(),
        statement(status="unknown"),
        statement(status="on-hold"),
        statement(effectivePeriod={"start": "2020-02"}),
    ],
)
async def test_what_is_reported_is_on_the_list_and_marked(
    written: Written, system: Any, importing: Import, resource: Any
) -> None:
    report = await importing(written("a.json", person(), resource))
    assert not report.problems and not report.warnings
    (medicine,) = await taken(system)
    assert (medicine.text, medicine.reported) == ("Tylenol PM Pill", True)
    assert medicine.ingredient == "paracetamol + diphenhydramine"
    found = await safety.check(system, medicine.patient_id, [], also=["warfarin"])
    assert any("paracetamol" in alert.ingredients for alert in found.alerts)


async def test_an_order_is_on_the_list_and_reported_by_nobody(written: Written, system: Any, importing: Import) -> None:
    await importing(written("a.json", person(), request(intent="order")))
    assert [medicine.reported for medicine in await taken(system)] == [False]


@pytest.mark.parametrize(
    ("resource", "says"),
    [
        (request(intent="plan"), "nobody reports it (plan)"),
        (request(intent="proposal", reportedBoolean=False), "nobody reports it (proposal)"),
        (request(status="draft"), "is a draft"),
        (request(doNotPerform=True), "is not to be taken"),
        (statement(status="not-taken"), "is not taken (not-taken)"),
        (statement(status="intended"), "is not taken (intended)"),
        (
            about("MedicationAdministration", "m1", status="not-done", medicationCodeableConcept=TYLENOL_PM),
            "was not given",
        ),
        (
            about("MedicationDispense", "m1", status="cancelled", medicationCodeableConcept=TYLENOL_PM),
            "was not handed over",
        ),
        (
            about(
                "MedicationDispense",
                "m1",
                status="completed",
                whenHandedOver="2020-01-02",
                medicationCodeableConcept=TYLENOL_PM,
            ),
            "tells of no present use",
        ),
    ],
)
async def test_what_is_not_read_is_told(
    written: Written, system: Any, importing: Import, resource: Any, says: str
) -> None:
    report = await importing(written("a.json", person(), resource))
    assert await taken(system) == []
    (remark,) = report.warnings
    assert remark.resource == f"{resource['resourceType']}/m1"
    assert says in remark.says and remark.says.endswith("kept as it came")


@pytest.mark.parametrize(
    ("days_ago", "supply", "listed"),
    [(5, 30, True), (29, 30, True), (40, 30, False), (60, None, True), (200, None, False)],
)
async def test_a_hand_over_counts_while_it_lasts(
    written: Written, system: Any, importing: Import, days_ago: int, supply: int | None, listed: bool
) -> None:
    handed = (today() - timedelta(days=days_ago)).isoformat()
    lasts = {"daysSupply": {"value": supply}} if supply else {}
    told = about(
        "MedicationDispense",
        "d1",
        status="completed",
        whenHandedOver=handed,
        medicationCodeableConcept={"text": "Amiodarone 200 mg tablet"},
        **lasts,
    )
    await importing(written("a.json", person(), told))
    assert [m.ingredient for m in await taken(system)] == (["amiodarone"] if listed else [])


async def test_a_hand_over_of_an_order_in_the_same_files_is_not_listed_twice(
    written: Written, system: Any, importing: Import
) -> None:
    told = about(
        "MedicationDispense",
        "d1",
        status="completed",
        whenHandedOver=today().isoformat(),
        medicationCodeableConcept=TYLENOL_PM,
        authorizingPrescription=[{"reference": "MedicationRequest/m1"}],
    )
    await importing(written("a.json", person(), request(intent="order"), told))
    assert len(await taken(system)) == 1


async def test_an_infusion_that_runs_and_a_dose_of_last_week_count(
    written: Written, system: Any, importing: Import
) -> None:
    def given(id: str, name: str, days: int, **more: Any) -> dict[str, Any]:
        at = f"{(today() - timedelta(days=days)).isoformat()}T09:00:00+10:00"
        drug = {"text": name}
        return about("MedicationAdministration", id, medicationCodeableConcept=drug, effectiveDateTime=at, **more)

    await importing(
        written(
            "a.json",
            person(),
            given("a1", "Heparin infusion", 1, status="in-progress"),
            given("a2", "Haloperidol decanoate injection", 7, status="completed"),
            given("a3", "Gentamicin injection", 90, status="completed"),
        )
    )
    found = {medicine.ingredient: medicine.until for medicine in await taken(system)}
    assert found == {"heparin": None, "haloperidol": today() + timedelta(days=23)}
