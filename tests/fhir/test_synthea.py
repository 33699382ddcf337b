"""Fifty synthetic people with everything that happened to them, against the counts in their manifest."""

import csv
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from galen.encounters import Visit, Vitals
from galen.fhir import KeptResource, import_fhir
from galen.patients import Allergy, Condition, CurrentMedicine, Immunisation, Patient

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "fhir_r4_synthea"
here = pytest.mark.skipif(not FOLDER.is_dir(), reason="the fifty Synthea bundles (shared/data) are not on this machine")
TYPES = [
    "Encounter",
    "Condition",
    "Observation",
    "MedicationRequest",
    "AllergyIntolerance",
    "Immunization",
    "Procedure",
    "Claim",
    "ExplanationOfBenefit",
    "DiagnosticReport",
    "CarePlan",
    "Organization",
    "Practitioner",
]


@here
async def test_fifty_bundles_are_read_as_the_manifest_counts_them(services: Any, system: Any) -> None:
    with (FOLDER / "manifest.csv").open() as file:
        rows = list(csv.DictReader(file))
    people = await system.db.scalar(select(func.count(Patient.id)))

    report = await import_fhir(services, "north", [FOLDER])

    counts = report.counts()
    assert not report.problems
    assert counts["Patient"] == {"read": 50, "created": 50, "updated": 0, "kept": 0, "failed": 0}
    for kind in TYPES:
        assert counts[kind]["read"] == sum(int(row[kind]) for row in rows), kind
    assert sum(c["read"] for c in counts.values()) == sum(int(row["n_entries"]) for row in rows)
    for kind, c in counts.items():
        assert c["read"] == c["created"] + c["kept"], kind
    for kind, model in (
        ("AllergyIntolerance", Allergy),
        ("Condition", Condition),
        ("MedicationRequest", CurrentMedicine),
        ("Encounter", Visit),
        ("Immunization", Immunisation),
    ):
        assert counts[kind]["created"] == sum(int(row[kind]) for row in rows), kind
        kept = select(func.count(func.distinct(KeptResource.record_id))).where(KeptResource.kind == kind)
        assert await system.db.scalar(kept.join(model, model.id == KeptResource.record_id)) == counts[kind]["created"]
    assert await system.db.scalar(select(func.count(Patient.id))) == people + 50
    assert await system.db.scalar(select(func.count(Vitals.id))) > 400
