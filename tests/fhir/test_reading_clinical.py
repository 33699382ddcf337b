from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from galen.fhir.clinical import read_allergy, read_condition, read_coverage, read_immunisation
from galen.fhir.elements import Element, Unreadable
from galen.fhir.medication import directions, read_request, read_statement
from galen.fhir.rules import Keep, ReadingContext
from galen.fhir.visits import read_encounter, read_vitals
from galen.patients import AllergyStatus

from .conftest import about, vital

READING = ReadingContext(ZoneInfo("Australia/Sydney"), date(2026, 11, 20), lambda _: Element())
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"


def coded(code: str, system: str = "http://snomed.info/sct", text: str = "") -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}], **({"text": text} if text else {})}


def said(reader: Any, body: dict[str, Any]) -> Any:
    return reader(Element(body), READING)


@pytest.mark.parametrize(
    "clinical, verification, status",
    [
        ("active", "confirmed", AllergyStatus.ACTIVE),
        ("active", "unconfirmed", AllergyStatus.ACTIVE),
        ("", "", AllergyStatus.ACTIVE),
        ("inactive", "", AllergyStatus.RESOLVED),
        ("resolved", "confirmed", AllergyStatus.RESOLVED),
        ("active", "refuted", AllergyStatus.RESOLVED),
        ("", "entered-in-error", AllergyStatus.ENTERED_IN_ERROR),
    ],
)
def test_an_allergy_counts_unless_it_is_over_refuted_or_an_error(
    clinical: str, verification: str, status: AllergyStatus
) -> None:
    body = about("AllergyIntolerance", "a", clinicalStatus=coded(clinical), verificationStatus=coded(verification))
    assert said(read_allergy, body)["status"] is status


def test_an_allergy_brings_its_reactions_and_the_worst_severity() -> None:
    reactions = [
        {"severity": "mild", "manifestation": [{"text": "Hives"}]},
        {
            "severity": "severe",
            "manifestation": [{"text": "Wheeze"}, {"coding": [{"code": "1", "display": "Collapse"}]}],
        },
    ]
    body = about("AllergyIntolerance", "a", category=["food"], reaction=reactions, recordedDate="2020-01-02")
    fields = said(read_allergy, body)
    assert fields["reaction"] == "Hives, Wheeze, Collapse"
    assert (fields["severity"], fields["kind"], fields["noted_on"]) == ("severe", "food", date(2020, 1, 2))


@pytest.mark.parametrize(
    "code, reaction, substance",
    [
        (coded("masked", ABSENT), [], "Substance not stated (masked)"),
        (coded("unknown", ABSENT), [{"substance": {"text": "Egg"}}], "Egg"),
        (None, [], "Substance not stated (no reason given)"),
        (coded("764146007"), [], "code 764146007"),
    ],
)
def test_an_allergy_without_a_substance_says_so(code: Any, reaction: Any, substance: str) -> None:
    assert said(read_allergy, about("AllergyIntolerance", "a", code=code, reaction=reaction))["substance"] == substance


@pytest.mark.parametrize("code, all", [("716186003", True), ("429625007", False)])
def test_no_known_allergy_is_no_allergy(code: str, all: bool) -> None:
    with pytest.raises(Keep) as kept:
        said(read_allergy, about("AllergyIntolerance", "a", code=coded(code, text="None")))
    assert kept.value.none_known is all
    assert kept.value.review is not all


@pytest.mark.parametrize(
    "more, since, until",
    [
        ({"onsetDateTime": "2015-03"}, date(2015, 3, 1), None),
        ({"onsetDateTime": "2015", "abatementDateTime": "2016"}, date(2015, 1, 1), date(2016, 12, 31)),
        ({"onsetDateTime": "2014", "abatementDateTime": "2014-03"}, date(2014, 1, 1), date(2014, 3, 31)),
        (
            {"onsetDateTime": "", "onsetPeriod": {"start": "2015-01-02", "end": "2015-02-03"}},
            date(2015, 1, 2),
            date(2015, 2, 3),
        ),
        ({"clinicalStatus": coded("resolved"), "recordedDate": "2018-05-06"}, date(2015, 3, 1), date(2018, 5, 6)),
        ({"clinicalStatus": coded("resolved"), "onsetDateTime": ""}, None, date(2026, 11, 20)),
    ],
)
def test_a_condition_lasts_from_the_first_possible_day_to_the_last(more: Any, since: Any, until: Any) -> None:
    fields = said(read_condition, about("Condition", "c", **more))
    assert (fields["since"], fields["until"]) == (since, until)


def test_a_masked_condition_says_that_it_is_masked() -> None:
    assert (
        said(read_condition, about("Condition", "c", code=coded("masked", ABSENT)))["text"]
        == "Condition not stated (masked)"
    )
    with pytest.raises(Keep):
        said(read_condition, about("Condition", "c", verificationStatus=coded("refuted")))


@pytest.mark.parametrize(
    "status, until, why",
    [
        ("active", None, ""),
        ("on-hold", None, ""),
        ("stopped", date(2024, 3, 1), "Stopped (the day is not known)"),
        ("completed", date(2024, 3, 1), "Completed (the day is not known)"),
    ],
)
def test_a_medicine_that_was_stopped_is_no_longer_taken(status: str, until: Any, why: str) -> None:
    fields = said(read_request, about("MedicationRequest", "m", status=status, authoredOn="2024-03-01T09:00:00Z"))
    assert (fields["since"], fields["until"], fields["reason_stopped"]) == (date(2024, 3, 1), until, why)


def test_an_order_that_ends_on_a_known_day_ends_there() -> None:
    supply = {"validityPeriod": {"end": "2024-05-01"}}
    fields = said(
        read_request,
        about("MedicationRequest", "m", status="completed", authoredOn="2024-03-01", dispenseRequest=supply),
    )
    assert (fields["until"], fields["reason_stopped"]) == (date(2024, 5, 1), "Completed")


@pytest.mark.parametrize("more", [{"intent": "plan"}, {"status": "draft"}, {"doNotPerform": True}])
def test_what_nobody_ordered_is_not_taken(more: Any) -> None:
    with pytest.raises(Keep):
        said(read_request, about("MedicationRequest", "m", **more))


def test_a_statement_tells_what_is_taken_and_what_is_not() -> None:
    body = about("MedicationStatement", "m", status="active", medicationCodeableConcept={"text": "Warfarin"})
    body["effectivePeriod"] = {"start": "2020"}
    assert said(read_statement, body)["since"] == date(2020, 1, 1)
    ended = {
        "status": "stopped",
        "effectivePeriod": {"start": "2020", "end": "2021-02"},
        "statusReason": [{"text": "Bleeding"}],
    }
    over = said(read_statement, {**body, **ended})
    assert (over["until"], over["reason_stopped"]) == (date(2021, 2, 28), "Bleeding")
    over = said(read_statement, {**body, "status": "completed"})
    assert (over["until"], over["reason_stopped"]) == (date(2020, 12, 31), "Completed (the day is not known)")
    with pytest.raises(Keep):
        said(read_statement, {**body, "status": "not-taken"})


@pytest.mark.parametrize(
    "dosage, words",
    [
        ({"text": "1 tablet daily", "timing": {"repeat": {"frequency": 9}}}, "1 tablet daily"),
        (
            {
                "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [{"doseQuantity": {"value": 2}}],
            },
            "dose 2, 1 × a day",
        ),
        (
            {"timing": {"repeat": {"frequency": 1, "period": 6, "periodUnit": "h"}}, "asNeededBoolean": True},
            "1 × every 6 hours, as needed",
        ),
        ({"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk"}}}, "1 × a week"),
        ({}, ""),
    ],
)
def test_directions_are_the_words_or_the_dose_and_how_often(dosage: Any, words: str) -> None:
    assert directions(Element(dosage)) == words


def test_a_vaccine_that_was_not_given_is_no_immunisation() -> None:
    with pytest.raises(Keep, match="was not given"):
        said(read_immunisation, about("Immunization", "i", status="not-done"))
    absent = {
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
    }
    body = about("Immunization", "i", occurrenceDateTime=None, _occurrenceDateTime=absent, lotNumber="FLU1")
    body.pop("occurrenceDateTime")
    fields = said(read_immunisation, body)
    assert (fields["given_on"], fields["batch"], fields["vaccine"]) == (None, "FLU1", "Influenza")


def test_a_coverage_names_payer_member_and_plan() -> None:
    body = {
        "resourceType": "Coverage",
        "status": "active",
        "subscriberId": "M-77",
        "payor": [{"display": "Harbour Mutual"}],
        "order": 2,
        "class": [{"type": coded("plan"), "value": "G", "name": "Gold"}, {"type": coded("group"), "value": "STAFF"}],
        "period": {"start": "2024-01-01"},
    }
    fields = said(read_coverage, body)
    assert (
        fields["payer"],
        fields["member"],
        fields["plan"],
        fields["group"],
        fields["priority"],
        fields["ended"],
    ) == (
        "Harbour Mutual",
        "M-77",
        "Gold",
        "STAFF",
        2,
        False,
    )
    with pytest.raises(Keep):
        said(read_coverage, {**body, "subscriberId": ""})
    with pytest.raises(Unreadable, match="is before the beginning"):
        said(read_coverage, {**body, "period": {"start": "2024-01-01", "end": "2023"}})


@pytest.mark.parametrize("status", ["planned", "in-progress", "entered-in-error", "unknown"])
def test_only_an_encounter_that_took_place_is_a_visit(status: str) -> None:
    with pytest.raises(Keep):
        said(read_encounter, about("Encounter", "e", status=status, period={"start": "2024-04-02"}))


def test_an_encounter_says_when_why_and_with_whom() -> None:
    body = about(
        "Encounter",
        "e",
        reasonCode=[{"text": "Cough"}],
        participant=[{"individual": {"display": "Dr Ruiz"}}],
        serviceProvider={"display": "Bay Clinic"},
    )
    fields = said(read_encounter, body)
    assert fields["started_at"].isoformat() == "2024-04-02T09:00:00+10:00"
    assert (fields["reason"], fields["elsewhere"]) == ("Cough", "Dr Ruiz, Bay Clinic")
    with pytest.raises(Keep, match="does not say when it began"):
        said(read_encounter, about("Encounter", "e", period={"end": "2024"}))


def test_the_components_of_a_blood_pressure_are_read_and_an_absent_one_is_left_out() -> None:
    def part(code: str, value: int | None) -> dict[str, Any]:
        coding = {"coding": [{"system": "http://loinc.org", "code": code}]}
        return {"code": coding, **({"valueQuantity": {"value": value, "code": "mm[Hg]"}} if value else {})}

    body = vital("o", "85354-9", 0, "mm[Hg]")
    body.pop("valueQuantity")
    assert said(read_vitals, {**body, "component": [part("8480-6", 128), part("8462-4", 82)]}).values == {
        "systolic": 128,
        "diastolic": 82,
    }
    assert said(read_vitals, {**body, "component": [part("8480-6", 128), part("8462-4", None)]}).values == {
        "systolic": 128
    }
    for parts in ([part("8480-6", None)], [part("8480-6", 80), part("8462-4", 120)]):
        with pytest.raises(Keep):
            said(read_vitals, {**body, "component": parts})


@pytest.mark.parametrize(
    "more",
    [
        {"status": "cancelled"},
        {"category": [{"coding": [{"code": "laboratory"}]}]},
        {"code": coded("1")},
        {"effectiveDateTime": ""},
    ],
)
def test_an_observation_that_is_no_vital_sign_is_kept(more: Any) -> None:
    body = {**vital("o", "8867-4", 70, "/min"), **more}
    with pytest.raises(Keep):
        said(read_vitals, body)
