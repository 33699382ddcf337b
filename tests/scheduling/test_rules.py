from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galen.scheduling.rules import Fees, Pattern, Span, begun, cut, free, hours, instant, local_day, price, slots
from galen.values.money import Money

SYDNEY, NEW_YORK = ZoneInfo("Australia/Sydney"), ZoneInfo("America/New_York")
LORD_HOWE, APIA = ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Apia")
HOUR = timedelta(hours=1)
FRIDAY = date(2026, 11, 20)


def on_the_wall(spans: list[Span], zone: ZoneInfo) -> list[str]:
    return [f"{span.start.astimezone(zone):%H:%M}-{span.end.astimezone(zone):%H:%M}" for span in spans]


def at(text: str, zone: ZoneInfo = SYDNEY) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    "start, end, minutes, pause, expected",
    [
        ("09:00", "10:00", 15, 0, ["09:00-09:15", "09:15-09:30", "09:30-09:45", "09:45-10:00"]),
        ("09:00", "10:00", 20, 5, ["09:00-09:20", "09:25-09:45"]),
        ("09:00", "10:05", 20, 5, ["09:00-09:20", "09:25-09:45"]),
        ("09:00", "10:10", 20, 5, ["09:00-09:20", "09:25-09:45", "09:50-10:10"]),
        ("09:00", "09:10", 15, 0, []),
        ("23:00", "00:00", 30, 0, ["23:00-23:30", "23:30-00:00"]),
        ("23:30", "00:30", 30, 0, ["23:30-00:00", "00:00-00:30"]),
    ],
)
def test_hours_are_cut_into_slots(start: str, end: str, minutes: int, pause: int, expected: list[str]) -> None:
    pattern = Pattern(4, time.fromisoformat(start), time.fromisoformat(end), minutes, pause)
    assert on_the_wall(slots(FRIDAY, SYDNEY, [pattern]), SYDNEY) == expected
    assert slots(FRIDAY + timedelta(days=1), SYDNEY, [pattern]) == []


@pytest.mark.parametrize(
    "zone, day, length",
    [
        (SYDNEY, date(2026, 10, 4), 23 * HOUR),
        (SYDNEY, date(2026, 4, 5), 25 * HOUR),
        (NEW_YORK, date(2026, 3, 8), 23 * HOUR),
        (NEW_YORK, date(2026, 11, 1), 25 * HOUR),
        (LORD_HOWE, date(2026, 10, 4), 23.5 * HOUR),
        (LORD_HOWE, date(2026, 4, 5), 24.5 * HOUR),
        (SYDNEY, FRIDAY, 24 * HOUR),
    ],
)
def test_a_day_has_as_many_hours_as_the_clock_says(zone: ZoneInfo, day: date, length: timedelta) -> None:
    assert local_day(day, zone).length == length
    whole = Pattern(day.weekday(), time(0), time(0), 30)
    assert len(slots(day, zone, [whole])) == length / timedelta(minutes=30)


def test_no_slot_lies_in_the_hour_that_clocks_skip() -> None:
    night = Pattern(6, time(1), time(4), 30)
    found = slots(date(2026, 10, 4), SYDNEY, [night])
    assert on_the_wall(found, SYDNEY) == ["01:00-01:30", "01:30-03:00", "03:00-03:30", "03:30-04:00"]
    assert {slot.length for slot in found} == {timedelta(minutes=30)}
    assert slots(date(2026, 10, 4), SYDNEY, [Pattern(6, time(2), time(3), 30)]) == []
    skipped = slots(date(2026, 10, 4), SYDNEY, [Pattern(6, time(2, 30), time(4), 30)])
    assert on_the_wall(skipped, SYDNEY) == ["03:00-03:30", "03:30-04:00"]


def test_the_hour_that_clocks_repeat_is_offered_twice() -> None:
    night = Pattern(6, time(1), time(4), 60)
    found = slots(date(2026, 4, 5), SYDNEY, [night])
    assert on_the_wall(found, SYDNEY) == ["01:00-02:00", "02:00-02:00", "02:00-03:00", "03:00-04:00"]
    assert {slot.length for slot in found} == {HOUR}


def test_patterns_that_touch_leave_no_hole_on_the_longest_day() -> None:
    halves = [Pattern(6, time(0), time(2, 30), 30), Pattern(6, time(2, 30), time(0), 30)]
    found = slots(date(2026, 4, 5), SYDNEY, halves)
    assert len(found) == 50
    assert all(one.end == other.start for one, other in pairwise(found))


def test_a_day_that_a_country_skipped_has_no_hours() -> None:
    assert hours(Pattern(4, time(9), time(17), 30), date(2011, 12, 30), APIA) is None


def test_holidays_and_leave_cut_slots_out() -> None:
    morning = Pattern(4, time(9), time(10), 15)
    leave = Span(at("2026-11-20T09:15"), at("2026-11-20T09:31"))
    assert on_the_wall(slots(FRIDAY, SYDNEY, [morning], [leave]), SYDNEY) == ["09:00-09:15", "09:45-10:00"]
    assert slots(FRIDAY, SYDNEY, [morning], closed=frozenset([FRIDAY])) == []


def test_overlapping_patterns_never_offer_the_same_time_twice() -> None:
    found = slots(FRIDAY, SYDNEY, [Pattern(4, time(9), time(10), 30), Pattern(4, time(9, 15), time(10, 15), 30)])
    assert on_the_wall(found, SYDNEY) == ["09:00-09:30", "09:30-10:00"]


def test_free_slots_are_those_ahead_that_nobody_took() -> None:
    offered = slots(FRIDAY, SYDNEY, [Pattern(4, time(9), time(10), 15)])
    taken = [Span(at("2026-11-20T09:30"), at("2026-11-20T09:45"))]
    found = free(offered, taken, at("2026-11-20T09:15"))
    assert on_the_wall(found, SYDNEY) == ["09:15-09:30", "09:45-10:00"]


def test_touching_spans_do_not_meet_and_the_end_is_outside() -> None:
    first = Span(at("2026-11-20T09:00"), at("2026-11-20T09:15"))
    second = Span(at("2026-11-20T09:15"), at("2026-11-20T09:30"))
    assert not first.meets(second) and not second.meets(first) and first.meets(first)
    assert first.holds(first.start) and not first.holds(first.end)


def test_a_span_needs_a_zone_and_an_order() -> None:
    with pytest.raises(ValueError, match="needs its time zone"):
        Span(datetime(2026, 11, 20, 9), datetime(2026, 11, 20, 10))
    with pytest.raises(ValueError, match="end must be after the start"):
        Span(at("2026-11-20T09:00"), at("2026-11-20T09:00"))


@pytest.mark.parametrize(
    "weekday, minutes, pause, sentence",
    [(7, 15, 0, "weekday must be"), (0, 0, 0, "slot must last"), (0, 15, -1, "pause after a slot")],
)
def test_an_impossible_pattern_is_refused(weekday: int, minutes: int, pause: int, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Pattern(weekday, time(9), time(17), minutes, pause)


zones = st.sampled_from([SYDNEY, NEW_YORK, LORD_HOWE, ZoneInfo("UTC"), ZoneInfo("America/Sao_Paulo"), APIA])
days = st.dates(date(1990, 1, 1), date(2040, 1, 1))
walls = st.times().map(lambda wall: wall.replace(second=0, microsecond=0))


@given(days, walls, walls, zones)
def test_a_later_time_on_the_wall_is_never_an_earlier_instant(
    day: date, one: time, other: time, zone: ZoneInfo
) -> None:
    first, second = sorted([one, other])
    assert instant(day, first, zone) <= instant(day, second, zone) <= instant(day + timedelta(days=1), first, zone)


@given(days, walls, zones)
def test_an_instant_shows_the_time_asked_for_unless_clocks_skip_it(day: date, wall: time, zone: ZoneInfo) -> None:
    shown = instant(day, wall, zone).astimezone(zone)
    asked = datetime.combine(day, wall)
    assert shown.replace(tzinfo=None) >= asked
    if shown.replace(tzinfo=None) != asked:
        assert (shown.astimezone(UTC) - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None) < asked


@given(days, zones)
def test_days_follow_one_another_without_gap(day: date, zone: ZoneInfo) -> None:
    tomorrow = day + timedelta(days=1)
    assert instant(tomorrow, time.min, zone) >= instant(day, time.min, zone)
    if (zone, day) != (APIA, date(2011, 12, 30)):
        assert local_day(day, zone).length >= 23 * HOUR


@given(days, zones, st.lists(st.tuples(walls, walls, st.integers(5, 120), st.integers(0, 30)), max_size=4))
def test_slots_have_their_length_and_never_overlap(
    day: date, zone: ZoneInfo, shapes: list[tuple[time, time, int, int]]
) -> None:
    patterns = [Pattern(day.weekday(), *shape) for shape in shapes]
    found = slots(day, zone, patterns)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert {slot.length for slot in found} <= {timedelta(minutes=pattern.minutes) for pattern in patterns}
    openings = [opening for pattern in patterns if (opening := hours(pattern, day, zone))]
    assert all(any(o.start <= slot.start and slot.end <= o.end for o in openings) for slot in found)


@given(st.integers(1, 600), st.integers(1, 60), st.integers(0, 30))
def test_as_many_slots_as_fit(length: int, minutes: int, pause: int) -> None:
    opening = Span(at("2026-11-20T09:00"), at("2026-11-20T09:00") + timedelta(minutes=length))
    found = cut(opening, minutes, pause)
    assert len(found) * minutes + max(0, len(found) - 1) * pause <= length
    assert (len(found) + 1) * minutes + len(found) * pause > length


def money(amount: int, currency: str = "AUD") -> Money:
    return Money(Decimal(amount), currency)


@pytest.mark.parametrize(
    "earlier, doctor, organisation, expected",
    [
        (0, None, None, 80),
        (1, None, None, 50),
        (0, None, Fees(money(100), money(60)), 100),
        (3, Fees(money(150), money(90)), Fees(money(100), money(60)), 90),
        (0, Fees(money(150), money(90)), None, 150),
    ],
)
def test_a_new_patient_pays_the_new_fee(
    earlier: int, doctor: Fees | None, organisation: Fees | None, expected: int
) -> None:
    assert price(earlier, "AUD", doctor, organisation) == money(expected)


@given(st.integers(1, 600), st.integers(1, 120), st.integers(0, 30), st.integers(-90, 700), st.sampled_from([0, 1]))
def test_the_slot_that_begins_then_is_the_one_that_is_cut(
    long: int, minutes: int, pause: int, at: int, odd: int
) -> None:
    start = datetime(2026, 4, 5, 9, tzinfo=UTC)
    opening = Span(start, start + timedelta(minutes=long))
    pattern = Pattern(6, time(9), time(18), minutes, pause)
    when = start + timedelta(minutes=at, seconds=odd)
    cut_then = [slot for slot in cut(opening, minutes, pause) if slot.start == when]
    assert begun(opening, pattern, when) == (cut_then[0] if cut_then else None)
