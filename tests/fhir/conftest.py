"""Small files to import, and the import itself."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from galen.fhir import FhirReport, import_fhir

SAMPLES = Path(__file__).parents[1] / "data" / "fhir"
Written = Callable[..., Path]
Import = Callable[..., Awaitable[FhirReport]]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Write a resource, or several as a bundle, into a file of this name."""

    def write(name: str, *resources: dict[str, Any]) -> Path:
        body: Any = resources[0]
        if len(resources) > 1:
            entries = [{"fullUrl": f"urn:uuid:{r['id']}", "resource": r} for r in resources]
            body = {"resourceType": "Bundle", "type": "collection", "entry": entries}
        file = tmp_path / name
        file.write_text(json.dumps(body))
        return file

    return write


@pytest.fixture
def importing(services: Any) -> Import:
    """Import into Harbour Health."""

    async def run(*paths: Path, source: str = "", **answers: Any) -> FhirReport:
        return await import_fhir(services, "north", paths, source=source, **answers)

    return run


def person(id: str = "p1", **more: Any) -> dict[str, Any]:
    name = [{"family": "Marsh", "given": ["Lena"]}]
    return {"resourceType": "Patient", "id": id, "name": name, "gender": "female", "birthDate": "1980-05-17", **more}


def about(kind: str, id: str, patient: str = "p1", **more: Any) -> dict[str, Any]:
    """A resource about somebody; enough of it to be imported."""
    subject = "patient" if kind in ("AllergyIntolerance", "Immunization") else "subject"
    enough: dict[str, Any] = {
        "AllergyIntolerance": {"code": {"text": "Penicillin"}},
        "Condition": {"code": {"text": "Asthma"}, "onsetDateTime": "2015-03"},
        "MedicationRequest": {
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": {"text": "Warfarin 5 mg tablet"},
        },
        "Immunization": {
            "status": "completed",
            "vaccineCode": {"text": "Influenza"},
            "occurrenceDateTime": "2024-04-02",
        },
        "Encounter": {
            "status": "finished",
            "period": {"start": "2024-04-02T09:00:00+10:00", "end": "2024-04-02T09:20:00+10:00"},
        },
        "Procedure": {"status": "completed", "code": {"text": "Appendicectomy"}, "performedDateTime": "2001-02-03"},
    }.get(kind, {})
    return {"resourceType": kind, "id": id, subject: {"reference": f"Patient/{patient}"}, **enough, **more}


def vital(id: str, code: str, value: float, unit: str, patient: str = "p1", **more: Any) -> dict[str, Any]:
    quantity = {"value": value, "code": unit, "system": "http://unitsofmeasure.org"}
    return about(
        "Observation",
        id,
        patient,
        status="final",
        code={"coding": [{"system": "http://loinc.org", "code": code}]},
        category=[{"coding": [{"code": "vital-signs"}]}],
        effectiveDateTime="2024-04-02T09:05:00+10:00",
        valueQuantity=quantity,
        **more,
    )
