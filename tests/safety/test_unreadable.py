"""A fact that nobody can read is named, and everything else is checked all the same."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from galen import safety
from galen.core.context import Context
from galen.patients import Condition, Patient
from galen.safety import findings, known
from galen.safety.rules import Circumstances, RecordedAllergy, check, sparing
from galen.safety.rules.coverage import read
from galen.safety.rules.doses import doses as dose_rule

from .asking import KNOWLEDGE, asked, dosed, drug, someone
from .test_checking import allergic, pack, takes


async def without(database: Any, table: str, rule: str) -> None:
    """As in a database that took such days before its rules forbade them."""
    await database.one.execute(text("RESET ROLE"))
    await database.one.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {rule}"))
    await database.enter("north")


@pytest.mark.parametrize("written", ["infinity", "-infinity", "20000-01-01", "0044-03-15 BC"])
async def test_a_day_that_no_calendar_here_holds_hides_no_allergy(
    ada: Context, mara: Patient, written: str, database: Any
) -> None:
    await without(database, "condition", "condition_since_check")
    await allergic(ada, mara, "penicillin")
    problem = ada.add(Condition(patient_id=mara.id, text="Asthma"))
    await ada.flush()
    await ada.db.execute(
        text("UPDATE condition SET since = CAST(CAST(:day AS text) AS date) WHERE id = :id"),
        {"day": written, "id": problem.id},
    )
    report = await safety.check(ada, mara.id, [await pack(ada, "amoxicillin 500"), await pack(ada, "propranolol")])
    assert not report.failed
    assert {"allergy-recorded", "asthma-beta-blocker"} <= {alert.rule for alert in report.alerts}


async def test_a_birthday_beyond_the_calendar_is_named_and_the_rest_is_checked(
    ada: Context, mara: Patient, database: Any
) -> None:
    await without(database, "patient", "patient_born_check")
    await allergic(ada, mara, "penicillin")
    await ada.db.execute(text("UPDATE patient SET born = 'infinity'::date WHERE id = :id"), {"id": mara.id})
    report = await safety.check(ada, mara.id, [await pack(ada, "amoxicillin 500")])
    assert not report.failed and not report.complete
    assert "allergy-recorded" in {alert.rule for alert in report.alerts} and "the date of birth" in report.unread


@pytest.mark.parametrize(
    "rows", [[[None, "warfarin", ""], ["Warfarin 5 mg", "", ""]], [["Warfarin 5 mg", "", ""], [None, None, None]]]
)
def test_a_row_that_fails_is_set_aside_and_named(rows: list[list[Any]]) -> None:
    unread: list[str] = []
    read = known.each(lambda row: known.medicine([row[0].strip(), *row[1:]], KNOWLEDGE), rows, unread)
    assert [medicine.name for medicine in read] == ["Warfarin 5 mg"] and len(unread) == 1


async def test_a_reader_that_fails_keeps_no_other_from_telling(ada: Context, mara: Patient) -> None:
    async def broken(_ctx: Context, _patient: object) -> findings.Findings:
        raise OverflowError("date value out of range")

    findings.READERS.append(broken)
    try:
        await takes(ada, mara, "Warfarin 5 mg")
        report = await safety.check(ada, mara.id, [await pack(ada, "ibuprofen 400")])
    finally:
        findings.READERS.remove(broken)
    assert "warfarin-nsaid" in {alert.rule for alert in report.alerts}
    assert report.unread == ["what was measured and diagnosed could not be read"] and not report.complete


def test_a_medicine_at_which_a_rule_fails_is_set_aside_and_named() -> None:
    odd = replace(dosed("ibuprofen", "400 mg", "1", "3"), name="the odd one", dosing="not a dosing")  # type: ignore[arg-type]
    report = asked(someone(), odd, dosed("paracetamol", "500 mg", "4", "16"), "warfarin")
    rules = {alert.rule for alert in report.alerts}
    assert {"dose-daily", "warfarin-nsaid"} <= rules
    assert "the odd one: doses" in report.unread and not report.complete


def test_a_rule_that_always_fails_is_told_and_stops_no_other() -> None:
    def broken(*_: object) -> Any:
        raise ZeroDivisionError

    told = sparing.spared(broken, situation_of("warfarin"), KNOWLEDGE)
    assert told.told == [] and told.failed == ("warfarin",)
    assert sparing.spared(dose_rule, situation_of("warfarin"), KNOWLEDGE).failed == ()


def situation_of(*names: str) -> Any:
    return read([drug(name) for name in names], Circumstances((), someone()), KNOWLEDGE).situation


def test_an_allergy_in_words_that_nobody_reads_is_unchecked_and_the_others_speak() -> None:
    allergies = (RecordedAllergy("\u0000\ud800 ???"), RecordedAllergy("penicillin"))
    report = check([drug("amoxicillin")], Circumstances(allergies, someone()), KNOWLEDGE)
    assert [alert.rule for alert in report.alerts] == ["allergy-recorded"] and len(report.unchecked_allergies) == 1
