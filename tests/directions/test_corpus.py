"""How many of the directions in tests/data/directions are read right: floors, which only rise."""

from bench.directions import HALVES, KINDS, RIGHT, WRONG, figures, judge, judged

FLOORS = {
    ("held_out", "plain"): (0.97, 0.0), ("held_out", "hard"): (0.88, 0.0),
    ("shown", "plain"): (0.97, 0.0), ("shown", "hard"): (0.96, 0.0),
}  # fmt: skip


def test_quantities_are_right_and_hardly_ever_wrong() -> None:
    for half, kind, what, counts in figures():
        right, wrong = FLOORS[half, kind]
        if what == "quantity":
            assert counts[RIGHT] / counts.total() >= right and counts[WRONG] / counts.total() <= wrong, (
                half,
                kind,
                counts,
            )


def test_there_are_four_hundred_of_them_of_many_countries_and_none_twice() -> None:
    rows = [one.row for half in HALVES for one in judged(half)]
    assert len(rows) >= 400 and {row["style"] for row in rows} == {"US", "CA", "UK", "AU", "NZ", "IN", "LATIN"}
    assert len({row["sig"].casefold() for row in rows}) == len(rows) and {row["kind"] for row in rows} == set(KINDS)


def test_a_wrong_expectation_is_told_from_a_right_one() -> None:
    one = next(one for one in judged("shown") if one.row["quantity"] and one.quantity == RIGHT)
    from_row = {**one.row, "quantity": "1234567"}
    assert judge(from_row).quantity == WRONG
