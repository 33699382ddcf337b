"""What a row of temperatures means: cases by hand, and rules that hold for any row."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galen.coldchain.rules import (
    ColdState,
    Departure,
    RangeRule,
    TemperatureAt,
    believed,
    departures,
    due_step,
    excursions,
    in_celsius,
    kinetic_mean,
    kinetic_mean_of,
    presence,
    silences,
    standing,
    taken_at,
    worst,
)

D = Decimal
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FRIDGE = RangeRule(D(2), D(8), D(2), D(12), timedelta(minutes=15), timedelta(minutes=5))
FREEZER = RangeRule(D(-50), D(-15), D(-50), D(-15), timedelta(), timedelta(minutes=5))


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def line(*celsius: Any, every: float = 5) -> list[TemperatureAt]:
    """Readings one after another; None is a broken probe."""
    return [TemperatureAt(after(n * every), None if c is None else D(str(c))) for n, c in enumerate(celsius)]


@pytest.mark.parametrize(
    ("temperatures", "mean"),
    [
        ([25] * 10, "25.000"),
        ([20, 22, 25, 30], "25.032"),
        ([2] * 23 + [15], "3.214"),
        ([5] * 46 + [25] * 2, "7.756"),
        ([-20], "-20.000"),
    ],
)
def test_the_mean_kinetic_temperature_is_that_of_the_standard(temperatures, mean):
    found = kinetic_mean((D(t), D(1)) for t in temperatures)
    assert found is not None and found.quantize(D("0.001")) == D(mean)


def test_there_is_no_mean_of_nothing():
    assert kinetic_mean([]) is None and kinetic_mean([(D(5), D(0))]) is None
    assert kinetic_mean_of([], FRIDGE, NOON) is None


@given(st.lists(st.decimals(-60, 60, places=1), min_size=1, max_size=60))
def test_the_kinetic_mean_lies_between_the_plain_mean_and_the_warmest(temperatures):
    found = kinetic_mean((t, D(1)) for t in temperatures)
    assert found is not None
    tiny = D("1e-15")
    assert sum(temperatures) / len(temperatures) - tiny <= found <= max(temperatures) + tiny


def test_a_reading_weighs_as_long_as_it_stands_and_no_longer_than_two_intervals():
    readings = [TemperatureAt(after(0), D(5)), TemperatureAt(after(5), D(15)), TemperatureAt(after(600), D(5))]
    weighed = kinetic_mean([(D(5), D(5)), (D(15), D(10)), (D(5), D(10))])
    assert kinetic_mean_of(readings, FRIDGE, after(900)) == weighed


@pytest.mark.parametrize(
    ("readings", "broken"),
    [
        (line(4, 5, 8, 2, 6), []),  # both ends of the range are in it
        (line(4, 9, 11, 9, 6), []),  # a door, open for fifteen minutes
        (line(4, 9, 11, 9, 9, 6), [(5, 25)]),  # for twenty
        (line(4, 12, 6), []),
        (line(4, "12.001", 6), [(5, 10)]),  # too warm for any door
        (line(4, "1.9", 6), [(5, 10)]),  # below two degrees there is no tolerance: it may have frozen
        (line(9, 9, 9, 9, 9), [(0, None)]),
        (line(4, 9, None, None, 9, 6), [(5, 25)]),  # what is not known in between was not good
        (line(4, 20, 6, 1, 6), [(5, 10), (15, 20)]),
        (line(None, None), []),
        ([], []),
    ],
)
def test_what_is_an_excursion_of_a_vaccine_fridge(readings, broken):
    found = excursions([readings], FRIDGE, after(60))
    began_and_ended = [(d.began, d.ended) for d in found]
    assert began_and_ended == [(after(a), None if b is None else after(b)) for a, b in broken]


def test_any_thaw_of_a_freezer_is_recorded():
    (thaw,) = excursions([line(-20, -14, -20)], FREEZER, after(60))
    assert (thaw.lowest, thaw.highest, thaw.length(NOON)) == (D(-14), D(-14), timedelta(minutes=5))


def test_what_goes_on_becomes_an_excursion_when_its_time_is_over():
    readings = line(4, 9, 9)
    assert excursions([readings], FRIDGE, after(20)) == []
    assert excursions([readings], FRIDGE, after(21)) == [Departure(after(5), None, D(9), D(9))]


def test_two_probes_that_say_the_same_hour_are_one_excursion():
    upper, lower = line(4, 20, 20, 6, 6, 6), line(4, 4, 15, 15, 6, 6)
    assert excursions([upper, lower], FRIDGE, after(60)) == [Departure(after(5), after(20), D(15), D(20))]


values = st.one_of(st.none(), st.decimals(-5, 20, places=1))


@given(st.lists(values, max_size=50), st.data())
def test_one_more_reading_out_of_range_never_makes_less_of_it(celsius, data):
    readings = line(*celsius)
    place = data.draw(st.integers(0, len(readings)))
    warm = TemperatureAt(after(place * 5 - 2.5), D(19))
    more = sorted([*readings, warm], key=lambda reading: reading.at)
    until = after(1000)
    before, now = excursions([readings], FRIDGE, until), excursions([more], FRIDGE, until)
    lasted = [sum((d.length(until) for d in found), timedelta()) for found in (before, now)]
    assert lasted[0] <= lasted[1] and any(d.touches(warm.at, warm.at) for d in now)


@given(st.lists(values, max_size=50))
def test_departures_hold_what_is_out_of_range_and_nothing_else_that_is_known(celsius):
    readings = line(*celsius)
    found = departures(readings, FRIDGE)
    for reading in readings:
        inside = any(d.began <= reading.at and (d.ended is None or reading.at < d.ended) for d in found)
        if reading.celsius is not None:
            assert inside != FRIDGE.holds(reading.celsius)
    assert all(a.ended is not None and a.ended < b.began for a, b in itertools.pairwise(found))


def test_a_gap_of_more_than_two_intervals_is_a_time_of_which_nothing_is_known():
    readings = [TemperatureAt(after(m), D(4) + m % 3) for m in (0, 5, 15, 26, 30)]
    (gap, end) = silences(readings, FRIDGE, after(60))
    assert (gap.began, gap.ended, gap.flat) == (after(15), after(26), False)
    assert (end.began, end.ended) == (after(30), None)


def test_a_broken_probe_is_no_data():
    (gap,) = silences(line(4, None, None, None, 5), FRIDGE, after(20))
    assert (gap.began, gap.ended) == (after(0), after(20))


def test_a_line_that_does_not_move_for_six_hours_is_no_data():
    still = [*line(*[5] * 74), TemperatureAt(after(370), D(6))]
    (flat,) = silences(still, FRIDGE, after(371))
    assert flat.flat and (flat.began, flat.ended) == (after(0), after(370))
    assert silences(line(*[5] * 73), FRIDGE, after(360)) == []


@pytest.mark.parametrize(
    ("latest", "flat", "minutes", "broken", "stands"),
    [
        (5, 0, 0, False, ColdState.OK),
        (5, 0, 10, False, ColdState.OK),
        (5, 0, 11, False, ColdState.UNKNOWN),
        (5, -361, 0, False, ColdState.UNKNOWN),
        (9, 0, 0, False, ColdState.WARNING),
        (9, 0, 0, True, ColdState.EXCURSION),
        (9, 0, 11, True, ColdState.UNKNOWN),
        (None, 0, 0, False, ColdState.UNKNOWN),
    ],
)
def test_how_a_probe_stands(latest, flat, minutes, broken, stands):
    reading = TemperatureAt(NOON, None if latest is None else D(latest))
    assert standing(reading, after(flat), FRIDGE, after(minutes), broken=broken) is stands


def test_nothing_heard_is_never_good():
    assert standing(None, None, FRIDGE, NOON, broken=False) is ColdState.UNKNOWN
    assert worst([]) is ColdState.UNKNOWN
    assert worst([ColdState.OK, ColdState.UNKNOWN]) is ColdState.UNKNOWN
    assert worst([ColdState.UNKNOWN, ColdState.EXCURSION]) is ColdState.EXCURSION


@pytest.mark.parametrize(("value", "unit", "celsius"), [(5, "C", 5), (41, "F", 5), (-4, "F", -20), (32, "F", 0)])
def test_a_probe_that_speaks_in_fahrenheit_is_understood(value, unit, celsius):
    assert in_celsius(D(value), unit) == D(celsius)


@pytest.mark.parametrize("said", [-127, 999, -200, 100])
def test_what_a_broken_probe_says_is_no_temperature(said):
    assert believed(D(said)) is None


@pytest.mark.parametrize(
    ("at", "sent", "taken", "off"),
    [
        (-3, None, -3, False),
        (-600, None, -600, False),  # it waited for a line
        (4, None, 4, False),
        (6, None, 0, True),  # it cannot have been taken in the future
        (-65, -60, -5, True),  # an hour slow: it says so itself
        (55, 60, -5, True),
        (-30, -1, -30, False),
    ],
)
def test_of_two_clocks_both_are_kept_and_ours_counts(at, sent, taken, off):
    said = None if sent is None else after(sent)
    assert taken_at(after(at), said, NOON) == (after(taken), off)


def test_a_clock_that_stands_at_its_beginning_is_wrong():
    assert taken_at(datetime(1970, 1, 1, tzinfo=UTC), None, NOON) == (NOON, True)


@pytest.mark.parametrize(
    ("before", "moves", "minutes"),
    [
        (10, [], 60),
        (0, [], None),
        (0, [(20, 5)], 40),
        (10, [(15, 0)], 15),
        (10, [(15, 0), (45, 3)], 30),
        (0, [(20, 5), (20, 0)], 0),  # brought and taken away at once: it was there
    ],
)
def test_how_long_a_batch_lay_there(before, moves, minutes):
    found = presence(D(before), [(after(at), D(left)) for at, left in moves], NOON, after(60))
    assert found == (None if minutes is None else timedelta(minutes=minutes))


@pytest.mark.parametrize(("minutes", "steps"), [(0, 1), (14, 1), (15, 2), (59, 2), (60, 3), (999, 3)])
def test_it_goes_further_when_nobody_takes_it_up(minutes, steps):
    assert due_step(NOON, after(minutes)) == steps
