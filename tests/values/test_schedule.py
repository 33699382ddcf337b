"""When the clock's jobs are due, by the wall clock of any zone, through summer time and the ends of months."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galen.values.schedule import DAYS, NoSuchPeriod, following, moment, read, slot

SYDNEY, BERLIN = "Australia/Sydney", "Europe/Berlin"
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # zones are read from files
ZONES = [
    "UTC", SYDNEY, BERLIN, "America/New_York", "America/St_Johns", "Africa/Cairo", "Asia/Kathmandu",
    "Australia/Lord_Howe", "Pacific/Chatham", "America/Havana",
]  # fmt: skip
TIMES = st.times().map(lambda t: f"{t:%H:%M}")
DAY_NAMES = st.sampled_from([day.capitalize() for day in DAYS] + [day[:3] for day in DAYS])
PERIODS = st.one_of(
    st.builds("{}{}".format, st.integers(1, 999), st.sampled_from("smh")),
    TIMES,
    st.builds("{} {}".format, DAY_NAMES, TIMES),
    st.builds("{}-{} {}".format, DAY_NAMES, DAY_NAMES, TIMES),
    st.builds("{} {}".format, st.sampled_from(["monthly", "quarterly", "yearly"]), TIMES),
    st.builds("{} on {} {}".format, st.sampled_from(["monthly", "quarterly", "yearly"]), st.integers(1, 31), TIMES),
)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("period", "now", "zone", "due"),
    [
        ("10s", "2026-11-20T00:00:19+00:00", "UTC", "2026-11-20T00:00:10+00:00"),
        ("15m", "2026-11-20T00:44:59+00:00", "UTC", "2026-11-20T00:30:00+00:00"),
        ("08:00", "2026-11-20T20:59:00+00:00", SYDNEY, "2026-11-19T21:00:00+00:00"),
        ("08:00", "2026-11-20T21:00:00+00:00", SYDNEY, "2026-11-20T21:00:00+00:00"),
        ("08:00", "2026-04-05T21:59:00+00:00", SYDNEY, "2026-04-04T22:00:00+00:00"),  # the clock went back
        ("02:30", "2026-03-29T12:00:00+00:00", BERLIN, "2026-03-29T01:00:00+00:00"),  # skipped: 02:00 became 03:00
        ("02:30", "2026-03-29T00:59:59+00:00", BERLIN, "2026-03-28T01:30:00+00:00"),
        ("02:30", "2026-10-25T00:30:00+00:00", BERLIN, "2026-10-25T00:30:00+00:00"),  # shown twice: the first
        ("02:30", "2026-10-25T01:30:00+00:00", BERLIN, "2026-10-25T00:30:00+00:00"),
        ("00:30", "2023-04-28T12:00:00+00:00", "Africa/Cairo", "2023-04-27T22:00:00+00:00"),  # midnight was skipped
        ("10:00", "2011-12-30T12:00:00+00:00", "Pacific/Apia", "2011-12-30T10:00:00+00:00"),  # a day was skipped
        ("Monday 10:00", "2026-11-20T00:00:00+00:00", "UTC", "2026-11-16T10:00:00+00:00"),
        ("mon 10:00", "2026-11-16T10:00:00+00:00", "UTC", "2026-11-16T10:00:00+00:00"),
        ("Monday 10:00", "2026-11-16T09:59:59+00:00", "UTC", "2026-11-09T10:00:00+00:00"),
        ("Mon-Fri 18:00", "2026-11-22T23:00:00+00:00", "UTC", "2026-11-20T18:00:00+00:00"),
        ("Sat-Mon 18:00", "2026-11-20T23:00:00+00:00", "UTC", "2026-11-16T18:00:00+00:00"),
        ("monthly 06:00", "2026-11-20T00:00:00+00:00", "UTC", "2026-11-01T06:00:00+00:00"),
        ("monthly on 15 06:00", "2026-11-15T05:59:00+00:00", "UTC", "2026-10-15T06:00:00+00:00"),
        ("monthly on 31 06:00", "2026-12-01T00:00:00+00:00", "UTC", "2026-11-30T06:00:00+00:00"),
        ("monthly on 31 06:00", "2028-02-29T06:00:00+00:00", "UTC", "2028-02-29T06:00:00+00:00"),
        ("monthly on 31 06:00", "2027-03-01T00:00:00+00:00", "UTC", "2027-02-28T06:00:00+00:00"),
        ("quarterly 06:00", "2026-01-01T05:59:00+00:00", "UTC", "2025-10-01T06:00:00+00:00"),
        ("quarterly on 15 06:00", "2026-06-30T00:00:00+00:00", "UTC", "2026-04-15T06:00:00+00:00"),
        ("yearly 00:00", "2026-12-31T23:30:00+00:00", BERLIN, "2026-12-31T23:00:00+00:00"),
        ("yearly 00:00", "2026-12-31T22:30:00+00:00", BERLIN, "2025-12-31T23:00:00+00:00"),
    ],
)
def test_a_slot_is_the_latest_moment_that_is_due(period, now, zone, due):
    assert slot(read("tests.job", period), datetime.fromisoformat(now), zone) == datetime.fromisoformat(due)


def test_a_job_with_a_zone_of_its_own_goes_by_that_clock_wherever_the_organisation_is():
    schedule, now = read("tests.job", "08:00", BERLIN), datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert slot(schedule, now, SYDNEY) == datetime(2026, 11, 20, 7, tzinfo=UTC)


@UNHURRIED
@given(PERIODS, MOMENTS, st.timedeltas(timedelta(0), timedelta(days=400)), st.sampled_from(ZONES))
def test_a_slot_is_past_stays_what_it_is_and_never_goes_back(period, now, later, zone):
    schedule = read("tests.job", period)
    due = slot(schedule, now, zone)
    assert due <= now
    assert slot(schedule, due, zone) == due
    assert slot(schedule, now + later, zone) >= due


@UNHURRIED
@given(PERIODS, MOMENTS, st.sampled_from(ZONES))
def test_nothing_is_due_between_a_slot_and_the_following_one(period, now, zone):
    schedule = read("tests.job", period)
    due, coming = slot(schedule, now, zone), following(schedule, now, zone)
    assert due <= now < coming
    assert slot(schedule, coming - timedelta(microseconds=1), zone) == due
    assert slot(schedule, coming, zone) == coming


def slots(period, zone, since, until):
    """Every slot between two moments, found as a worker would that asks again and again."""
    schedule, found, now = read("tests.job", period), [], since
    while (now := following(schedule, now, zone)) < until:
        found.append(now)
    return found


@UNHURRIED
@given(st.integers(1995, 2035), st.integers(0, 6), TIMES, st.sampled_from(ZONES))
def test_each_local_week_has_exactly_one_slot(year, day, at, zone):
    start, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    local = [due.astimezone(ZoneInfo(zone)) for due in slots(f"{DAYS[day]} {at}", zone, start, end)]
    assert len(local) in (52, 53)
    assert {due.weekday() for due in local} == {day}
    assert {(after.date() - before.date()).days for before, after in pairwise(local)} == {7}


@UNHURRIED
@given(
    st.sampled_from([("monthly", 1), ("quarterly", 3), ("yearly", 12)]),
    st.integers(1995, 2030), st.integers(1, 31), TIMES, st.sampled_from(ZONES),
)  # fmt: skip
def test_each_local_month_quarter_and_year_has_exactly_one_slot(every, year, day, at, zone):
    word, months = every
    start, end = (datetime(y, 7, 1, 12, tzinfo=UTC) for y in (year, year + 3))
    local = [due.astimezone(ZoneInfo(zone)) for due in slots(f"{word} on {day} {at}", zone, start, end)]
    counted = [due.year * 12 + due.month - 1 for due in local]
    assert len(local) in (36 // months, 36 // months - 1, 36 // months + 1)
    assert {month % months for month in counted} == {0}
    assert {after - before for before, after in pairwise(counted)} <= {months}
    assert {due.day for due in local} <= {day, *(last for last in (28, 29, 30) if last < day)}


@UNHURRIED
@given(st.dates(date(1990, 1, 1), date(2036, 12, 31)), TIMES, st.sampled_from(ZONES))
def test_the_wall_shows_the_time_or_has_just_skipped_it(day, at, zone):
    wanted, tz = datetime.combine(day, time.fromisoformat(at)), ZoneInfo(zone)
    due = moment(day, time.fromisoformat(at), tz)
    shown, just_before = (m.astimezone(tz).replace(tzinfo=None) for m in (due, due - timedelta(seconds=1)))
    assert shown == wanted or just_before < wanted < shown
    again = due - timedelta(hours=3)
    while shown == wanted and again < due:  # nor was it shown before
        assert again.astimezone(tz).replace(tzinfo=None) != wanted
        again += timedelta(minutes=15)


def test_an_interval_goes_by_no_wall_and_takes_no_zone():
    with pytest.raises(NoSuchPeriod):
        read("tests.job", "10s", BERLIN)
