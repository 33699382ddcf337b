"""Whether warnings are heard: counted once, by rule, with the reasons; and an honest page where there is nothing."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from galen import safety
from galen.core.context import Context
from galen.core.errors import Forbidden
from galen.patients import Patient
from galen.safety import OverrideReason, Place, WarningAnswer, remember
from galen.safety.hooks import CardGiven
from galen.safety.statistics import Given, WarningTally, statistics

DAY = date(2026, 11, 20)
PAIR = ["warfarin", "ibuprofen"]


async def shown(
    ctx: Context, patient: Patient, reason: OverrideReason | None = None, place: Place = Place.PRESCRIBING
) -> None:
    report = await safety.check(ctx, patient.id, [], also=PAIR)
    told = report.model_copy(update={"alerts": report.interrupting})
    said = [WarningAnswer(key=alert.key, reason=reason) for alert in report.interrupting] if reason else []
    await remember(ctx, patient.id, told, said, place)
    await ctx.flush()


async def test_a_warning_is_counted_once_for_each_patient_and_place(
    ada: Context, ben: Context, mara: Patient, tom: Patient
) -> None:
    for _ in range(3):
        await shown(ada, mara)
    await shown(ada, mara, OverrideReason.MONITORING)
    await shown(ben, mara, OverrideReason.TOLERATED, Place.DISPENSING)
    await shown(ada, tom)
    found = await statistics(ben)
    (rule,) = found.rules
    assert (found.shown, found.asked, found.overridden, found.followed) == (3, 3, 2, 1)
    assert (rule.shown, rule.overridden, rule.percent) == (3, 2, 67)
    assert found.places == {"prescribing": 2, "dispensing": 1}
    assert found.reasons == rule.reasons == {"monitoring": 1, "tolerated": 1}
    assert found.by_day["2026-11-20"] == [3, 2] and len(found.by_day) == 30


async def test_what_lies_before_the_period_is_left_out(ada: Context, ben: Context, mara: Patient) -> None:
    today = ada.now
    ada.now = today - timedelta(days=20)
    await shown(ada, mara, OverrideReason.DOSE)
    ada.now = today
    assert (await statistics(ben, days=7)).shown == 0
    assert (await statistics(ben, days=30)).shown == 1


async def test_cards_of_other_systems_count_beside_them(ben: Context) -> None:
    more = {"service": "galen-order-sign", "rule": "x", "kind": "interaction", "severity": "major", "knowledge": "1"}
    for outcome, reason in (("", ""), ("accepted", ""), ("overridden", "benefit")):
        ben.add(CardGiven(at=ben.now, outcome=outcome, reason=reason, **more))
    await ben.flush()
    found = await statistics(ben)
    assert found.places == {"other systems": 3} and (found.asked, found.overridden) == (2, 1)


def given(rule: str, reason: str = "", asked: bool = True) -> Given:
    return Given(rule, "interaction", "major", "prescribing", asked, reason, DAY)


@pytest.mark.parametrize(
    ("passed", "followed", "tiring"), [(10, 0, True), (9, 1, True), (8, 2, False), (9, 0, False), (0, 0, False)]
)
def test_a_rule_that_is_nearly_always_overridden_is_named(passed: int, followed: int, tiring: bool) -> None:
    rows = [given("a", "benefit")] * passed + [given("a")] * followed
    assert [rule.tiring for rule in WarningTally(rows or [given("a", asked=False)]).rules()] == [tiring]


def test_the_most_overridden_rule_stands_first_and_reasons_by_number() -> None:
    rows = [given("a"), *[given("b", "dose")] * 2, given("b", "benefit"), given("c", "dose")]
    assert [rule.rule for rule in WarningTally(rows).rules()] == ["b", "c", "a"]
    assert WarningTally(rows).rules()[0].said == "Dose adjusted (2), Benefit outweighs the risk (1)"


async def test_only_a_pharmacist_looks(ada: Context) -> None:
    with pytest.raises(Forbidden):
        await statistics(ada)


async def test_the_page_says_when_nothing_was_shown_and_what_was(
    client: Callable[..., Any], ada: Context, mara: Patient
) -> None:
    desk = await client("ben", page=True)
    empty = (await desk.get("/safety/statistics?days=7")).text
    assert "No warning was shown" in empty and "galen-" in empty
    await shown(ada, mara, OverrideReason.MONITORING)
    page = (await desk.get("/safety/statistics")).text
    assert "Monitoring arranged" in page and "100 %" in page and "No warning was shown" not in page
    answer = (await (await client("ben")).get("/api/v1/safety/statistics")).json()
    assert answer["overridden"] == 1 and answer["rules"][0]["percent"] == 100


async def test_signing_and_verifying_leave_their_marks(ada: Context, ben: Context, tom: Patient) -> None:
    from galen import medicines, prescribing
    from galen.demo import PASSWORD
    from galen.prescribing import OverrideDraft, PrescriptionDraft, SignatureDraft

    packs = [(await medicines.find_medicines(ada, name))[0] for name in ("warfarin 5 mg", "ibuprofen 400")]
    lines = [{"product_id": pack.id, "directions": "1 tab daily", "days": 5} for pack in packs]
    rx = await prescribing.draft(ada, PrescriptionDraft(patient_id=tom.id, lines=lines))
    assert rx.report and (await statistics(ben)).overridden == 0
    keys = [alert.key for alert in rx.report.interrupting]
    said = [OverrideDraft(key=key, reason="monitoring") for key in keys]
    await prescribing.sign(ada, rx.id, SignatureDraft(password=PASSWORD, overrides=said))
    found = await statistics(ben)
    assert (found.asked, found.overridden) == (len(keys), len(keys)) and found.reasons == {"monitoring": len(keys)}
