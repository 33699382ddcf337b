"""How people are reached and who stands by them: in the record's own fields, and nothing invented."""

from typing import Any

import pytest
from sqlalchemy import select

from galen import patients
from galen.fhir.elements import Element
from galen.fhir.people import read_person
from galen.patients import Patient, PatientChange
from galen.patients.schemas import PatientEdit
from galen.patients.service import edit_form, edit_patient

from .conftest import Import, Written, person
from .test_reading_people import TODAY

DAUGHTER = {
    "relationship": [{"text": "Emergency contact"}, {"text": "Daughter"}],
    "name": {"family": "Farwell", "given": ["June"], "prefix": ["Ms"]},
    "telecom": [
        {"system": "phone", "value": "tel:+44-7700-900123", "use": "mobile"},
        {"system": "email", "value": "mailto:june@people.example"},
    ],
    "address": {"line": ["1 Test Crescent"], "city": "Stockton-on-Tees", "postalCode": "TS18 3ZZ", "country": "GBR"},
}


def fields(**body: Any) -> dict[str, Any]:
    return read_person(Element(person(**body)), TODAY).fields


async def test_a_contact_person_stands_on_the_record(
    written: Written, system: Any, importing: Import, client: Any
) -> None:
    over = {"name": {"text": "Old Friend"}, "period": {"end": "2001"}}
    await importing(written("a.json", person(contact=[DAUGHTER, over, {"organization": {"display": "Home Care Ltd"}}])))
    patient = (await system.db.scalars(select(Patient).where(Patient.family == "Marsh"))).one()
    assert patient.contact_persons == [
        {
            "name": "Ms June Farwell",
            "relationship": "Emergency contact, Daughter",
            "phone": "+44-7700-900123",
            "email": "june@people.example",
            "address": "1 Test Crescent, Stockton-on-Tees TS18 3ZZ, GB",
        },
        {"name": "Home Care Ltd", "relationship": "", "phone": "", "email": "", "address": ""},
    ]
    ruth = await client("ruth")
    answer = (await ruth.get(f"/api/v1/patients/{patient.id}")).json()
    assert answer["contact_persons"][0]["name"] == "Ms June Farwell" and answer["contact"] == {}


async def test_a_form_shows_and_changes_them_and_keeps_what_it_was_given(ruth: Any, mara: Any) -> None:
    given = [{"name": "June", "relationship": "daughter", "phone": "0412 345 678", "email": "", "address": ""}]
    await patients.change_patient(ruth, mara.id, PatientChange(contact_persons=given))
    form = await edit_form(ruth, mara.id)
    assert form.contact_person(0)["name"] == "June" and form.contact_person(1)["name"] == ""
    whole = PatientEdit(family=mara.family, given=mara.given, born=str(mara.birth), contact_persons=[*given, {}])
    assert (await edit_patient(ruth, mara.id, whole)).contact_persons == given


@pytest.mark.parametrize(
    ("country", "kept"),
    [
        ("", ""),
        ("AU", "AU"),
        ("aus", "AU"),
        ("GBR", "GB"),
        ("England", "GB"),
        ("United Kingdom", "GB"),
        ("Deutschland", "DE"),
        ("Germany", "DE"),
        ("United States", "US"),
        ("Freedonia", "Freedonia"),
    ],
)
async def test_a_country_is_what_was_stated(
    written: Written, system: Any, importing: Import, country: str, kept: str
) -> None:
    address = {"line": ["1 Test Crescent"], "city": "Town", **({"country": country} if country else {})}
    await importing(written("a.json", person(address=[address])))
    assert await system.db.scalar(select(Patient.country).where(Patient.family == "Marsh")) == kept


def test_every_number_and_address_is_kept_with_its_use() -> None:
    said = fields(
        telecom=[
            {"system": "phone", "use": "home", "value": "tel:+61-2-5550-1111;ext=12"},
            {"system": "phone", "use": "mobile", "value": "sms:+61491570156"},
            {"system": "email", "value": "mailto:lena%40people.example"},
            {"system": "email", "use": "work", "value": "lena@work.example"},
            {"system": "fax", "value": "02 5550 1112"},
            {"value": "0491 570 157"},
            {"system": "phone", "use": "old", "value": "02 5550 9999"},
        ]
    )
    assert (said["phone"], said["email"]) == ("+61491570156", "lena@people.example")
    assert [(t["system"], t["value"], t["use"]) for t in said["telecoms"]] == [
        ("phone", "+61-2-5550-1111 ext. 12", "home"),
        ("fax", "02 5550 1112", ""),
        ("phone", "0491 570 157", ""),
        ("email", "lena@work.example", "work"),
    ]


@pytest.mark.parametrize(
    ("extension", "gender", "sex", "told"),
    [
        ([], "female", "female", ""),
        (
            [{"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex", "valueCode": "F"}],
            "male",
            "female",
            "male",
        ),
        (
            [{"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-sex", "valueCode": "248153007"}],
            "other",
            "male",
            "other",
        ),
        (
            [
                {
                    "url": "http://hl7.org/fhir/StructureDefinition/individual-genderIdentity",
                    "extension": [{"url": "value", "valueCodeableConcept": {"text": "Non-binary"}}],
                }
            ],
            "female",
            "female",
            "Non-binary",
        ),
        (
            [{"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex", "valueCode": "UNK"}],
            "female",
            "female",
            "",
        ),
    ],
)
def test_sex_and_gender_are_two_things(extension: Any, gender: str, sex: str, told: str) -> None:
    said = fields(gender=gender, extension=extension)
    assert (said["sex"], said["gender"]) == (sex, told)


def test_titles_and_what_stands_behind_a_name_have_their_own_fields() -> None:
    parts = fields(name=[{"family": "Marsh", "given": ["Lena"], "prefix": ["Prof", "Dr"], "suffix": ["AM"]}])
    words = fields(name=[{"text": "Dr. Lena van der Marsh III"}])
    assert [parts[name] for name in ("prefix", "given", "family", "suffix")] == ["Prof Dr", "Lena", "Marsh", "AM"]
    assert [words[name] for name in ("prefix", "given", "family", "suffix")] == ["Dr.", "Lena", "van der Marsh", "III"]
