"""Days have bounds by what they mean: in drafts, in verbs, in the database; and one odd day hides nothing else."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from galen import patients, safety
from galen.core.errors import Invalid
from galen.patients import (
    AllergyDraft,
    ConditionDraft,
    CoverageDraft,
    CurrentMedicineDraft,
    ImmunisationDraft,
    PatientChange,
    PatientDraft,
)
from galen.patients.schemas import EndDraft, StopDraft
from galen.patients.service import end_condition, stop_medicine
from galen.patients.service.chart import moment
from tests.conftest import named, on

ODD = [date(1, 1, 1), date(202, 6, 1), date(1879, 12, 31), date(2200, 1, 1), date(9999, 12, 31)]


@pytest.mark.parametrize("day", ODD)
def test_no_draft_takes_a_day_that_cannot_be(day):
    drafts = [
        (AllergyDraft, {"substance": "penicillins"}, "noted_on"),
        (ConditionDraft, {"text": "Asthma"}, "since"),
        (ConditionDraft, {"text": "Asthma"}, "until"),
        (CurrentMedicineDraft, {"text": "Warfarin"}, "since"),
        (ImmunisationDraft, {"vaccine": "Influenza"}, "given_on"),
        (CoverageDraft, {"payer": "Fund", "member": "1"}, "valid_from"),
        (StopDraft, {"reason": "better"}, "until"),
        (EndDraft, {}, "until"),
        (PatientChange, {}, "deceased_on"),
    ]
    for draft, enough, field in drafts:
        with pytest.raises(ValidationError, match=f"{field}\n.*(?:check the year|1880-01-01|2200-12-31)"):
            draft(**enough, **{field: day})


@pytest.mark.parametrize("born", ["0001-01-01", "1066", "1879-12", "0202-05-17"])
def test_nobody_was_born_before_1880(born):
    with pytest.raises(ValidationError, match="before 1880"):
        PatientDraft(family="Old", born=born)


async def test_nothing_happened_before_birth_or_is_still_to_come(ada, mara):
    before, tomorrow = mara.born - timedelta(days=1), ada.today + timedelta(days=1)
    cases = [
        (patients.add_allergy, AllergyDraft(substance="penicillins", noted_on=before)),
        (patients.add_allergy, AllergyDraft(substance="penicillins", noted_on=tomorrow)),
        (patients.add_condition, ConditionDraft(text="Asthma", since=mara.born - timedelta(days=301))),
        (patients.add_condition, ConditionDraft(text="Asthma", until=tomorrow)),
        (patients.add_medicine, CurrentMedicineDraft(text="Warfarin", since=before)),
        (patients.add_immunisation, ImmunisationDraft(vaccine="Influenza", given_on=before)),
    ]
    for verb, draft in cases:
        with pytest.raises(Invalid, match=r"before the person was born|has not come yet"):
            await verb(ada, mara.id, draft)
    found_unborn = ConditionDraft(text="Ventricular septal defect", since=mara.born - timedelta(days=90))
    assert (await patients.add_condition(ada, mara.id, found_unborn)).since < mara.born


async def test_a_condition_cannot_be_over_tomorrow_and_a_medicine_can(ada, mara):
    tomorrow = ada.today + timedelta(days=1)
    condition = await patients.add_condition(ada, mara.id, ConditionDraft(text="Asthma"))
    with pytest.raises(Invalid, match="has not come yet"):
        await end_condition(ada, mara.id, condition.id, EndDraft(until=tomorrow))
    medicine = await patients.add_medicine(ada, mara.id, CurrentMedicineDraft(text="Warfarin"))
    await stop_medicine(ada, mara.id, medicine.id, StopDraft(reason="course ends", until=tomorrow))
    shown = await patients.service.chart(ada, mara.id)
    assert [m.text for m in shown.medicines_taken] == ["Warfarin"] and not shown.medicines_stopped


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("allergy", "(substance, kind, code, system, reaction, severity, status, noted_on)"),
        ("condition", "(text, code, system, entered_in_error, since)"),
        ("immunisation", "(vaccine, code, system, batch, status, given_on)"),
    ],
)
@pytest.mark.parametrize("day", ["0001-01-01", "-infinity", "infinity", "4713-01-01 BC"])
async def test_the_database_refuses_what_no_day_can_be(ada, mara, table, columns, day):
    names = columns.strip("()").split(", ")
    said = {"kind": "'food'", "status": "'active'", "entered_in_error": "false"}
    values = ", ".join(f"'{day}'" if name == names[-1] else said.get(name, "'x'") for name in names)
    row = (
        f"INSERT INTO {table} (id, version, patient_id, {', '.join(names)}) VALUES (gen_random_uuid(), 1, :p, {values})"
    )
    with pytest.raises(IntegrityError, match=f"{table}_{names[-1]}_check"):
        async with ada.db.begin_nested():
            await ada.db.execute(text(row), {"p": mara.id})


@pytest.mark.parametrize("odd", ["-infinity", "0001-01-01", "4713-01-01 BC"])
async def test_one_odd_day_hides_no_allergy_from_the_check(committed, server, odd):
    """As it may stand in a database that was filled before the bounds were there."""
    async with committed.as_system("north", "test") as ctx:
        patient = await patients.register(ctx, PatientDraft(family="Odd", given="Ida", born="1980-05-17"))
        await patients.add_allergy(ctx, patient.id, AllergyDraft(substance="penicillins"))
        await patients.add_condition(ctx, patient.id, ConditionDraft(text="Asthma"))
    database = committed.database.engine.url.database
    await on(
        named(server, database),
        "ALTER TABLE org_north.condition DROP CONSTRAINT condition_since_check",
        f"UPDATE org_north.condition SET since = '{odd}'",
    )
    async with committed.as_system("north", "test") as ctx:
        report = await safety.check(ctx, patient.id, [], also=["amoxicillin"])
        assert not report.failed
        assert [(a.kind.value, a.allergy) for a in report.alerts] == [("allergy", "penicillins")]


def test_the_first_day_of_the_calendar_has_a_place_in_a_story(ada):
    assert moment(ada, date(1, 1, 1)).year == 1
