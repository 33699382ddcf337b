"""One person is one record, in however many documents they come: recognised, joined, or asked about; never doubled."""

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from galen import patients, safety
from galen.core.services import Services
from galen.fhir import FhirReport, import_fhir, ingest
from galen.patients import Allergy, CurrentMedicine, Identifier, Patient, PatientDraft

from .conftest import Import, Written, about, person

KVNR, FUND = "http://fhir.de/sid/gkv/kvid-10", "http://fund.example/member"


def number(value: str = "X110400001", system: str = KVNR) -> dict[str, Any]:
    return {"identifier": [{"system": system, "value": value}]}


def medicine(id: str, name: str, patient: str) -> dict[str, Any]:
    return about("MedicationRequest", id, patient, medicationCodeableConcept={"text": name})


async def people(system: Any, family: str = "Marsh") -> list[Patient]:
    theirs = select(Patient).where(Patient.family == family).order_by(Patient.id)
    return list(await system.db.scalars(theirs.execution_options(populate_existing=True)))


async def test_documents_with_one_number_are_one_person_and_their_medicines_meet(
    written: Written, system: Any, importing: Import
) -> None:
    first = written("1.json", person("a", **number()), medicine("m1", "Tamoxifen 20 mg Tabletten", "a"))
    second = written("2.json", person("b", **number()), medicine("m2", "Paroxetin 20 mg Tabletten", "b"))
    report = await importing(first, second)
    assert not report.problems
    (patient,) = await people(system)
    assert [str(w) for w in report.warnings] == [
        f"2.json: Patient/b: is the person of record {patient.number}, and was joined to it"
    ]
    found = await safety.check(system, patient.id, [])
    assert any({"tamoxifen", "paroxetine"} <= set(alert.ingredients) for alert in found.alerts)
    assert report.counts()["Patient"] == {"read": 2, "created": 1, "updated": 1, "kept": 0, "failed": 0}
    again = await importing(first, second)
    assert all(c["created"] == c["updated"] == c["failed"] == 0 for c in again.counts().values())


async def test_fifteen_documents_over_several_imports_are_one_record(
    written: Written, system: Any, importing: Import
) -> None:
    for n in range(15):
        written_down = written(f"{n}.json", person(f"p{n}", **number()), about("AllergyIntolerance", f"a{n}", f"p{n}"))
        report = await importing(written_down, source="" if n % 2 else "other")
        assert not report.problems
    (patient,) = await people(system)
    assert await system.db.scalar(select(func.count(Allergy.id)).where(Allergy.patient_id == patient.id)) == 1
    kinds = await system.db.scalars(select(Identifier.kind).where(Identifier.patient_id == patient.id))
    assert list(kinds) == ["other"]


async def test_one_bundle_may_hold_a_person_twice(written: Written, system: Any, importing: Import) -> None:
    report = await importing(
        written("a.json", person("a", **number()), person("b", **number()), medicine("m", "Warfarin", "b"))
    )
    assert not report.problems and len(await people(system)) == 1
    assert await system.db.scalar(select(func.count(CurrentMedicine.id))) == 1


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (person("b"), "the same or a similar name, and birth"),
        (person("b", name=[{"family": "Marsch", "given": ["Lena"]}]), "the same or a similar name, and birth"),
        (person("b", name=[{"family": "Marsh-Bell", "given": ["Lena"]}], **number()), "the same number"),
        (person("b", birthDate="1981-05-17", **number()), "the same number"),
    ],
)
async def test_who_only_looks_like_somebody_is_a_question(
    written: Written, system: Any, importing: Import, other: Any, why: str
) -> None:
    await importing(written("a.json", person("a", **number())))
    (known,) = await people(system)
    report = await importing(written("b.json", other, medicine("m", "Warfarin", "b")))
    assert f"looks like the person of record {known.number} ({why})" in str(report.problems[0])
    assert f"--same b={known.number}" in str(report.problems[0])
    assert report.counts()["Patient"]["failed"] == 1 and report.counts()["MedicationRequest"]["failed"] == 1
    everybody = await system.db.scalar(select(func.count(Patient.id)).where(Patient.family.like("Mars%")))
    assert everybody == 1


async def test_the_answer_is_given_once_and_remembered(written: Written, system: Any, services: Any) -> None:
    async def run(*paths: Path, **answers: Any) -> FhirReport:
        return await import_fhir(services, "north", paths, **answers)

    first, second = written("a.json", person("a")), written("b.json", person("b"), medicine("m", "Warfarin", "b"))
    third = written("c.json", person("c"), medicine("n", "Digoxin", "c"))
    await run(first)
    (known,) = await people(system)
    report = await run(second, same={"b": known.number})
    assert not report.problems and len(await people(system)) == 1
    report = await run(third, apart=["c"])
    assert not report.problems and len(await people(system)) == 2
    taken = select(CurrentMedicine.text).where(CurrentMedicine.patient_id == known.id)
    assert list(await system.db.scalars(taken)) == ["Warfarin"]
    again = await run(first, second, third)
    assert not again.problems and len(await people(system)) == 2
    report = await run(written("d.json", person("d")), same={"d": "P999999"})
    assert "there is no such record" in str(report.problems[0])
    report = await run(written("e.json", person("e", name=[{"family": "Marsh", "given": ["Lina"]}])), apart=["all"])
    assert not report.problems and len(await people(system)) == 3


async def test_an_answer_for_all_joins_who_looks_like_one(written: Written, system: Any, services: Any) -> None:
    await import_fhir(services, "north", [written("a.json", person("a"))])
    report = await import_fhir(services, "north", [written("b.json", person("b"))], same={"all": ""})
    assert not report.problems and len(await people(system)) == 1


async def test_a_number_of_another_issuer_is_another_number(written: Written, system: Any, importing: Import) -> None:
    other = person("b", name=[{"family": "Novak", "given": ["Ida"]}], birthDate="1999-01-02", **number(system=FUND))
    report = await importing(written("a.json", person("a", **number())), written("b.json", other))
    assert not report.problems and report.counts()["Patient"]["created"] == 2


async def test_a_number_of_zeros_is_nobodys(written: Written, system: Any, importing: Import) -> None:
    other = person("b", name=[{"family": "Novak", "given": ["Ida"]}], birthDate="1999-01-02", **number("000-000"))
    report = await importing(written("a.json", person("a", **number("000-000"))), written("b.json", other))
    assert not report.problems and report.counts()["Patient"]["created"] == 2


async def test_a_family_shares_its_card(written: Written, system: Any, importing: Import) -> None:
    card = number("2123456701", "http://ns.electronichealth.net.au/id/medicare-number")
    child = person("b", name=[{"family": "Marsh", "given": ["Otto"]}], birthDate="2019-02-03", **card)
    report = await importing(written("a.json", person("a", **card)), written("b.json", child))
    assert not report.problems and len(await people(system)) == 2


async def test_somebody_registered_at_the_desk_is_recognised(written: Written, system: Any, importing: Import) -> None:
    known = await patients.register(
        system, PatientDraft(family="Marsh", given="Lena", born="1980-05-17", ihi="8003608166690503", suburb="Curra")
    )
    ihi = number("8003 6081 6669 0503", "http://ns.electronichealth.net.au/id/hi/ihi/1.0")
    elsewhere = {"city": "Gympie", "line": ["2 High St"]}
    report = await importing(
        written("a.json", person("a", address=[elsewhere], telecom=[{"system": "phone", "value": "0491570156"}], **ihi))
    )
    (patient,) = await people(system)
    assert (patient.id, patient.suburb, patient.street, patient.phone) == (known.id, "Curra", "2 High St", "0491570156")
    assert [remark.field for remark in report.conflicts] == ["suburb"]


def file_of(folder: Path, name: str, id: str) -> Path:
    bundle = [person(id, **number()), medicine(f"m-{id}", "Warfarin", id)]
    path = folder / name
    path.write_text(json.dumps({"resourceType": "Bundle", "entry": [{"resource": resource} for resource in bundle]}))
    return path


async def raced(services: Services, folder: Path) -> list[UUID]:
    """Eight imports of one person at once, each under an id of its own; who is there afterwards."""
    paths = [file_of(folder, f"{n}.json", f"p{n}") for n in range(8)]
    reports = await asyncio.gather(*(import_fhir(services, "north", [path]) for path in paths))
    assert not [problem for report in reports for problem in report.problems]
    async with services.as_system("north", "test") as ctx:
        return list(await ctx.db.scalars(select(Patient.id).where(Patient.family == "Marsh")))


@pytest.mark.race
async def test_two_imports_at_once_make_one_record(committed: Services, tmp_path: Path) -> None:
    assert len(await raced(committed, tmp_path)) == 1


@pytest.mark.race
async def test_without_waiting_for_each_other_they_make_several(
    committed: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "ALONE", "SELECT pg_sleep(0.5)")
    assert len(await raced(committed, tmp_path)) > 1
    async with committed.as_system("north", "test") as ctx:
        await ctx.db.execute(text("SELECT 1"))
