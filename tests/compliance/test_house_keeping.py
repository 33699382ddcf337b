"""A disk that fills up and clocks that disagree are said to administrators; nothing is lost, and reading goes on."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from galen import room
from galen.core.context import Context
from galen.patients import Patient
from galen.settings import settings
from galen.values import clock
from galen.values.clock import SharedClock

PERSON = {"family": "Late", "given": "Comer", "born": "1980-02-03"}


@pytest.fixture
def little_room(monkeypatch):
    """As if the disk had less left than it must have."""
    monkeypatch.setattr(settings(), "room_mb", 10**12)
    monkeypatch.setattr(room, "LOOKED", [-1.0, 0.0])


async def test_a_full_disk_refuses_to_save_and_goes_on_showing(client, ruth, little_room):
    api = await client("ruth")  # signing in is possible: whoever wants to read must
    before = await ruth.db.scalar(select(func.count()).select_from(Patient))
    answer = await api.post("/api/v1/patients", json=PERSON)
    assert answer.status_code == 503 and answer.json()["code"] == "disk_full"
    assert "nearly full" in answer.json()["detail"] and answer.headers["retry-after"]
    assert await ruth.db.scalar(select(func.count()).select_from(Patient)) == before
    assert (await api.get("/api/v1/patients")).status_code == 200


async def test_with_room_the_same_is_saved(client):
    api = await client("ruth")
    assert (await api.post("/api/v1/patients", json=PERSON)).status_code == 201


async def test_administrators_are_told_of_both(client, little_room, monkeypatch):
    browser = await client("iris", page=True)
    told = SharedClock()
    told.set(datetime.now(UTC) + timedelta(hours=25))
    monkeypatch.setattr("galen.compliance.service.CLOCK", told)
    page = (await browser.get("/home/system")).text
    assert "nearly full" in page and "off by -90000 seconds" in page


async def test_administrators_of_a_sound_house_are_told_of_nothing(client, monkeypatch):
    monkeypatch.setattr(settings(), "room_mb", 0)
    browser = await client("iris", page=True)
    page = (await browser.get("/home/system")).text
    assert "nearly full" not in page and "off by" not in page and "Room on the disk" in page


@pytest.mark.parametrize("off", [timedelta(days=1), timedelta(days=-1), timedelta(minutes=7)])
async def test_a_server_whose_clock_is_off_acts_by_the_databases(database, services, monkeypatch, off):
    own = SharedClock()
    monkeypatch.setattr(clock, "datetime", Off(off))
    own.set(await database.raw.fetchval("SELECT clock_timestamp()"))
    assert abs(own.now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert abs(own.skew - off) < timedelta(minutes=1)


async def test_without_the_databases_time_the_own_clock_would_count(monkeypatch):
    """The broken variant: a clock that was never told."""
    monkeypatch.setattr(clock, "datetime", Off(timedelta(days=1)))
    assert SharedClock().now() - datetime.now(UTC) > timedelta(hours=23)


def test_what_acts_asks_this_clock():
    assert Context.__dataclass_fields__["now"].default_factory is clock.now


class Off:
    """A machine's clock that is wrong by so much."""

    def __init__(self, off):
        self.off = off

    def now(self, zone):
        return datetime.now(zone) + self.off
