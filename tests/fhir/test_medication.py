"""What a medicine holds: by its ingredients, any of its codes and names, before it is called unknown."""

from typing import Any

import pytest

from galen import safety
from galen.fhir.elements import Element
from galen.fhir.medication import named
from galen.fhir.rules import ReadingContext

from .conftest import Import, Written, about, person
from .test_reading_clinical import READING
from .test_taken import taken

ATC, RXNORM, PZN = (
    "http://www.whocc.no/atc",
    "http://www.nlm.nih.gov/research/umls/rxnorm",
    "http://fhir.de/CodeSystem/ifa/pzn",
)


def coding(system: str, code: str, display: str = "") -> dict[str, Any]:
    return {"system": system, "code": code, **({"display": display} if display else {})}


@pytest.mark.parametrize(
    ("concept", "holds"),
    [
        ({"text": "Paroxetin 20 mg Tabletten"}, "paroxetine"),
        ({"text": "Metoprolol succinat"}, "metoprolol"),
        ({"text": "Acetylsalicylsäure 100 mg"}, "aspirin"),
        ({"text": "Valproinsäure"}, "valproic acid"),
        ({"text": "Losartan kalium"}, "losartan"),
        ({"text": "Diclofenac-Natrium 50 mg Filmtabletten"}, "diclofenac"),
        ({"text": "Tylenol PM Pill"}, "paracetamol + diphenhydramine"),
        ({"text": "Tylenol 3"}, "paracetamol + codeine"),
        ({"text": "Beloc-Zok mite", "coding": [coding(PZN, "1"), coding(ATC, "C07AB02")]}, "metoprolol"),
        ({"coding": [coding(PZN, "1", "Marke 17"), coding(PZN, "2", "Warfarin sodium 5 mg")]}, "warfarin"),
        ({"coding": [coding(RXNORM, "11289")]}, "warfarin"),
        ({"coding": [coding(ATC, "B01AA03")]}, "warfarin"),
        ({"text": "Something", "coding": [coding(ATC, "B01")]}, ""),
        ({"text": "Something that nobody knows"}, ""),
    ],
)
def test_any_name_or_code_tells_what_it_holds(concept: Any, holds: str) -> None:
    found = named(Element({"medicationCodeableConcept": concept}), READING)
    assert " + ".join(found.ingredients) == holds


def described(**medication: Any) -> Any:
    things = {
        "Medication/m": {"resourceType": "Medication", **medication},
        "Medication/inner": {
            "resourceType": "Medication",
            "ingredient": [{"itemCodeableConcept": {"text": "Verapamil"}}],
        },
        "Substance/s": {"resourceType": "Substance", "code": {"text": "Amiodaron"}},
    }
    resolve = lambda reference: Element(things.get(reference.text("reference"), {}))  # noqa: E731
    reading = ReadingContext(READING.zone, READING.today, resolve)
    return named(Element({"medicationReference": {"reference": "Medication/m", "display": "As displayed"}}), reading)


@pytest.mark.parametrize(
    ("parts", "holds"),
    [
        ([{"itemCodeableConcept": {"text": "Metoprolol succinat"}}], "metoprolol"),
        ([{"itemCodeableConcept": {"coding": [coding(ATC, "C07AB02")]}}], "metoprolol"),
        ([{"itemReference": {"reference": "Substance/s"}}], "amiodarone"),
        ([{"itemReference": {"reference": "Medication/inner"}}], "verapamil"),
        ([{"itemReference": {"display": "Digoxin"}}], "digoxin"),
        (
            [
                {"itemCodeableConcept": {"text": "Cellulose"}, "isActive": False},
                {"itemCodeableConcept": {"text": "Digoxin"}},
            ],
            "digoxin",
        ),
        (
            [{"itemCodeableConcept": {"text": "Ramipril"}}, {"itemCodeableConcept": {"text": "Felodipin"}}],
            "ramipril + felodipine",
        ),
    ],
)
def test_ingredients_are_read_wherever_they_stand(parts: Any, holds: str) -> None:
    found = described(code={"text": "Beloc-Zok® mite 47,5 mg"}, ingredient=parts)
    assert (found.concept.text, " + ".join(found.ingredients)) == ("Beloc-Zok® mite 47,5 mg", holds)


def test_a_compounded_medicine_keeps_the_names_of_what_it_holds() -> None:
    parts = [{"itemCodeableConcept": {"text": text}} for text in ("Salicylsäure", "Vaselinum album")]
    found = described(code={"coding": [coding("http://fhir.de/CodeSystem/kbv", "rezeptur")]}, ingredient=parts)
    assert found.concept.text == "As displayed"
    assert found.ingredients == ("salicylic acid", "Vaselinum album")


def test_a_medication_that_nothing_is_told_of_has_the_words_of_its_reference() -> None:
    found = named(Element({"medicationReference": {"reference": "Medication/z", "display": "Warfarin 5 mg"}}), READING)
    assert (found.concept.text, found.ingredients) == ("Warfarin 5 mg", ("warfarin",))


@pytest.mark.parametrize("contained", [True, False])
async def test_the_brand_of_a_bundle_meets_what_is_prescribed_here(
    written: Written, system: Any, importing: Import, contained: bool
) -> None:
    brand = {
        "resourceType": "Medication",
        "id": "m",
        "code": {"text": "Beloc-Zok® mite 47,5 mg, 30 Retardtabletten N1"},
        "ingredient": [{"itemCodeableConcept": {"text": "Metoprolol succinat"}}],
    }
    order = about("MedicationRequest", "r", medicationReference={"reference": "#m" if contained else "Medication/m"})
    del order["medicationCodeableConcept"]
    more = [] if contained else [brand]
    await importing(written("a.json", person(), {**order, "contained": [brand]} if contained else order, *more))
    (medicine,) = await taken(system)
    assert medicine.ingredient == "metoprolol"
    report = await safety.check(system, medicine.patient_id, [], also=["verapamil"])
    assert report.unknown == [] and any(alert.tier.value == "interrupts" for alert in report.alerts)
