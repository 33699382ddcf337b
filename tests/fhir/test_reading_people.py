from datetime import date
from typing import Any

import pytest

from galen.fhir.elements import Element
from galen.fhir.people import FhirPerson, masked, read_person

from .conftest import person

TODAY = date(2026, 11, 20)
MEDICARE = "http://ns.electronichealth.net.au/id/medicare-number"


def read(**body: Any) -> FhirPerson:
    named = {} if "_name" in body else {"name": [{"family": "Marsh"}]}
    return read_person(Element({"resourceType": "Patient", "id": "p", **named, **body}), TODAY)


@pytest.mark.parametrize(
    "names, family, given, preferred",
    [
        ([{"family": "Marsh", "given": ["Lena", "Jo"]}], "Marsh", "Lena Jo", ""),
        (
            [{"use": "maiden", "family": "Old"}, {"use": "official", "family": "Marsh", "given": ["Lena"]}],
            "Marsh",
            "Lena",
            "",
        ),
        (
            [
                {"use": "usual", "given": ["Leni"], "family": "M"},
                {"use": "official", "family": "Marsh", "given": ["Lena"]},
            ],
            "Marsh",
            "Lena",
            "Leni",
        ),
        (
            [{"use": "official", "family": "Marsh", "given": ["Lena"]}, {"use": "nickname", "given": ["Lee"]}],
            "Marsh",
            "Lena",
            "Lee",
        ),
        ([{"given": ["Sukarno"]}], "Sukarno", "", ""),
        ([{"text": "Chey van Cane"}], "van Cane", "Chey", ""),
        ([{"text": "Dr Maria del Carmen Ruiz y Soto Jr."}], "Ruiz y Soto", "Maria del Carmen", ""),
        ([{"text": "Cane, Chey"}], "Cane", "Chey", ""),
        ([{"text": "Ms. Madonna"}], "Madonna", "", ""),
        ([{"family": ["Ruiz", "Soto"], "given": ["Ana"]}], "Ruiz Soto", "Ana", ""),
        ([{"given": ["Ana"], "text": "Ana Ruiz"}], "Ruiz", "Ana", ""),
        ([{"family": "Ended", "period": {"end": "2001"}}, {"family": "Marsh"}], "Marsh", "", ""),
        ([], "Not stated", "", ""),
    ],
)
def test_the_official_name_is_taken_and_the_usual_one_is_what_they_are_called(
    names: Any, family: str, given: str, preferred: str
) -> None:
    fields = read(name=names).fields
    assert (fields["family"], fields["given"], fields["preferred"]) == (family, given, preferred)


def test_no_name_is_pointed_out_with_its_reason() -> None:
    extension = {
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]
    }
    assert read(_name=extension).notes == [("name", "no name is stated (masked)")]


@pytest.mark.parametrize("born", ["1980", "1980-05", "1980-05-17"])
def test_a_birth_date_stays_as_exact_as_it_is_known(born: str) -> None:
    assert read(birthDate=born).fields["born"] == born


def test_a_mobile_number_goes_before_others_and_old_ones_are_left_out() -> None:
    telecom = [
        {"system": "phone", "use": "home", "value": "02 5550 1111"},
        {"system": "phone", "use": "mobile", "rank": 2, "value": "0491 570 156"},
        {"system": "phone", "use": "mobile", "rank": 1, "value": "0491 570 157"},
        {"system": "phone", "use": "old", "value": "0491 570 158"},
        {"system": "email", "value": "not an address"},
        {"system": "email", "value": "lena@people.example"},
    ]
    said = read(telecom=telecom)
    assert (said.fields["phone"], said.fields["email"]) == ("0491 570 157", "lena@people.example")
    assert said.notes == [("telecom[4].value", "is not an e-mail address; it stands in the kept copy only")]


def test_the_home_address_and_the_preferred_language_are_taken() -> None:
    said = read(
        address=[
            {"use": "work", "city": "Perth"},
            {"use": "home", "line": ["1 High St", "Unit 2"], "city": "Curra", "country": "Australia"},
        ],
        communication=[
            {"language": {"coding": [{"code": "en"}]}},
            {"preferred": True, "language": {"coding": [{"code": "el-GR"}]}},
        ],
    ).fields
    assert (said["street"], said["suburb"], said["country"], said["language"]) == (
        "1 High St, Unit 2",
        "Curra",
        "AU",
        "el",
    )


@pytest.mark.parametrize(
    "died, day, notes",
    [
        ({"deceasedDateTime": "2020-03-04T10:00:00+10:00"}, date(2020, 3, 4), 0),
        ({"deceasedDateTime": "2020-03"}, date(2020, 3, 1), 0),
        ({"deceasedDateTime": "2999-01-01"}, None, 1),
        ({"deceasedDateTime": "1950"}, None, 1),
        ({"deceasedBoolean": True}, None, 1),
        ({"deceasedBoolean": False}, None, 0),
    ],
)
def test_a_day_of_death_is_taken_when_it_is_one(died: Any, day: Any, notes: int) -> None:
    said = read(birthDate="1980-05-17", **died)
    assert said.deceased_on == day
    assert len(said.notes) == notes


def test_numbers_are_named_by_their_system_or_type_and_counted_where_there_are_several() -> None:
    def number(value: str, system: str = "", code: str = "") -> dict[str, Any]:
        return {"system": system, "value": value, "type": {"coding": [{"code": code}]}}

    identifiers = [
        number("2123456701", MEDICARE),
        number("A1", "http://a", "MR"),
        number("B2", "http://b", "MR"),
        number("A1", "http://a", "MR"),
        number("YA001", "http://hl7.org/fhir/sid/passport-ITA"),
        number("p", "http://own"),
        {"system": "http://empty"},
    ]
    assert [(kind, value) for kind, value, *_ in read(identifier=identifiers).numbers] == [
        ("medicare", "2123456701"),
        ("mrn", "A1"),
        ("mrn-2", "B2"),
        ("passport", "YA001"),
    ]


def test_only_the_end_of_a_persons_number_stays_in_the_kept_copy() -> None:
    identifier = [
        {"system": MEDICARE, "value": "2123456701"},
        {"type": {"coding": [{"code": "MR"}]}, "value": "A123456"},
    ]
    kept = masked(
        person(identifier=identifier, weight={"system": "http://unitsofmeasure.org", "value": "12345"}), found := []
    )
    assert [i["value"] for i in kept["identifier"]] == ["•••• 6701", "A123456"]
    assert kept["weight"]["value"] == "12345"
    assert identifier[0]["value"] == "2123456701" and found == ["2123456701"]
