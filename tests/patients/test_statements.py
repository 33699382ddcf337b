"""That there is none is a statement and no fact: as people type it, however they word it."""

import pytest
from sqlalchemy import func, select

from galen import patients
from galen.core.errors import Invalid
from galen.patients import (
    Allergy,
    AllergyDraft,
    Condition,
    ConditionDraft,
    CurrentMedicine,
    CurrentMedicineDraft,
    Immunisation,
    ImmunisationDraft,
    of_medicines_only,
    of_some_only,
    says_none,
    says_unknown,
)

NONE = """
    NKDA|N.K.D.A.|nka|Nil known|nil|None known|none|No known drug allergies|no known allergy (situation)
    No known medications|no current medicines|Denies any allergies|patient denies allergies|No known problems|N/A
    nil/NKDA|NKDA / NKFA|No known immunizations|never vaccinated|Not on any medication|not on any regular medicines
    nil regular meds|No medical history|keine Allergien bekannt|Sin alergias conocidas|Aucune allergie connue|None.
    None reported|Nil significant PMHx|No known current problems or disability|No drug therapy prescribed
    no allergies to medications or foods|Without known conditions|No adverse drug reactions recorded
"""
FACTS = """
    Nystatin|Nilstat|Non-Hodgkin lymphoma|No-Doz|Penicillin|nil by mouth|not tolerating metformin|Nitrofurantoin
    allergic to penicillin|medication allergy|latex|no response to salbutamol|Neisseria|Drug allergy|Noroxin
    history of drug use|unknown tablets for blood pressure|none but penicillin|nortriptyline|Nonoxynol|Nilutamide
    no longer takes warfarin|NKDA except penicillin|Free T4 low|nickel|nuts
"""


def listed(text: str) -> list[str]:
    return [part.strip() for line in text.splitlines() for part in line.split("|") if part.strip()]


@pytest.mark.parametrize("text", listed(NONE))
def test_what_says_that_there_is_none_is_understood(text):
    assert says_none(text)


@pytest.mark.parametrize("text", listed(FACTS))
def test_one_word_more_and_it_is_a_fact(text):
    assert not says_none(text) and not says_unknown(text)


@pytest.mark.parametrize("text", ["unknown", "Not known", "?", "--", "unable to obtain", "not stated", "TBC"])
def test_what_says_that_nothing_is_known_is_neither(text):
    assert says_unknown(text) and not says_none(text)


def test_nothing_written_says_nothing():
    assert not says_none("") and not says_unknown("")


def test_none_of_food_says_nothing_of_medicines():
    assert of_some_only("No known food allergies") and of_medicines_only("NKDA")
    assert not of_some_only("No known drug or food allergies") and not of_medicines_only("No known allergies")


@pytest.mark.parametrize("text", ["NKDA", "nil known", "No known allergies", "n/a", "unknown"])
async def test_a_typed_statement_is_answered_and_nothing_is_recorded(ada, mara, text):
    verbs = [
        (patients.add_allergy, AllergyDraft(substance=text), "substance"),
        (patients.add_condition, ConditionDraft(text=text), "text"),
        (patients.add_medicine, CurrentMedicineDraft(text=text), "text"),
        (patients.add_immunisation, ImmunisationDraft(vaccine=text), "vaccine"),
    ]
    for verb, draft, field in verbs:
        with pytest.raises(Invalid) as refusal:
            await verb(ada, mara.id, draft)
        assert refusal.value.field == field and text in str(refusal.value)
    for model in (Allergy, Condition, CurrentMedicine, Immunisation):
        assert await ada.db.scalar(select(func.count(model.id)).where(model.patient_id == mara.id)) == 0


async def test_a_code_that_says_none_is_answered_too(ada, mara):
    with pytest.raises(Invalid, match="No known allergies"):
        await patients.add_allergy(ada, mara.id, AllergyDraft(substance="Allergy status", code="716186003"))


async def test_the_form_answers_beside_its_field(client, mara):
    ada = await client("ada")
    answer = await ada.post(f"/api/v1/patients/{mara.id}/allergies", json={"substance": "NKDA"})
    assert answer.status_code == 422
    assert "says that there is none" in answer.text and "substance" in answer.text
