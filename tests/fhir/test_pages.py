from typing import Any

from sqlalchemy import select

from galen.core.audit import AuditEntry
from galen.fhir import KeptResource
from galen.patients import Patient

from .conftest import SAMPLES, Import


async def imported(system: Any, importing: Import) -> Patient:
    await importing(SAMPLES / "synthea-two.json")
    row = (await system.db.scalars(select(KeptResource).where(KeptResource.kind == "Patient"))).one()
    return (await system.db.scalars(select(Patient).where(Patient.id == row.record_id))).one()


async def test_what_came_stands_on_the_timeline_and_the_chart(system: Any, importing: Import, client: Any) -> None:
    patient = await imported(system, importing)
    ada = await client("ada", page=True)
    chart = await ada.get(f"/patients/{patient.id}")
    assert chart.status_code == 200
    for words in (
        "Allergy: ",
        "Immunised: ",
        "Visit with Dr.",
        "From other systems",
        f"/patients/{patient.id}/imported-resources/Procedure",
    ):
        assert words in chart.text, words
    for allergy in patient.allergies:
        assert allergy.substance.replace("'", "&#39;") in chart.text


async def test_a_kept_resource_can_be_read_and_each_reading_is_audited(
    system: Any, importing: Import, client: Any
) -> None:
    patient = await imported(system, importing)
    ada = await client("ada", page=True)
    listed = await ada.get(f"/patients/{patient.id}/imported-resources/Procedure")
    assert listed.status_code == 200 and "1 of type Procedure" in listed.text
    kept = (await system.db.scalars(select(KeptResource).where(KeptResource.kind == "Procedure"))).one()
    shown = await ada.get(f"/imported-resources/{kept.id}")
    assert shown.status_code == 200
    assert '"resourceType": "Procedure"' in shown.text and "synthea-two.json" in shown.text
    opened = select(AuditEntry.actor_name).where(AuditEntry.subject_id == kept.id, AuditEntry.action == "opened")
    assert list(await system.db.scalars(opened)) == ["Dr Ada Okafor"]
    view = (await (await client("ada")).get(f"/api/v1/patients/{patient.id}/imported-resources")).json()
    assert {row["kind"]: row["number"] for row in view}["Procedure"] == 1
    assert "Condition" not in {row["kind"] for row in view}


async def test_only_those_who_may_read_the_record_see_what_is_kept(system: Any, importing: Import, client: Any) -> None:
    patient = await imported(system, importing)
    kept = (await system.db.scalars(select(KeptResource).where(KeptResource.kind == "Procedure"))).one()
    for username, status in (("ada", 200), ("nora", 200), ("ben", 200), ("ruth", 403), ("max", 403), ("iris", 403)):
        person = await client(username)
        for path in (
            f"/patients/{patient.id}/imported-resources",
            f"/patients/{patient.id}/imported-resources/Procedure",
            f"/imported-resources/{kept.id}",
        ):
            assert (await person.get(f"/api/v1{path}")).status_code == status, (username, path)
    ruth = await client("ruth", page=True)
    assert "From other systems" not in (await ruth.get(f"/patients/{patient.id}")).text


async def test_a_person_of_whom_nothing_is_kept_has_no_such_panel(mara: Any, client: Any) -> None:
    ada = await client("ada", page=True)
    assert "From other systems" not in (await ada.get(f"/patients/{mara.id}")).text
    assert (await ada.get(f"/patients/{mara.id}/imported-resources")).status_code == 404
