import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from galen.core.audit import AuditEntry
from galen.encounters import Kept, Visit, VisitStatus, Vitals
from galen.fhir import FhirImport, KeptResource
from galen.patients import (
    Allergy,
    AllergyState,
    Condition,
    Coverage,
    CurrentMedicine,
    Identifier,
    Immunisation,
    Patient,
)

from .conftest import SAMPLES, Import, Written, about, person, vital

EVERYTHING = [SAMPLES / "synthea-one.json", SAMPLES / "synthea-two.json", SAMPLES]


async def number_of(ctx: Any, model: Any, *where: Any) -> int:
    return await ctx.db.scalar(select(func.count(model.id)).where(*where)) or 0


async def patient_named(ctx: Any, family: str) -> Patient:
    found = await ctx.db.scalar(
        select(Patient).where(Patient.family == family).execution_options(populate_existing=True)
    )
    assert found
    return found


async def test_a_bundle_becomes_a_person_with_a_record(system: Any, importing: Import) -> None:
    report = await importing(SAMPLES / "synthea-two.json")
    assert not report.problems
    assert report.counts()["Patient"] == {"read": 1, "created": 1, "updated": 0, "kept": 0, "failed": 0}
    assert report.counts()["Observation"] == {"read": 7, "created": 4, "updated": 0, "kept": 3, "failed": 0}
    assert report.counts()["Procedure"] == {"read": 1, "created": 0, "updated": 0, "kept": 1, "failed": 0}

    row = await system.db.scalar(select(KeptResource).where(KeptResource.kind == "Patient"))
    patient = await system.db.scalar(select(Patient).where(Patient.id == row.record_id))
    assert patient.allergy_state is AllergyState.KNOWN
    assert len(patient.allergies) == 3
    assert patient.street and patient.suburb and patient.postcode and patient.phone
    assert patient.country == "US"
    kinds = set(await system.db.scalars(select(Identifier.kind).where(Identifier.patient_id == patient.id)))
    assert {"mrn", "ssn", "licence"} <= kinds
    mine = Vitals.patient_id == patient.id
    vitals = (await system.db.scalars(select(Vitals).where(mine))).one()
    assert vitals.systolic > vitals.diastolic and vitals.height and vitals.weight and vitals.bmi
    visit = await system.db.scalar(select(Visit).where(Visit.id == vitals.visit_id))
    assert visit.status is VisitStatus.COMPLETED
    assert visit.elsewhere.startswith("Dr.") and visit.practitioner_id is None


async def test_numbers_of_a_person_stand_in_clear_nowhere(system: Any, importing: Import) -> None:
    await importing(SAMPLES)
    contents = " ".join(await system.db.scalars(select(KeptResource.content).where(KeptResource.kind == "Patient")))
    audit = (await system.db.execute(text("SELECT string_agg(changes::text, ' ') FROM audit_entry"))).scalar()
    for number in ("8003608000311621", "49516512111"):
        assert number not in contents and number not in audit
        assert f"•••• {number[-4:]}" in contents


async def test_importing_again_changes_nothing(system: Any, importing: Import) -> None:
    await importing(SAMPLES)
    tables = (
        Patient,
        Allergy,
        Condition,
        CurrentMedicine,
        Immunisation,
        Coverage,
        Visit,
        Vitals,
        Identifier,
        KeptResource,
    )
    before = {model: await number_of(system, model) for model in tables}
    rows = await number_of(system, AuditEntry)

    report = await importing(SAMPLES)

    assert all(
        c == {"read": c["read"], "created": 0, "updated": 0, "kept": 0, "failed": 0} for c in report.counts().values()
    )
    assert report.counts()["Patient"]["read"] == 3
    assert {model: await number_of(system, model) for model in tables} == before
    last = list(await system.db.scalars(select(AuditEntry).order_by(AuditEntry.seq).offset(rows)))
    assert [(row.action, row.subject) for row in last] == [("created", "fhir import")]
    assert await number_of(system, FhirImport) == 2


async def test_every_record_and_every_kept_resource_leaves_one_audit_row(system: Any, importing: Import) -> None:
    rows = await number_of(system, AuditEntry)
    await importing(SAMPLES / "synthea-one.json")
    query = select(AuditEntry.subject, AuditEntry.subject_id, AuditEntry.changes).order_by(AuditEntry.seq).offset(rows)
    written = (await system.db.execute(query)).all()
    assert len({(w.subject, w.subject_id) for w in written}) == len(written)
    kept = [w for w in written if w.subject == "kept resource"]
    assert len(kept) == 25
    assert {w.changes["content"][1] for w in kept} == {"(not shown)"}


@pytest.mark.parametrize(
    "name, content, sentence",
    [
        ("a.json", "{not json", "a.json: this is not JSON (line 1, column 2)"),
        ("a.json", "[1, 2]", "a.json: resourceType: names no type of FHIR resource"),
        ("a.json", '{"resourceType": 7}', "a.json: resourceType: names no type of FHIR resource"),
        ("a.json", '{"resourceType": "Bundle", "entry": {}}', ""),
        ("a.json", '{"resourceType": "Bundle", "entry": "x"}', "a.json: entry: should be a list"),
        ("a.json", '{"resourceType": "Patient", "weight": NaN}', "a.json: this is not JSON"),
        ("a.json.gz", "not gzip", "a.json.gz: not readable: it is damaged or may not be read"),
        ("a.xml", "<Patient/>", "a.xml: resourceType: names no type of FHIR resource"),
        ("a.xml", "<Patient", "a.xml: this is not XML (line 1)"),
        ("a.xml", "<!DOCTYPE x><Patient/>", "a.xml: its XML declares a document type, which FHIR does not allow"),
        (
            "a.txt",
            "hello",
            "a.txt: not a FHIR file: its name should end in .json, .json.gz, .ndjson, .ndjson.gz, .xml, .xml.gz",
        ),
    ],
)
async def test_a_file_that_cannot_be_read_is_named_and_the_others_import(
    name: str, content: str, sentence: str, tmp_path: Path, written: Written, system: Any, importing: Import
) -> None:
    (tmp_path / name).write_text(content)
    report = await importing(tmp_path / name, written("good.json", person()), tmp_path / "nowhere.json")
    said = [str(problem) for problem in report.problems]
    assert said == [*([sentence] if sentence else []), "nowhere.json: not readable: there is no such file"]
    assert report.counts()["Patient"]["created"] == 1
    assert report.failed


BAD = [
    (person("p1", birthDate="1980-13-01"), "birthDate: '1980-13-01' is not a date"),
    (person("p1", birthDate="2999-01-01"), "birthDate: '2999-01-01' is in the future"),
    (person("p1", gender="f"), "gender: 'f' is not one of male, female, other, unknown"),
    (person("p1", name="Lena"), "name: should be a list"),
    (person("p1", name=[{"family": 7}]), "name[0].family: should be text"),
]


@pytest.mark.parametrize("body, sentence", BAD)
async def test_a_broken_person_is_named_with_the_field_and_keeps_nobody_else_out(
    body: Any, sentence: str, written: Written, system: Any, importing: Import
) -> None:
    bad = written("bad.json", body, about("Condition", "c1"), about("Procedure", "o1"))
    report = await importing(bad, written("good.json", person("p2"), about("Condition", "c2", "p2")))
    assert [str(p) for p in report.problems] == [
        f"bad.json: Patient/p1: {sentence}",
        "bad.json: Patient/p1: 2 resource(s) about this person were left out, as the person could not be read",
    ]
    assert report.counts()["Patient"] == {"read": 2, "created": 1, "updated": 0, "kept": 0, "failed": 1}
    assert report.counts()["Condition"] == {"read": 2, "created": 1, "updated": 0, "kept": 0, "failed": 1}
    assert report.counts()["Procedure"]["failed"] == 1


@pytest.mark.parametrize(
    "body, sentence",
    [
        ({"resourceType": "Condition", "id": "x", "code": {"text": "Asthma"}}, "Condition/x: subject: is required"),
        (about("Condition", "x", onsetDateTime="yesterday"), "Condition/x: onsetDateTime: 'yesterday' is not a date"),
        (
            about("Condition", "x", abatementDateTime="2011"),
            "Condition/x: abatementDateTime: '2011' is before the beginning",
        ),
        (
            about("Immunization", "x", status="maybe"),
            "Immunization/x: status: 'maybe' is not one of completed, entered-in-error, not-done",
        ),
        (about("Immunization", "x", vaccineCode=None), "Immunization/x: vaccineCode: is required"),
        (about("Immunization", "x", occurrenceDateTime=""), "Immunization/x: occurrence[x]: is required"),
        (
            about("MedicationRequest", "x", medicationCodeableConcept={}),
            "MedicationRequest/x: medication[x]: is required",
        ),
        (about("MedicationRequest", "x", intent=""), "MedicationRequest/x: intent: is required"),
        (
            about("Encounter", "x", period={"start": "2024-02-30"}),
            "Encounter/x: period.start: '2024-02-30' is not a date",
        ),
        (about("Encounter", "x", period="2024"), "Encounter/x: period: should be an object"),
        (vital("x", "29463-7", "heavy", "kg"), "Observation/x: valueQuantity.value: should be a number"),  # type: ignore[arg-type]
    ],
)
async def test_a_broken_resource_is_named_with_its_field_and_the_rest_of_the_bundle_imports(
    body: Any, sentence: str, written: Written, system: Any, importing: Import
) -> None:
    report = await importing(written("bundle.json", person(), body, about("Condition", "c9")))
    assert [str(p) for p in report.problems] == [f"bundle.json: {sentence}"]
    tally = report.resources[body["resourceType"]]
    assert tally.failed == 1 and tally.created == (body["resourceType"] == "Condition")
    assert report.resources["Patient"].created == 1
    assert await number_of(system, KeptResource, KeptResource.fhir_id == "x") == 0


async def test_what_the_database_refuses_leaves_nothing_of_its_file(
    written: Written, system: Any, importing: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("galen.fhir.limits.refuse_signs", lambda text, where: None)
    bad = written("bad.json", person(), about("Procedure", "o1", note=[{"text": "\u0000"}]))
    report = await importing(bad, written("good.json", person("p2")))
    assert [str(p) for p in report.problems] == [
        "bad.json: nothing of it was imported: the database refused it (22P05)"
    ]
    assert report.counts()["Patient"] == {"read": 2, "created": 1, "updated": 0, "kept": 0, "failed": 1}
    assert report.counts()["Procedure"]["failed"] == 1


async def test_single_files_find_each_other_in_any_order(written: Written, system: Any, importing: Import) -> None:
    files = [
        written("1.json", about("Condition", "c1")),
        written(
            "2.json",
            about(
                "MedicationRequest",
                "m1",
                medicationCodeableConcept=None,
                medicationReference={"reference": "Medication/d1"},
            ),
        ),
        written("3.json", about("Encounter", "e1", participant=[{"individual": {"reference": "PractitionerRole/r1"}}])),
        written(
            "4.json", {"resourceType": "Medication", "id": "d1", "code": {"text": "Digoxin 62.5 microgram tablet"}}
        ),
        written("5.json", person()),
        written(
            "6.json",
            {
                "resourceType": "Practitioner",
                "id": "dr",
                "name": [{"prefix": ["Dr"], "given": ["Ana"], "family": "Ruiz"}],
            },
        ),
        written(
            "7.json",
            {
                "resourceType": "PractitionerRole",
                "id": "r1",
                "practitioner": {"reference": "https://there/fhir/Practitioner/dr"},
            },
        ),
    ]
    report = await importing(*files)
    assert not report.problems and not report.warnings
    patient = await patient_named(system, "Marsh")
    assert await system.db.scalar(select(Condition.text).where(Condition.patient_id == patient.id)) == "Asthma"
    taken = select(CurrentMedicine.text).where(CurrentMedicine.patient_id == patient.id)
    assert await system.db.scalar(taken) == "Digoxin 62.5 microgram tablet"
    assert await system.db.scalar(select(Visit.elsewhere).where(Visit.patient_id == patient.id)) == "Dr Ana Ruiz"


async def test_lines_and_zipped_files_are_read(tmp_path: Path, system: Any, importing: Import) -> None:
    lines = [person(), about("Condition", "c1"), about("Procedure", "o1")]
    with gzip.open(tmp_path / "export.ndjson.gz", "wt") as file:
        file.write("\n".join([json.dumps(lines[1]), "", json.dumps(lines[0]), "{broken", json.dumps(lines[2])]))
    report = await importing(tmp_path)
    assert {k: (c["created"], c["kept"]) for k, c in report.counts().items()} == {
        "Patient": (1, 0),
        "Condition": (1, 0),
        "Procedure": (0, 1),
    }
    assert [str(p) for p in report.problems] == ["export.ndjson.gz: line 4: this is not JSON (line 1, column 2)"]


async def test_what_is_about_nobody_known_is_kept_and_placed_later(
    written: Written, system: Any, importing: Import
) -> None:
    alone = written("condition.json", about("Condition", "c1"))
    report = await importing(alone)
    assert report.counts()["Condition"] == {"read": 1, "created": 0, "updated": 0, "kept": 1, "failed": 0}
    assert "in none of these files and no earlier import" in str(report.warnings[0])

    report = await importing(alone, written("patient.json", person()))
    assert report.counts()["Condition"] == {"read": 1, "created": 1, "updated": 0, "kept": 0, "failed": 0}
    assert await number_of(system, KeptResource, KeptResource.kind == "Condition") == 1


async def test_a_person_is_found_by_number_where_no_id_is_given(
    written: Written, system: Any, importing: Import
) -> None:
    identifier = {"system": "http://ns.electronichealth.net.au/id/medicare-number", "value": "2123456701"}
    condition = about("Condition", "c1") | {"subject": {"identifier": identifier}}
    report = await importing(written("c.json", condition), written("p.json", person(identifier=[identifier])))
    assert report.counts()["Condition"]["created"] == 1
    patient = await patient_named(system, "Marsh")
    assert await number_of(system, Condition, Condition.patient_id == patient.id) == 1


async def test_numbers_keep_every_digit(written: Written, tmp_path: Path, system: Any, importing: Import) -> None:
    (tmp_path / "o.json").write_text(
        '{"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "x"}, '
        '"valueQuantity": {"value": 1.50}}'
    )
    report = await importing(tmp_path / "o.json")
    assert report.counts()["Observation"]["kept"] == 1
    row = select(KeptResource.content).where(KeptResource.kind == "Observation")
    assert '"value": 1.50' in (await system.db.scalars(row)).one()


async def test_two_systems_may_use_the_same_ids(written: Written, system: Any, importing: Import) -> None:
    other = person(name=[{"family": "Novak", "given": ["Ida"]}], birthDate="1999-01-02")
    await importing(written("one.json", person()))
    report = await importing(written("two.json", other))
    assert "is known here as another person" in str(report.problems[0])
    assert (await patient_named(system, "Marsh")).given == "Lena"

    report = await importing(written("two.json", other), source="other clinic")
    assert report.counts()["Patient"]["created"] == 1


async def test_a_likely_duplicate_waits_for_an_answer_and_is_named_by_its_record(
    written: Written, system: Any, importing: Import
) -> None:
    await importing(written("one.json", person()))
    known = await patient_named(system, "Marsh")
    report = await importing(written("two.json", person("p9")))
    assert report.counts()["Patient"]["created"] == 0
    assert [str(p) for p in report.problems] == [
        f"two.json: Patient/p9: looks like the person of record {known.number} (the same or a similar name, and "
        f"birth); not imported until you say who it is: --same p9={known.number}, or --apart p9 for somebody else"
    ]


async def test_a_measurement_that_no_living_person_has_is_kept_and_pointed_out(
    written: Written, system: Any, importing: Import
) -> None:
    parts = (
        person(),
        vital("w", "29463-7", 7000, "kg"),
        vital("h", "8867-4", 72, "/min"),
        vital("t", "8310-5", 98.6, "[degF]"),
    )
    report = await importing(written("v.json", *parts))
    assert report.counts()["Observation"] == {"read": 3, "created": 2, "updated": 0, "kept": 1, "failed": 0}
    assert "The weight 7000.000 kg is not possible" in str(report.warnings[0])
    patient = await patient_named(system, "Marsh")
    vitals = (await system.db.scalars(select(Vitals).where(Vitals.patient_id == patient.id))).one()
    assert (vitals.heart_rate, vitals.temperature, vitals.weight) == (72, 37, None)
    assert vitals.status is Kept.RECORDED


XML = """<Patient xmlns="http://hl7.org/fhir"><id value="x1"/>
<text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml">Nothing</div></text>
<identifier><system value="http://ns.electronichealth.net.au/id/medicare-number"/>
<value value="2123456701"/></identifier>
<active value="false"/><name><family value="Weir"/><given value="Ann"/><given value="May"/></name>
<gender value="female"/>
<birthDate value="1980-05"><extension url="http://a"><valueCode value="b"/></extension></birthDate></Patient>"""


async def test_xml_is_kept_as_its_own_text_without_the_persons_numbers(
    tmp_path: Path, system: Any, importing: Import
) -> None:
    (tmp_path / "x.xml").write_text(XML)
    report = await importing(tmp_path / "x.xml")
    assert not report.problems
    assert [w.field for w in report.warnings] == ["active"]
    patient = await patient_named(system, "Weir")
    assert (patient.given, str(patient.birth)) == ("Ann May", "1980-05")
    content = (await system.db.scalars(select(KeptResource.content).where(KeptResource.fhir_id == "x1"))).one()
    assert "2123456701" not in content and "•••• 6701" in content and "Nothing" in content
    (tmp_path / "x.xml").write_text(XML.replace("May", "Mary"))
    assert (await importing(tmp_path / "x.xml")).counts()["Patient"]["updated"] == 1
    assert (await patient_named(system, "Weir")).given == "Ann Mary"


async def test_a_person_of_whom_little_is_known_is_imported(written: Written, system: Any, importing: Import) -> None:
    report = await importing(written("p.json", {"resourceType": "Patient", "id": "x"}))
    assert [str(w) for w in report.warnings] == ["p.json: Patient/x: name: no name is stated"]
    patient = await patient_named(system, "Not stated")
    assert (patient.born, patient.allergy_state) == (None, AllergyState.NOT_ASKED)
