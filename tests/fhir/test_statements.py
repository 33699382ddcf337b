"""“No known …” in every coding and wording: recorded as said where the record has a place for it, and never a fact."""

from typing import Any

import pytest
from sqlalchemy import select

from galen.patients import Allergy, AllergyState, Condition, CurrentMedicine, Immunisation, Patient

from .conftest import Import, Written, about, person

SNOMED, IPS = "http://snomed.info/sct", "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
ABSENT, NULL = (
    "http://terminology.hl7.org/CodeSystem/data-absent-reason",
    "http://terminology.hl7.org/CodeSystem/v3-NullFlavor",
)
TABLES = {
    "AllergyIntolerance": (Allergy, "code"),
    "Condition": (Condition, "code"),
    "MedicationStatement": (CurrentMedicine, "medicationCodeableConcept"),
    "MedicationRequest": (CurrentMedicine, "medicationCodeableConcept"),
    "Immunization": (Immunisation, "vaccineCode"),
}


def coded(system: str, code: str, display: str = "") -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, **({"display": display} if display else {})}]}


def told(kind: str, concept: dict[str, Any]) -> dict[str, Any]:
    more = {"status": "unknown"} if kind == "MedicationStatement" else {}
    return about(kind, "x", **{TABLES[kind][1]: concept}, **more)


async def facts(system: Any, kind: str) -> list[Any]:
    model = TABLES[kind][0]
    theirs = select(Patient.id).where(Patient.family == "Marsh")
    return list(await system.db.scalars(select(model).where(model.patient_id.in_(theirs))))


async def state(system: Any) -> AllergyState:
    return await system.db.scalar(select(Patient.allergy_state).where(Patient.family == "Marsh"))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "concept",
    [
        coded(SNOMED, "716186003", "No known allergy"),
        coded(SNOMED, "160244002"),
        coded(SNOMED, "409137002", "No known drug allergy"),
        coded(IPS, "no-known-allergies", "No known allergies"),
        coded(IPS, "no-known-medication-allergies"),
        coded("http://local.example", "17", "NKDA"),
        {"text": "NKDA"},
        {"text": "Nil known"},
        {"text": "No Known Allergies (NKA)"},
    ],
)
async def test_no_known_allergies_are_recorded_as_asked(
    written: Written, system: Any, importing: Import, concept: Any
) -> None:
    report = await importing(written("a.json", person(), told("AllergyIntolerance", concept)))
    assert await facts(system, "AllergyIntolerance") == [] and not report.problems
    assert await state(system) is AllergyState.NONE_KNOWN


@pytest.mark.parametrize(
    "concept",
    [
        coded(SNOMED, "429625007", "No known food allergy"),
        coded(IPS, "no-known-food-allergies"),
        coded(IPS, "no-allergy-info", "No information about allergies"),
        coded(ABSENT, "asked-unknown"),
        coded(NULL, "UNK"),
        {"text": "unknown"},
        {"text": "No known food allergies"},
    ],
)
async def test_what_says_nothing_of_medicines_leaves_the_question_open(
    written: Written, system: Any, importing: Import, concept: Any
) -> None:
    report = await importing(written("a.json", person(), told("AllergyIntolerance", concept)))
    assert await facts(system, "AllergyIntolerance") == []
    assert await state(system) is AllergyState.NOT_ASKED
    assert [remark.resource for remark in report.warnings] == ["AllergyIntolerance/x"]


@pytest.mark.parametrize(
    ("kind", "concept"),
    [
        ("MedicationStatement", coded(IPS, "no-known-medication", "No known medications")),
        ("MedicationStatement", coded(IPS, "no-known-medications")),
        ("MedicationStatement", coded(IPS, "no-medication-info")),
        ("MedicationStatement", coded(SNOMED, "787481004")),
        ("MedicationStatement", {"text": "Patient takes no regular medications"}),
        ("MedicationStatement", coded(ABSENT, "unknown")),
        ("MedicationRequest", {"text": "Nil"}),
        ("Condition", coded(SNOMED, "160245001", "No current problems or disability")),
        ("Condition", coded(IPS, "no-known-problems")),
        ("Condition", {"text": "No significant past medical history"}),
        ("Condition", coded(NULL, "NI")),
        ("Immunization", coded(IPS, "no-known-immunizations")),
        ("Immunization", coded(IPS, "no-immunization-info")),
        ("Immunization", {"text": "No known immunisations"}),
        ("Immunization", coded(ABSENT, "not-asked")),
    ],
)
async def test_none_is_no_entry_in_any_list_and_the_report_tells(
    written: Written, system: Any, importing: Import, kind: str, concept: Any
) -> None:
    report = await importing(written("a.json", person(), told(kind, concept)))
    assert await facts(system, kind) == [] and not report.problems
    assert [remark.resource for remark in report.warnings] == [f"{kind}/x"]


async def test_an_empty_list_of_allergies_says_so_too(written: Written, system: Any, importing: Import) -> None:
    section = {"code": coded("http://loinc.org", "48765-2"), "emptyReason": {"coding": [{"code": "nilknown"}]}}
    await importing(written("a.json", person(), about("Composition", "c", status="final", section=[section])))
    assert await state(system) is AllergyState.NONE_KNOWN


@pytest.mark.parametrize(
    "status",
    [
        {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}},
        {"clinicalStatus": {"coding": [{"code": "resolved"}]}},
    ],
)
async def test_a_statement_that_no_longer_holds_says_nothing(
    written: Written, system: Any, importing: Import, status: Any
) -> None:
    report = await importing(
        written("a.json", person(), about("AllergyIntolerance", "x", code={"text": "NKA"}, **status))
    )
    assert await facts(system, "AllergyIntolerance") == [] and await state(system) is AllergyState.NOT_ASKED
    assert "no longer holds" in str(report.warnings[0])


async def test_a_refuted_allergy_to_nothing_in_particular_says_so_too(
    written: Written, system: Any, importing: Import
) -> None:
    refuted = about(
        "AllergyIntolerance",
        "x",
        code=coded(SNOMED, "419199007", "Allergy to substance"),
        verificationStatus={"coding": [{"code": "refuted"}]},
    )
    await importing(written("a.json", person(), refuted))
    assert await facts(system, "AllergyIntolerance") == []
    assert await state(system) is AllergyState.NONE_KNOWN


async def test_a_statement_beside_an_allergy_does_not_take_it_away(
    written: Written, system: Any, importing: Import
) -> None:
    none = about("AllergyIntolerance", "y", code={"text": "NKDA"})
    await importing(written("a.json", person(), told("AllergyIntolerance", {"text": "Penicillin"}), none))
    assert [a.substance for a in await facts(system, "AllergyIntolerance")] == ["Penicillin"]
    assert await state(system) is AllergyState.KNOWN


@pytest.mark.parametrize(
    "more",
    [
        {"code": coded(ABSENT, "masked")},
        {"code": coded(ABSENT, "unknown"), "reaction": [{"manifestation": [{"text": "Anaphylaxis"}]}]},
    ],
)
async def test_an_allergy_whose_substance_is_hidden_is_an_allergy(
    written: Written, system: Any, importing: Import, more: Any
) -> None:
    await importing(written("a.json", person(), about("AllergyIntolerance", "x", **more)))
    (allergy,) = await facts(system, "AllergyIntolerance")
    assert allergy.substance.startswith("Substance not stated")
    assert await state(system) is AllergyState.KNOWN
