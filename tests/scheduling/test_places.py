"""A time is on the clock of its site, named where that is not the reader's; nothing mixes two clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from galen import organizations, scheduling
from galen.compliance.service import entries
from galen.core.finish import finish
from galen.core.web import formats as page
from galen.i18n import formats
from galen.organizations import SiteDraft
from galen.scheduling import AppointmentDraft, MoveDraft, SlotsDraft
from galen.scheduling.booking_form import new_appointment
from galen.scheduling.desk import day_list_page, own_day, profile
from galen.scheduling.service import appointments, day_list, on_timeline

ZONES = ["Australia/Perth", "America/New_York", "Europe/Lisbon"]
SYDNEY = ZoneInfo("Australia/Sydney")


@pytest.fixture
def open_site(iris, max, dr_okafor):
    """A site elsewhere, where Ada can be seen on these hours of the 15th of December."""

    async def opened(zone, start=time(9), end=time(17), day=date(2026, 12, 15), minutes=30):
        site = await organizations.add_site(iris, SiteDraft(name=f"Swan Clinic {zone[-4:]}", zone=zone))
        await iris.flush()
        hours = SlotsDraft(
            practitioner_id=dr_okafor.id, site_id=site.id, days=[day], start=start, end=end, minutes=minutes
        )
        await scheduling.add_slots(max, hours)
        await max.flush()
        return site

    return opened


async def booked(ctx, doctor, patient, starts, **more):
    draft = AppointmentDraft(practitioner_id=doctor.id, patient_id=patient.id, starts=starts, **more)
    made = await scheduling.book(ctx, draft)
    await finish(ctx)
    return made


@pytest.mark.parametrize(
    "zone, reader, said",
    [
        ("Australia/Perth", "Australia/Sydney", "15 Dec 2026, 22:00 (Perth time)"),
        ("Australia/Sydney", "Australia/Perth", "16 Dec 2026, 01:00 (Sydney time)"),
        ("America/New_York", "Australia/Sydney", "15 Dec 2026, 09:00 (New York time)"),
        ("Europe/Lisbon", "America/New_York", "15 Dec 2026, 14:00 (Lisbon time)"),
        ("Australia/Perth", "Australia/Perth", "15 Dec 2026, 22:00"),
    ],
)
def test_a_moment_is_written_on_the_clock_of_its_place(zone, reader, said):
    moment = datetime(2026, 12, 15, 14, tzinfo=UTC)
    assert formats.when(moment.astimezone(ZoneInfo(zone)), ZoneInfo(reader)) == said


@pytest.mark.parametrize(
    "zone, first, second",
    [
        ("America/New_York", "01:30 (New York time, UTC-0400)", "01:30 (New York time, UTC-0500)"),
        ("Australia/Sydney", "02:30 (Sydney time, UTC+1100)", "02:30 (Sydney time, UTC+1000)"),
        ("Europe/Lisbon", "01:30 (Lisbon time, UTC+0100)", "01:30 (Lisbon time, UTC+0000)"),
    ],
)
def test_an_hour_that_comes_twice_is_told_apart_even_at_home(zone, first, second):
    at = {
        "America/New_York": datetime(2027, 11, 7, 5, 30, tzinfo=UTC),
        "Australia/Sydney": datetime(2027, 4, 3, 15, 30, tzinfo=UTC),
        "Europe/Lisbon": datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
    }[zone]
    home = ZoneInfo(zone)
    written = [formats.clock((at + timedelta(hours=n)).astimezone(home), home) for n in (0, 1)]
    assert written == [first, second]


def test_a_value_that_carries_its_zone_needs_no_place(ruth):
    moment = datetime(2026, 12, 15, 14, tzinfo=UTC)
    assert page.when(ruth)(moment) == "16 Dec 2026, 01:00"
    assert page.when(ruth)(moment.astimezone(ZoneInfo("Australia/Perth"))) == "15 Dec 2026, 22:00 (Perth time)"
    assert page.day(ruth)(moment.astimezone(ZoneInfo("Australia/Perth"))) == "15 Dec 2026"
    assert page.when(ruth)(None) == ""


@pytest.mark.parametrize("zone", ZONES)
async def test_a_time_without_a_zone_is_typed_on_the_clock_of_its_site(ruth, mara, dr_okafor, open_site, zone):
    site = await open_site(zone)
    made = await booked(ruth, dr_okafor, mara, datetime(2026, 12, 15, 9), site_id=site.id)
    assert made.starts == datetime(2026, 12, 15, 9, tzinfo=ZoneInfo(zone))
    moved = await scheduling.reschedule(ruth, made.id, MoveDraft(starts=datetime(2026, 12, 15, 10), site_id=site.id))
    assert moved.starts == datetime(2026, 12, 15, 10, tzinfo=ZoneInfo(zone))
    assert f"Moved to 15 Dec 2026, 10:00 ({formats.zone_name(ZoneInfo(zone))} time)." == ruth.flashed.text


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hour", [0, 23])
async def test_a_day_is_the_day_of_the_site(ruth, mara, ada, dr_okafor, open_site, zone, hour):
    """Half an hour from midnight, where the reader in Sydney has another date."""
    site = await open_site(zone, time(0), time(0))
    made = await booked(ruth, dr_okafor, mara, datetime(2026, 12, 15, hour, 30, tzinfo=ZoneInfo(zone)), site_id=site.id)
    for day in (14, 15, 16):
        on = date(2026, 12, day)
        found = [made.id] if day == 15 else []
        assert [a.id for a in (await appointments(ruth, day=on)).items] == found
        assert [a.id for a in (await appointments(ruth, day=on, site_id=site.id)).items] == found
        assert [a.id for a in await day_list(ruth, dr_okafor.id, on)] == found
        assert [a.id for a in (await day_list_page(ruth, on)).appointments] == found
    ada.now = datetime(2026, 12, 15, 12, tzinfo=ZoneInfo(zone))
    assert [a.id for a in (await own_day(ada)).appointments] == [made.id]


async def test_pages_and_the_story_name_the_zone(client, ruth, mara, dr_okafor, open_site):
    site = await open_site("Australia/Perth")
    nine = datetime(2026, 12, 15, 9, tzinfo=site.tz)
    made = await booked(ruth, dr_okafor, mara, nine, site_id=site.id)
    desk = await client("ruth", page=True)
    for path in (f"/appointments/{made.id}", f"/patients/{mara.id}/appointments", f"/patients/{mara.id}"):
        assert "15 Dec 2026, 09:00 (Perth time)" in (await desk.get(path)).text, path
    assert "09:00 (Perth time)" in (await desk.get("/appointments", params={"day": "2026-12-15"})).text
    portal = (await (await client("mara", page=True)).get("/")).text
    assert "15 Dec 2026, 09:00 (Perth time)" in portal and "12:00" not in portal
    entry = next(entry for entry in await on_timeline(ruth, mara.id))
    assert page.when(ruth)(entry.at) == "15 Dec 2026, 09:00 (Perth time)"


async def test_the_booking_form_shows_one_site_and_names_its_zone(client, ruth, dr_okafor, open_site):
    site = await open_site("Australia/Perth", day=date(2026, 12, 14))  # a Monday, on which Ada works in Sydney, too
    here = await new_appointment(ruth, dr_okafor.id, day=date(2026, 12, 14))
    there = await new_appointment(ruth, dr_okafor.id, day=date(2026, 12, 14), site_id=site.id)
    assert [{offer.slot.site_id for offer in form.offers} for form in (here, there)] == [{ruth.here.id}, {site.id}]
    assert (here.zone, there.zone, there.offers[0].words) == ("", "Perth", "Next free: Mon, 14 Dec, 09:00")
    text = (await (await client("ruth", page=True)).get(
        "/appointments/new", params={"practitioner_id": str(dr_okafor.id), "day": "2026-12-14", "site_id": str(site.id)}
    )).text  # fmt: skip
    assert f"Mon, 14 Dec at {site.name}, Perth time" in " ".join(text.split())


async def test_hours_name_the_site_whose_clock_they_are_on(max, dr_okafor, open_site):
    site = await open_site("Australia/Perth")
    shown = await profile(max, dr_okafor.id)
    assert {where for _, _, where in shown.hours} == {"Harbour Clinic", f"{site.name} (Perth time)"}


async def test_slots_of_today_are_those_of_today_at_each_site(ruth, dr_okafor, open_site):
    """When Sydney has Wednesday already, Perth offers the last hours of its Tuesday."""
    await open_site("Australia/Perth", time(20), time(0))
    ruth.now = datetime(2026, 12, 15, 14, tzinfo=UTC)  # 22:00 in Perth, 01:00 the next day in Sydney
    found = {(slot.site[:4], slot.day) for slot in await scheduling.free_slots(ruth, practitioner_id=dr_okafor.id)}
    assert found == {("Swan", date(2026, 12, 15)), ("Harb", date(2026, 12, 16))}


async def test_the_audit_log_is_filtered_by_the_day_of_the_site(max, ruth, mara, dr_okafor, open_site):
    site = await open_site("Australia/Perth")
    ruth.site, ruth.now = site.info, datetime(2026, 12, 14, 15, 30, tzinfo=UTC)  # 23:30 on the 14th in Perth
    await booked(ruth, dr_okafor, mara, datetime(2026, 12, 15, 9, tzinfo=ZoneInfo("Australia/Perth")))
    for day, count in ((13, 0), (14, 1), (15, 0)):
        on = date(2026, 12, day)
        rows = (await entries(max, verb="scheduling.book", since=on, until=on)).items
        assert len([row for row in rows if row.subject == "appointment"]) == count
