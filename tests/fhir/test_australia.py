"""Australian test people and their records."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from galen.fhir import KeptResource
from galen.patients import Allergy, Condition, CurrentMedicine, Identifier, Patient

from .conftest import SAMPLES, Import

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "fhir_au"
here = pytest.mark.skipif(not FOLDER.is_dir(), reason="the Australian test data (shared/data) are not on this machine")


async def test_an_australian_patient_comes_with_numbers_allergies_and_medicines(system: Any, importing: Import) -> None:
    report = await importing(*sorted(SAMPLES.glob("au-*.json")))
    assert not report.problems
    patient = (await system.db.scalars(select(Patient).where(Patient.family == "HOWE"))).one()
    assert (patient.given, str(patient.birth), patient.phone, patient.phone_e164) == (
        "Deangelo",
        "1975-06-21",
        "0491570156",
        "+61491570156",
    )
    assert (patient.suburb, patient.state, patient.postcode, patient.language) == ("Curra", "QLD", "4570", "el")
    numbers = await system.db.scalars(
        select(Identifier).where(Identifier.patient_id == patient.id).order_by(Identifier.kind)
    )
    assert [(n.kind, n.masked, n.fault) for n in numbers] == [("ihi", "•••• 1621", ""), ("medicare", "•••• 2111", "")]
    allergy = (await system.db.scalars(select(Allergy).where(Allergy.patient_id == patient.id))).one()
    assert (allergy.substance, allergy.reaction) == ("Penicillin", "Hives")
    medicine = (await system.db.scalars(select(CurrentMedicine).where(CurrentMedicine.patient_id == patient.id))).one()
    assert "perindopril" in medicine.text and medicine.directions == "1 tablet daily"
    assert (await system.db.scalars(select(Condition).where(Condition.patient_id == patient.id))).all() == []
    assert any("does not say which condition (unknown)" in str(warning) for warning in report.warnings)
    kept = (await system.db.scalars(select(KeptResource).where(KeptResource.kind == "Patient"))).one()
    assert "indigenous-status" in kept.content and "pronouns" in kept.content


@here
async def test_the_australian_set_is_read_whole_and_only_once(system: Any, importing: Import) -> None:
    files = sorted(FOLDER.glob("*.json"))
    report = await importing(*files)
    counts = report.counts()
    assert not report.problems
    assert all(c["read"] == c["created"] + c["kept"] + c["updated"] for c in counts.values())
    joined = [warning for warning in report.warnings if "was joined to it" in warning.says]
    assert counts["Patient"]["updated"] == len(joined) == 1  # one person is in a file of her own and in a bundle
    assert counts["Patient"]["read"] >= len(list(FOLDER.glob("Patient-*.json")))
    for kind in ("AllergyIntolerance", "Condition", "Encounter", "Immunization", "MedicationRequest", "Observation"):
        assert counts[kind]["created"] > 0, kind
    assert any("does not say whom it is about (masked)" in str(w) for w in report.warnings)
    again = await importing(*files)
    assert all(c["created"] == c["updated"] == c["kept"] == c["failed"] == 0 for c in again.counts().values())


@here
async def test_xml_is_read_like_json(system: Any, importing: Import) -> None:
    report = await importing(FOLDER / "base", apart=["all"])  # one number stands in several examples
    counts = report.counts()
    assert not report.problems
    for kind in ("Patient", "AllergyIntolerance", "Condition", "Immunization", "Coverage"):
        assert counts[kind]["created"] > 0, kind
    assert all(c["read"] == c["created"] + c["kept"] + c["updated"] for c in counts.values())
    again = await importing(FOLDER / "base", apart=["all"])
    assert all(c["created"] == c["updated"] == c["kept"] == c["failed"] == 0 for c in again.counts().values())


@here
async def test_every_kind_of_r4_example_is_read(system: Any, importing: Import) -> None:
    report = await importing(FOLDER.parent / "fhir_r4_examples")
    assert not report.problems
    row = select(KeptResource.content).where(KeptResource.kind == "Observation", KeptResource.fhir_id == "decimal")
    assert '"value": 1.0' in (await system.db.scalars(row)).one()
