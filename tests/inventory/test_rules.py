from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galen.inventory.rules import (
    Level,
    Shelf,
    available,
    expires_within,
    expiry,
    fefo,
    in_packs,
    level,
    pack_words,
    pick,
)

D = Decimal
TODAY = date(2025, 1, 1)
RECEIVED = datetime(2024, 6, 1, tzinfo=UTC)


def shelf(
    number: int, on_hand: int, expires: str | None, received: datetime = RECEIVED, quarantined: bool = False
) -> Shelf:
    return Shelf(UUID(int=number), date.fromisoformat(expires) if expires else None, received, D(on_hand), quarantined)


A, B, C = shelf(1, 100, "2025-01-15"), shelf(2, 200, "2025-03-20"), shelf(3, 150, "2025-06-10")


def taken(shelves: list[Shelf], wanted: int, until: str | None = None) -> list[tuple[int, int]]:
    found = pick(shelves, D(wanted), TODAY, date.fromisoformat(until) if until else None)
    return [(take.shelf.batch.int, int(take.quantity)) for take in found.takes]


@pytest.mark.parametrize(
    "wanted, until, expected",
    [
        (120, None, [(1, 100), (2, 20)]),
        (100, None, [(1, 100)]),
        (1, None, [(1, 1)]),
        (450, None, [(1, 100), (2, 200), (3, 150)]),
        (460, None, [(1, 100), (2, 200), (3, 150)]),
        (30, "2025-01-31", [(2, 30)]),
        (30, "2025-01-15", [(1, 30)]),
        (30, "2025-04-01", [(3, 30)]),
        (160, "2025-04-01", [(1, 100), (2, 60)]),
    ],
)
def test_the_first_to_expire_goes_first_whatever_order_they_lie_in(
    wanted: int, until: str | None, expected: list[tuple[int, int]]
) -> None:
    for order in permutations([A, B, C]):
        assert taken(list(order), wanted, until) == expected


def test_what_is_missing_is_said() -> None:
    assert pick([A, B, C], D(460), TODAY).missing == 10
    assert pick([], D(5), TODAY) == pick([shelf(9, 0, None)], D(5), TODAY)
    assert pick([], D(5), TODAY).missing == 5


def test_the_expired_and_the_quarantined_stay_on_the_shelf() -> None:
    shelves = [
        shelf(1, 10, "2024-12-31"),
        shelf(2, 10, "2025-01-01"),
        shelf(3, 10, "2025-02-01", quarantined=True),
        shelf(4, 10, None),
    ]
    assert taken(shelves, 20) == [(2, 10), (4, 10)]
    assert available(shelves, TODAY) == 20


def test_equal_expiries_go_by_receipt_then_by_batch() -> None:
    later = RECEIVED + timedelta(days=1)
    shelves = [
        shelf(3, 1, "2025-02-01", later),
        shelf(2, 1, "2025-02-01"),
        shelf(1, 1, "2025-02-01", later),
        shelf(9, 1, None),
    ]
    assert taken(shelves, 4) == [(2, 1), (1, 1), (3, 1), (9, 1)]


def test_a_batch_that_will_not_outlast_the_course_is_marked() -> None:
    found = pick([A, B, C], D(160), TODAY, date(2025, 4, 1))
    assert [take.short_dated for take in found.takes] == [True, True] and found.short_dated
    assert not pick([A, B, C], D(30), TODAY, date(2025, 4, 1)).short_dated


def test_nothing_cannot_be_picked() -> None:
    with pytest.raises(ValueError, match="must be above zero"):
        pick([A], D(0), TODAY)


shelves_of_any_kind = st.lists(
    st.builds(
        Shelf,
        st.uuids(),
        st.none() | st.dates(TODAY - timedelta(days=40), TODAY + timedelta(days=400)),
        st.datetimes(datetime(2024, 1, 1), datetime(2024, 12, 31), timezones=st.just(UTC)),
        st.decimals(0, 500, places=2),
        st.booleans(),
    ),
    max_size=8,
    unique_by=lambda shelf: shelf.batch,
)


@given(shelves_of_any_kind, st.decimals("0.01", 2000, places=2), st.none() | st.integers(0, 200))
def test_a_pick_is_exact_usable_and_in_order(shelves: list[Shelf], wanted: Decimal, course: int | None) -> None:
    found = pick(shelves, wanted, TODAY, None if course is None else TODAY + timedelta(days=course))
    assert sum(take.quantity for take in found.takes) + found.missing == wanted
    assert found.missing == max(D(0), wanted - available(shelves, TODAY))
    assert all(0 < take.quantity <= take.shelf.on_hand and take.shelf.usable(TODAY) for take in found.takes)
    assert [take.shelf for take in found.takes] == sorted((take.shelf for take in found.takes), key=fefo)
    assert all(take.quantity == take.shelf.on_hand for take in found.takes[:-1])
    if course is None and found.takes:
        passed_over = {shelf.batch for shelf in shelves if shelf.usable(TODAY)} - {
            take.shelf.batch for take in found.takes
        }
        assert all(fefo(shelf) > fefo(found.takes[-1].shelf) for shelf in shelves if shelf.batch in passed_over)


@given(shelves_of_any_kind, st.decimals("0.01", 500, places=2), st.integers(0, 200))
def test_short_dated_stock_goes_only_when_the_rest_does_not_suffice(
    shelves: list[Shelf], wanted: Decimal, course: int
) -> None:
    last_day = TODAY + timedelta(days=course)
    lasting = sum((shelf.on_hand for shelf in shelves if shelf.usable(TODAY) and shelf.outlasts(last_day)), D(0))
    found = pick(shelves, wanted, TODAY, last_day)
    assert not found.short_dated or lasting < wanted


@pytest.mark.parametrize(
    "quantity, reorder_at, expected",
    [(0, 10, Level.OUT), (-1, None, Level.OUT), (10, 10, Level.LOW), (11, 10, Level.ENOUGH), (1, None, Level.ENOUGH)],
)
def test_stock_is_out_low_or_enough(quantity: int, reorder_at: int | None, expected: Level) -> None:
    assert level(D(quantity), None if reorder_at is None else D(reorder_at)) is expected


@pytest.mark.parametrize(
    "days, warning", [(-1, 0), (0, 30), (30, 30), (31, 60), (60, 60), (90, 90), (91, 180), (180, 180), (181, None)]
)
def test_expiry_is_warned_of_in_steps(days: int, warning: int | None) -> None:
    assert expires_within(TODAY + timedelta(days=days), TODAY) == warning


def test_what_does_not_perish_is_never_warned_of() -> None:
    assert expires_within(None, TODAY) is None


@pytest.mark.parametrize(
    "quantity, size, words",
    [
        ("94", "30", "3 packs + 4 tablets"),
        ("31", "30", "1 pack + 1 tablet"),
        ("60", "30", "2 packs"),
        ("4", "30", "4 tablets"),
        ("1", "30", "1 tablet"),
        ("0", "30", "0 tablets"),
        ("30.5", "30", "1 pack + 0.5 tablets"),
        ("100", "1", "100 tablets"),
        ("-34", "30", "minus 1 pack + 4 tablets"),
        ("-4", "30", "minus 4 tablets"),
    ],
)
def test_stock_is_counted_in_packs_and_loose_units(quantity: str, size: str, words: str) -> None:
    assert pack_words(D(quantity), D(size), "tablet") == words


def test_units_have_their_own_plurals() -> None:
    assert pack_words(D(3), D(10), "suppository") == "3 suppositories"


@given(st.decimals(-10_000, 10_000, places=2), st.decimals("0.5", 500, places=1))
def test_packs_and_loose_units_are_the_whole(quantity: Decimal, size: Decimal) -> None:
    packs, loose = in_packs(quantity, size)
    assert packs * size + loose == quantity and abs(loose) < size


def test_a_pack_holds_something() -> None:
    with pytest.raises(ValueError, match="pack size must be above zero"):
        in_packs(D(1), D(0))


@pytest.mark.parametrize(
    "text, day",
    [
        ("2027-06-15", "2027-06-15"),
        ("2027-06", "2027-06-30"),
        ("06/2027", "2027-06-30"),
        ("6/2027", "2027-06-30"),
        ("02.2028", "2028-02-29"),
        ("06/29", "2029-06-30"),
        ("2/28", "2028-02-29"),
        ("06-27", "2027-06-30"),
        ("12.30", "2030-12-31"),
        ("Jun 2029", "2029-06-30"),
        ("15 Jun 2029", "2029-06-15"),
    ],
)
def test_an_expiry_without_a_day_lasts_the_month(text: str, day: str) -> None:
    assert expiry(text) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "text", ["13/27", "00/27", "29/06", "0627", "15/06/2027", "soon", "2027-13", "2027-06-31", "0000-01"]
)
def test_a_doubtful_expiry_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expiry must be|calendar"):
        expiry(text)
