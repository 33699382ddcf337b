"""The refill engine: a table of cases, and what holds for any."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galen.prescribing import Fill, RefillRule, RefillTerms, RefillVerdict, refill
from galen.prescribing.refills import usual_due

MARCH = date(2026, 3, 1)
USUAL = RefillTerms("AU", "S4", written=MARCH, repeats=5)
DUE, EARLY, NOT_YET = RefillVerdict.DUE, RefillVerdict.EARLY, RefillVerdict.NOT_YET


def on(day: int) -> date:
    """The so-manieth day after the first of March."""
    return MARCH + timedelta(days=day)


def rule(share: str = "0.80", **kw: object) -> RefillRule:
    return RefillRule(Decimal(share), **kw)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fills, asked, terms, supply, first",
    [
        ([(0, 30)], rule(), USUAL, 2, 24),  # day 24 used: 25 March
        ([(0, 30)], rule("0.85"), USUAL, 2, 26),
        ([(0, 28)], rule("0.75"), USUAL, 2, 21),
        ([(0, 5)], rule(), USUAL, 2, 4),
        ([(0, 1)], rule(), USUAL, 2, 1),
        ([(0, 30)], rule("1"), USUAL, 2, 30),
        ([(0, 30)], rule(), RefillTerms("AU", "S4", MARCH, repeats=5, interval=28), 2, 28),  # the prescriber's own
        ([(0, 30)], rule(), RefillTerms("AU", "S4", MARCH, repeats=5, interval=7), 2, 24),
        (
            [(0, 30)],
            rule(),
            RefillTerms("AU", "S4", MARCH, repeats=5, interval=28),
            1,
            24,
        ),  # of repeats alone
        ([(0, 30)], rule(apart=20), USUAL, 2, 24),
        ([(0, 10)], rule(apart=20), USUAL, 2, 20),  # 20 days apart, whatever was supplied
        ([(0, 90)], rule(ahead=7), USUAL, 2, 83),  # a week before it runs out, not 18 days
        ([(0, 30)], rule(ahead=7), USUAL, 2, 24),
        ([(0, 30), (24, 30)], rule(), USUAL, 3, 54),  # 6 days were left: they are added
        ([(0, 30), (24, 30)], rule(look_back=0), USUAL, 3, 48),  # the last one alone
        ([(0, 30), (24, 30), (48, 30)], rule(), USUAL, 4, 84),  # small early fills do not add up unseen
        ([(0, 30), (40, 30)], rule(), USUAL, 3, 64),  # a gap is not made up for
        ([(0, 30), (0, 30)], rule(), USUAL, 2, 54),  # two on one day last twice as long
        ([(24, 30), (0, 30)], rule(), USUAL, 3, 54),  # in whatever order they come
        ([(0, None)], rule(apart=14), USUAL, 2, 14),
        ([(0, 30), (3, None)], rule(), USUAL, 2, 24),  # what nobody can reckon hides nothing
        (
            [(0, 365)],
            rule(look_back=180),
            RefillTerms("AU", "S4", on(200), repeats=5),
            1,
            292,
        ),  # never forgotten
    ],
)
def test_the_earliest_day(
    fills: list[tuple[int, int | None]], asked: RefillRule, terms: RefillTerms, supply: int, first: int
) -> None:
    supplied = [Fill(on(day), days) for day, days in fills]
    before = refill(supplied, asked, terms, supply, on(max(first - 1, 0)))
    assert (before.earliest, before.verdict) == (on(first), EARLY)
    assert refill(supplied, asked, terms, supply, on(first)).due


def test_the_arithmetic_is_told_in_words() -> None:
    answer = refill([Fill(on(0), 30), Fill(on(24), 30)], rule(ahead=5), USUAL, 3, on(40))
    assert answer.sums == (
        "Last supplied 25 Mar 2026, lasts 30 days; 80 % of that is 24 days. "
        "6 days were left of what was supplied before. It runs out on 30 Apr 2026; at most 5 days before that."
    )
    assert (answer.used, answer.earliest) == (44, date(2026, 4, 25))
    assert refill([Fill(MARCH, None)], rule(apart=14), USUAL, 2, on(3)).sums == (
        "Last supplied 1 Mar 2026; at least 14 days between two supplies."
    )


def test_with_nothing_to_reckon_with_it_is_due_today() -> None:
    for fills in ([], [Fill(MARCH, None)]):
        answer = refill(fills, rule(), USUAL, 1, on(2))
        assert (answer.verdict, answer.earliest, answer.known, answer.sums) == (DUE, on(2), False, "")


@pytest.mark.parametrize(
    "country, schedule, supply, strict, helps",
    [
        ("AU", "S4", 2, False, True),
        ("AU", "S8", 2, False, False),  # the law is strict, whatever the house says
        ("AU", "S8", 1, True, True),  # a new prescription is a new judgement
        ("US", "CIII", 2, False, True),
        ("US", "CIII", 2, True, False),  # the house is strict
        ("US", "CIV", 2, True, False),
        ("US", "", 2, False, True),
    ],
)
def test_where_a_reason_helps(country: str, schedule: str, supply: int, strict: bool, helps: bool) -> None:
    terms = RefillTerms(country, schedule, written=MARCH, repeats=3, interval=28)
    answer = refill([Fill(MARCH, 28)], rule("0.85", strict=strict), terms, supply, on(20))
    assert (answer.verdict, answer.reason_helps) == (EARLY, helps)


@pytest.mark.parametrize(
    "terms, last_day",
    [
        (RefillTerms("AU", "S4", MARCH), date(2027, 3, 1)),
        (RefillTerms("AU", "S8", MARCH), date(2026, 9, 1)),
        (RefillTerms("US", "CII", MARCH), date(2026, 5, 30)),
        (RefillTerms("US", "CIII", date(2026, 8, 31)), date(2027, 2, 28)),
        (RefillTerms("US", "CIV", MARCH, until=date(2026, 4, 1)), date(2026, 4, 1)),
        (RefillTerms("US", "CIV", MARCH, until=date(2030, 4, 1)), date(2026, 9, 1)),
    ],
)
def test_a_prescription_ends_by_the_schedule_and_the_country(terms: RefillTerms, last_day: date) -> None:
    assert terms.last_day == last_day
    assert refill([], rule(), terms, 1, last_day).due
    over = refill([], rule(), terms, 1, last_day + timedelta(days=1))
    assert (over.verdict, over.earliest) == (RefillVerdict.OVER, None)


def test_no_more_repeats_than_the_law_allows() -> None:
    assert RefillTerms("US", "CII", MARCH, repeats=3).supplies == 1
    assert RefillTerms("US", "CIII", MARCH, repeats=11).supplies == 6
    answer = refill([], rule(), RefillTerms("US", "CII", MARCH, repeats=3), 2, on(1))
    assert (answer.verdict, answer.earliest) == (RefillVerdict.USED_UP, None)


def test_the_prescriber_s_first_day_holds_whatever_is_used_up() -> None:
    terms = RefillTerms("US", "CII", MARCH, not_before=on(30))
    answer = refill([Fill(MARCH, 28)], rule(), terms, 1, on(29))
    assert (answer.verdict, answer.earliest, answer.reason_helps) == (NOT_YET, on(30), False)
    assert refill([Fill(MARCH, 28)], rule(), terms, 1, on(30)).due


def test_what_would_be_due_after_its_end_has_no_day() -> None:
    terms = RefillTerms("AU", "S4", MARCH, until=on(20), repeats=2)
    answer = refill([Fill(MARCH, 30)], rule(), terms, 2, on(10))
    assert (answer.verdict, answer.earliest, answer.reason_helps) == (EARLY, None, True)
    assert answer.sums.endswith("The prescription ends before that, on 21 Mar 2026.")


def test_a_share_is_a_share() -> None:
    for share in ("0", "1.2", "80"):
        with pytest.raises(ValueError, match=r"0\.80 is 80 %"):
            rule(share)
    assert usual_due(MARCH, 30) == on(24)


FILLS = st.lists(st.tuples(st.integers(0, 300), st.one_of(st.none(), st.integers(1, 30))), max_size=8)
SHARES = st.integers(50, 100).map(lambda percent: Decimal(percent) / 100)
FIXED = st.one_of(st.none(), st.integers(1, 40))


@settings(deadline=None)
@given(FILLS, SHARES, FIXED, FIXED, st.integers(0, 200), st.integers(0, 60))
def test_whatever_was_supplied(
    said: list[tuple[int, int | None]], share: Decimal, ahead: int | None, apart: int | None, look_back: int, after: int
) -> None:
    """On its earliest day it is due, on the day before it is not; more supplies and a higher share never hasten it."""
    fills = [Fill(on(day), days) for day, days in said]
    today = max((fill.day for fill in fills), default=MARCH) + timedelta(days=after)
    terms = RefillTerms("AU", "S4", written=today, repeats=99)
    asked = RefillRule(share, ahead, apart, look_back)
    answer = refill(fills, asked, terms, 2, today)
    assert answer.earliest is not None
    assert answer.due == (today >= answer.earliest)
    assert answer.known == bool(answer.sums)
    if not answer.due:
        assert refill(fills, asked, terms, 2, answer.earliest).due
        supplied = sum(days or 0 for _day, days in said)
        assert answer.earliest <= max(fill.day for fill in fills) + timedelta(days=supplied + 40)
    later = RefillRule(Decimal(1), ahead, apart, look_back)
    assert (refill(fills, later, terms, 2, today).earliest or date.max) >= answer.earliest
    if fills:
        more = [*fills, Fill(max(fill.day for fill in fills), 30)]
        whole = RefillRule(share, ahead, apart, look_back=730)
        fewer, longer = refill(fills, whole, terms, 2, today).earliest, refill(more, whole, terms, 2, today).earliest
        assert longer is not None and fewer is not None
        assert longer >= fewer or fewer <= today
