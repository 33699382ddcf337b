"""Days as people type them: by the country of the organisation on pages, by ISO 8601 for clients."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from galen.i18n import typed
from galen.patients import Patient


@pytest.mark.parametrize(
    "text, country, day",
    [
        ("31/12/2026", "AU", date(2026, 12, 31)),
        ("12/31/2026", "US", date(2026, 12, 31)),
        ("1/2/2026", "AU", date(2026, 2, 1)),
        ("1/2/2026", "US", date(2026, 1, 2)),
        ("1.2.2026", "DE", date(2026, 2, 1)),
        ("12/31/2026", "AU", date(2026, 12, 31)),  # can be read in one way only
        ("31/12/2026", "US", date(2026, 12, 31)),
        ("2026-02-01", "US", date(2026, 2, 1)),
        (" 1 / 2 / 26 ", "AU", date(2026, 2, 1)),
        ("31/2/2026", "AU", None),
        ("32/12/2026", "AU", None),
        ("tomorrow", "AU", None),
        ("2026-13-01", "AU", None),
        ("1/2", "AU", None),
    ],
)
def test_a_day_is_read_as_its_country_writes_it(text, country, day):
    assert typed.read_day(text, country) == day


def test_two_digits_mean_the_last_century_when_this_one_is_too_far_ahead():
    limit = datetime.now(UTC).year + typed.AHEAD
    assert typed.read_day(f"1/2/{limit % 100:02}", "AU") == date(limit, 2, 1)
    assert typed.read_day(f"1/2/{(limit + 1) % 100:02}", "AU") == date(limit + 1 - 100, 2, 1)


@pytest.mark.parametrize("country, form", [("AU", "DD/MM/YYYY"), ("US", "MM/DD/YYYY"), ("JP", "YYYY-MM-DD")])
def test_an_empty_field_says_how_a_day_is_written(country, form):
    assert typed.form(country) == form


async def test_a_form_takes_a_day_as_it_is_written_here(client, ruth):
    desk = await client("ruth", page=True)
    answer = await desk.post(
        "/patients", data={"family": "Zeller", "given": "Ida", "sex": "female", "born": "3/4/1980"}
    )
    assert answer.status_code == 303, answer.text
    ida = await ruth.db.scalar(select(Patient).where(Patient.family == "Zeller"))
    assert ida and ida.born == date(1980, 4, 3)


async def test_a_complaint_names_the_order_of_the_country_on_a_page_and_iso_for_a_client(client, mara):
    draft = {"substance": "latex", "noted_on": "31/31/2026"}
    page = await (await client("ada", page=True)).post(
        f"/patients/{mara.id}/allergies", data=draft, headers={"hx-request": "true"}
    )
    assert page.status_code == 422 and "Enter a date, such as 31/12/2026." in page.text
    answer = await (await client("ada")).post(f"/api/v1/patients/{mara.id}/allergies", json=draft)
    assert answer.json()["errors"] == [{"field": "noted_on", "detail": "Enter a date, such as 2026-11-20."}]


async def test_a_client_writes_iso_only(client, mara):
    draft = {"substance": "latex", "noted_on": "1/2/2026"}
    answer = await (await client("ada")).post(f"/api/v1/patients/{mara.id}/allergies", json=draft)
    assert answer.status_code == 422


async def test_a_filter_of_a_page_takes_a_typed_day(client):
    desk = await client("iris", page=True)
    for text, status in [("20/11/2026", 200), ("2026-11-20", 200), ("20/20/2026", 422)]:
        answer = await desk.get("/audit", params={"since": text})
        assert answer.status_code == status, text
