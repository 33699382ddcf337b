"""What a manager sees first: counted from the records, on the clinic's own day."""

from datetime import timedelta

import pytest

from galen import analytics, patients
from galen.core.errors import Forbidden
from galen.patients import PatientDraft


async def figure(ctx, word):
    report = await analytics.days_report(ctx)
    return next(figure for figure in report.figures if figure.word == word)


async def test_a_registration_counts_on_the_day_it_was_made(max, ruth):
    before = (await figure(max, "New patients")).today
    await patients.register(ruth, PatientDraft(family="Counted", given="Once"))
    assert (await figure(max, "New patients")).today == before + 1


async def test_today_stands_beside_the_same_weekday_last_week(max, ruth):
    await patients.register(ruth, PatientDraft(family="Counted", given="Once"))
    today = (await figure(max, "New patients")).today
    max.now += timedelta(days=7)
    later = await figure(max, "New patients")
    assert (later.today, later.last_week) == (0, today)


async def test_the_day_begins_at_the_sites_own_midnight(max, ruth):
    before = (await figure(max, "New patients")).today
    ruth.now = ruth.now.replace(hour=12, minute=59)  # 23:59 in Sydney
    await patients.register(ruth, PatientDraft(family="Late", given="Tonight"))
    ruth.now = ruth.now.replace(hour=13, minute=1)  # the next day there
    await patients.register(ruth, PatientDraft(family="Early", given="Tomorrow"))
    assert (await figure(max, "New patients")).today == before + 1


async def test_only_those_who_manage_see_it(ruth):
    with pytest.raises(Forbidden):
        await analytics.days_report(ruth)


async def test_the_summary_of_a_day_for_clients(client):
    max = await client("max")
    answer = await max.get("/api/v1/reports/daily-summary?day=2026-11-20")
    assert answer.status_code == 200
    assert answer.json()["day"] == "2026-11-20"
    assert set(answer.json()) == {
        "day", "currency", "appointments", "did_not_come", "visits", "new_patients", "prescriptions", "billed",
    }  # fmt: skip


async def test_the_page_can_be_read_as_a_table_too(client):
    max = await client("max", page=True)
    page = (await max.get("/home/report")).text
    assert "Visits in the last two weeks" in page and "As a table" in page
