"""Lists sorted by the head of a column: numbers by size, names without regard to accents, what is missing last."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from galen.queue import TokenStatus
from galen.sorting import Orders, arranged, sort_link


@dataclass
class Row:
    word: str | None = None
    day: date | None = None
    left: Decimal | None = None
    of: object = None


def words(sort: str, *given: str | None) -> list[str | None]:
    return [row.word for row in arranged([Row(word) for word in given], [("word", "Word")], sort)]


@pytest.mark.parametrize(
    "given, up",
    [
        (["b", "a", "C"], ["a", "b", "C"]),
        (["Zoo", "Ångström", "Zoë", "Émile"], ["Ångström", "Émile", "Zoë", "Zoo"]),
        (
            ["Amlodipine 10 mg", "Amlodipine 5 mg", "Amlodipine 2.5 mg"],
            ["Amlodipine 2.5 mg", "Amlodipine 5 mg", "Amlodipine 10 mg"],
        ),
        (["RX000010", "RX000009", "12", "9", "x"], ["9", "12", "RX000009", "RX000010", "x"]),
        (["b", None, "a", ""], ["a", "b", None, ""]),
        (["٣", "²", "1"], ["1", "²", "٣"]),
    ],
)
def test_texts_stand_as_people_expect_them(given, up):
    assert words("word", *given) == up
    filled = [word for word in up if word]
    assert words("-word", *given) == filled[::-1] + up[len(filled) :]


def test_days_amounts_and_states_are_no_texts():
    days = [date(2026, 2, 1), None, date(2026, 1, 31)]
    assert [row.day for row in arranged([Row(day=day) for day in days], [("day", "")], "-day")] == [
        days[0],
        days[2],
        None,
    ]
    amounts = [Decimal("9.5"), Decimal(10), Decimal(0)]
    assert [row.left for row in arranged([Row(left=left) for left in amounts], [("left", "")], "left")] == [
        Decimal(0), Decimal("9.5"), Decimal(10),
    ]  # fmt: skip
    states = [TokenStatus.WAITING, TokenStatus.CALLED, TokenStatus.NO_SHOW]
    rows = [Row(of=SimpleNamespace(state=state)) for state in states]
    ordered = arranged(rows, [("of.state", "State")], "of.state")
    assert [row.of.state for row in ordered] == [TokenStatus.CALLED, TokenStatus.NO_SHOW, TokenStatus.WAITING]


def test_a_path_may_lead_through_a_mapping():
    rows = [Row(of={"30 days": Decimal(2)}), Row(of={}), Row(of={"30 days": Decimal(1)})]
    assert [row.of for row in arranged(rows, [("of.30 days", "")], "of.30 days")] == [rows[2].of, rows[0].of, {}]


@pytest.mark.parametrize("sort", ["", "-", "of", "__class__", "word.__class__", "-nothing"])
def test_what_is_no_column_leaves_the_list_as_it_is(sort):
    rows = [Row("b"), Row("a")]
    assert list(arranged(rows, [("word", "Word"), ("", "")], sort)) == rows


@pytest.mark.parametrize(
    "sort, typed, href, untyped, state",
    [
        ("", False, "?show=paid&q=quill&sort=name", "?show=paid&sort=name", ""),
        ("", True, "?show=paid&sort=name", "?show=paid&sort=name", ""),
        ("name", True, "?show=paid&sort=-name", "?show=paid&sort=-name", "ascending"),
        ("-name", True, "?show=paid&sort=name", "?show=paid&sort=name", "descending"),
        ("total", True, "?show=paid&sort=name", "?show=paid&sort=name", ""),
    ],
)
def test_a_head_keeps_the_filters_and_begins_with_the_first_page(sort, typed, href, untyped, state):
    asked = [("show", "paid"), ("q", "quill"), ("after", "WyJ4Il0"), ("sort", sort), ("empty", "")]
    assert sort_link("name", sort, asked, typed) == (href, untyped, state)


@pytest.mark.parametrize(
    "sort, by, descending",
    [("", "M", True), ("name", "N", False), ("-name", "N", True), ("id", "M", True), ("made", "M", False)],
)
def test_a_long_list_is_sorted_by_the_columns_it_offers(sort, by, descending):
    assert Orders("-made", made="M", name="N").of(sort) == {"by": by, "descending": descending}
