"""The chart, the one story of all that happened, who pays, and who may look at it."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from galen import patients
from galen.core.errors import NotFound
from galen.patients import (
    AllergyDraft,
    ConditionDraft,
    CoverageDraft,
    CurrentMedicineDraft,
    ImmunisationDraft,
    PatientDraft,
)
from galen.patients.schemas import AccessDraft, EndDraft, StopDraft
from galen.patients.service import (
    chart,
    coverages,
    edit_coverage,
    end_condition,
    end_coverage,
    give_access,
    stop_medicine,
    story,
    take_access,
    timeline,
)

FUND = CoverageDraft(payer="Harbour Health Fund", member="HF-1", priority=2)


async def test_the_story_is_told_from_the_latest_to_the_first(client, ada, mara):
    await patients.add_immunisation(ada, mara.id, ImmunisationDraft(vaccine="Influenza", given_on=date(2026, 4, 14)))
    taken = await patients.add_medicine(ada, mara.id, CurrentMedicineDraft(text="metformin", since=date(2026, 1, 5)))
    await stop_medicine(ada, mara.id, taken.id, StopDraft(reason="nausea", until=date(2026, 6, 1)))
    doctor = await client("ada")
    told = (await doctor.get(f"/api/v1/patients/{mara.id}/timeline")).json()["entries"]
    own = [entry["title"] for entry in told]
    assert own == ["Registered", "Stopped metformin", "Immunised: Influenza", "Began metformin"]
    assert own.count("Registered") == 1
    assert told[1]["detail"] == "nausea"
    assert told[1]["at"] == "2026-05-31T14:00:00Z"


async def test_what_is_written_down_today_stands_at_its_hour_among_todays_events(ruth, ada):
    person = await patients.register(ruth, PatientDraft(family="Zeller", given="Ida", anyway=True))
    await patients.add_medicine(ada, person.id, CurrentMedicineDraft(text="metformin"))
    ada.now += timedelta(minutes=20)
    await patients.add_allergy(ada, person.id, AllergyDraft(substance="penicillin", reaction="rash"))
    ada.now += timedelta(minutes=5)
    await patients.add_condition(ada, person.id, ConditionDraft(text="Asthma", since=date(2026, 11, 20)))
    await patients.add_allergy(ada, person.id, AllergyDraft(substance="latex", noted_on=date(2026, 11, 19)))
    told = (await timeline(ada, person.id)).entries
    assert [(entry.title, f"{entry.at.astimezone(ada.zone):%d %H:%M}") for entry in told] == [
        ("Asthma", "20 11:55"),
        ("Allergy: penicillin", "20 11:50"),
        ("Began metformin", "20 11:30"),  # of one moment: in the order in which it happened
        ("Registered", "20 11:30"),
        ("Allergy: latex", "19 00:00"),
    ]


async def test_the_chart_shows_what_must_be_known(client, ada, mara):
    await patients.add_allergy(
        ada, mara.id, AllergyDraft(substance="penicillins", reaction="anaphylaxis", severity="severe")
    )
    await patients.add_coverage(ada, mara.id, FUND)
    page = (await (await client("ada", page=True)).get(f"/patients/{mara.id}")).text
    for words in (
        "<b>QUILL</b>, Mara",
        "42 years",
        "Allergic to",
        "anaphylaxis",
        "Severe",
        "Harbour Health Fund",
        "3 Gull Lane",
    ):
        assert words in page


async def test_a_partly_known_birth_is_never_shown_as_a_day(ruth):
    new = await patients.register(ruth, PatientDraft(family="Partly", born="1980"))
    shown = await chart(ruth, new.id)
    assert shown.born_and_age == "1980 (45 to 46 years)"
    assert shown.banner.born_words == "1980"
    unknown = await patients.register(ruth, PatientDraft(family="Unborn"))
    assert (await chart(ruth, unknown.id)).born_and_age == "not known (age unknown)"


async def test_infants_are_told_in_months(ruth):
    sian = (await patients.find_patients(ruth, "obrien"))[0]
    assert (await patients.banner(ruth, sian.id)).age_words == "10 months"


async def test_payers_stand_in_their_order_and_say_when_they_are_not_valid(ruth, mara):
    await patients.add_coverage(ruth, mara.id, FUND)
    first = await patients.add_coverage(
        ruth, mara.id, CoverageDraft(payer="Medicare", member="1", valid_until=date(2026, 11, 19))
    )
    assert [c.payer for c in await coverages(ruth, mara.id)] == ["Medicare", "Harbour Health Fund"]
    assert not first.valid_on(ruth.today) and first.valid_on(date(2026, 11, 19))
    await edit_coverage(ruth, mara.id, first.id, CoverageDraft(payer="Medicare", member="1", priority=3))
    assert [c.payer for c in await coverages(ruth, mara.id)] == ["Harbour Health Fund", "Medicare"]
    assert first.valid_on(ruth.today)
    await end_coverage(ruth, mara.id, first.id)
    assert [c.payer for c in await coverages(ruth, mara.id)] == ["Harbour Health Fund"]
    with pytest.raises(NotFound):
        await end_coverage(ruth, (await patients.find_patients(ruth, "bright"))[0].id, first.id)


def test_a_coverage_does_not_end_before_it_begins():
    with pytest.raises(ValidationError, match="before it begins"):
        CoverageDraft(payer="Fund", member="1", valid_from=date(2026, 2, 1), valid_until=date(2026, 1, 1))


@pytest.mark.parametrize("form", ["coverages/new", "identifiers/new", "portal-accounts/new", "edit", "timeline"])
async def test_the_pages_about_a_patient_show_the_banner(client, mara, form):
    page = await (await client("ruth", page=True)).get(f"/patients/{mara.id}/{form}")
    assert page.status_code == 200
    assert "<b>QUILL</b>, Mara" in page.text


async def test_a_coverage_is_changed_on_its_page(client, ruth, mara):
    fund = await patients.add_coverage(ruth, mara.id, FUND)
    desk = await client("ruth", page=True)
    assert 'value="HF-1"' in (await desk.get(f"/patients/{mara.id}/coverages/{fund.id}/edit")).text


async def test_a_patient_reads_their_own_chart_and_no_other(client, mara, tom):
    own = await client("mara", page=True)
    page = await own.get(f"/patients/{mara.id}")
    assert page.status_code == 200
    assert "Add allergy" not in page.text and "Change</a>" not in page.text
    assert (await own.get(f"/patients/{tom.id}")).status_code == 404


async def test_staff_tie_an_account_to_a_record_and_end_it(client, ruth, mara, tom):
    await take_access(ruth, mara.id, (await chart(ruth, mara.id)).accounts[0].id)
    own = await client("mara")
    assert (await own.get(f"/api/v1/patients/{mara.id}")).status_code == 404
    assert (await own.get("/api/v1/patients")).json() == []
    await give_access(ruth, tom.id, AccessDraft(email="Mara@People.example"))
    assert (await own.get(f"/api/v1/patients/{tom.id}")).status_code == 200


async def test_only_a_confirmed_patient_account_can_be_tied(ruth, mara):
    with pytest.raises(NotFound, match="no confirmed patient account"):
        await give_access(ruth, mara.id, AccessDraft(email="ada@north.example"))


async def test_an_unknown_patient_has_no_story(ruth):
    with pytest.raises(NotFound):
        await timeline(ruth, ruth.actor.id)


async def test_the_story_of_a_person_treated_elsewhere_too_is_one_list(ada, mara):
    condition = await patients.add_condition(ada, mara.id, ConditionDraft(text="Asthma", since=date(1996, 5, 1)))
    await end_condition(ada, mara.id, condition.id, EndDraft(until=date(2010, 5, 1)))
    await patients.add_allergy(ada, mara.id, AllergyDraft(substance="latex", noted_on=date(2001, 1, 1)))
    told = [entry.title for entry in (await story(ada, mara.id))]
    assert sorted(told) == ["Allergy: latex", "Asthma", "Asthma: over", "Registered"]


async def test_the_reception_desk_reads_no_diagnosis_in_the_story(ada, ruth, mara):
    await patients.add_condition(ada, mara.id, ConditionDraft(text="Asthma", since=date(1996, 5, 1)))
    assert [entry.title for entry in await story(ruth, mara.id)] == ["Registered"]
