import json
import time
import tracemalloc
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from galen.compliance.seal_tree import (
    Seal,
    Tree,
    Verification,
    append_anchor,
    ranges,
    read_anchors,
    root_of,
    seal,
    verify,
    without,
    words,
)
from galen.values.canonical import canonical

KEY, OTHER_KEY = (Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32) for seed in (1, 2))
PUBLIC = KEY.public_key()
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def row(seq: int, **columns: Any) -> dict[str, Any]:
    return {
        "seq": seq,
        "id": UUID(int=abs(seq)),
        "at": NOON + timedelta(seconds=seq),
        "verb": "prescribing.sign",
        "patient_id": None,
        "changes": {"status": ["draft", "signed"], "quantity": [None, "20"]},
        **columns,
    }


def sealed(*groups: list[dict[str, Any]], floors: list[int] | None = None) -> list[Seal]:
    made: list[Seal] = []
    for at, group in enumerate(groups):
        floor = floors[at] if floors else group[-1]["seq"]
        made.append(seal(group, "clinic", NOON + timedelta(minutes=at), floor, made[-1] if made else None, KEY))
    return made


ROWS = [row(seq) for seq in range(1, 31)]
SEALS = sealed(ROWS[:7], ROWS[7:20], ROWS[20:28])


class Kind(StrEnum):
    OPENED = "opened"


# --- canonical encoding ---


@pytest.mark.parametrize(
    "one, other",
    [
        (Decimal("1.5"), Decimal("1.5000")),
        (Decimal("100"), Decimal("1E+2")),
        (Decimal("-0.00"), Decimal(0)),
        (NOON, NOON.astimezone(timezone(timedelta(hours=11)))),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ([1, 2], (1, 2)),
        (Kind.OPENED, "opened"),
    ],
)
def test_one_value_has_one_encoding(one: object, other: object) -> None:
    assert canonical({"value": one}) == canonical({"value": other})


UNLIKE: list[Any] = [
    None,
    "",
    "None",
    0,
    False,
    0.0,
    Decimal(0),
    "0",
    b"0",
    1,
    True,
    1.0,
    Decimal(1),
    "1",
    UUID(int=1),
    str(UUID(int=1)),
    UUID(int=1).bytes,
    NOON,
    NOON.isoformat(),
    NOON.date(),
    date(2026, 11, 20).isoformat(),
    [],
    {},
    [[]],
    [None],
    ["a", "b"],
    ["ab"],
    ["a,b"],
    {"a": "b"},
    ["a", ["b"]],
    Decimal("12345678901234567890123456789012345"),
    Decimal("12345678901234567890123456789012346"),
    "é",
    "e\u0301",
]


def test_no_two_values_look_alike() -> None:
    encodings = [canonical({"value": value}) for value in UNLIKE]
    assert len(set(encodings)) == len(UNLIKE)


def test_a_value_may_not_move_to_another_column() -> None:
    shifted = [{"a": "x", "b": None}, {"a": None, "b": "x"}, {"a": "x"}, {"ab": "x"}, {"a": "xb"}, {}]
    assert len({canonical(value) for value in shifted}) == len(shifted)


@pytest.mark.parametrize(
    "value, sentence",
    [
        (datetime(2026, 11, 20), "needs its time zone"),
        (Decimal("NaN"), "must be finite"),
        ({1: 2}, "must have text keys"),
        (object(), "type object has no place"),
    ],
)
def test_what_has_no_certain_encoding_is_refused(value: object, sentence: str) -> None:
    with pytest.raises(TypeError, match=sentence):
        canonical({"value": value})


values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False).filter(bool)
    | st.text(max_size=5)
    | st.binary(max_size=5)
    | st.uuids()
    | st.dates()
    | st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


def typed(value: Any) -> Any:
    """The value beside its type, all the way down, so that 1, True and 1.0 are told apart."""
    if isinstance(value, list):
        return ("list", tuple(map(typed, value)))
    if isinstance(value, dict):
        return ("dict", tuple(sorted((key, typed(inner)) for key, inner in value.items())))
    return (type(value).__name__, value)


@given(values, values)
def test_encodings_are_equal_exactly_when_values_are(one: Any, other: Any) -> None:
    same = canonical({"value": one}) == canonical({"value": other})
    try:
        equal = typed(one) == typed(other)
    except TypeError:  # two types under one key cannot be sorted, so they differ
        equal = False
    assert same == equal


# --- Merkle tree ---

CT_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_the_tree_is_that_of_certificate_transparency() -> None:
    tree = Tree()
    assert tree.root == sha256(b"").digest()
    for leaf, root in zip(CT_LEAVES, CT_ROOTS, strict=True):
        tree.add(bytes.fromhex(leaf))
        assert tree.root.hex() == root


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if len(leaves) < 2:
        return sha256(b"\x00" + leaves[0]).digest() if leaves else sha256(b"").digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + by_definition(leaves[:split]) + by_definition(leaves[split:])).digest()


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_the_growing_tree_is_the_tree_of_the_definition(leaves: list[bytes]) -> None:
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    assert tree.root == by_definition(leaves)


@given(st.lists(st.lists(st.binary(max_size=4), max_size=40), max_size=6))
def test_a_tree_grows_by_many_leaves_as_by_one_after_another(batches: list[list[bytes]]) -> None:
    tree, leaves = Tree(), list[bytes]()
    for batch in batches:
        tree.extend(batch)
        leaves += batch
        assert tree.root == by_definition(leaves)


# --- many rows at once ---

TAMPERED = st.lists(
    st.one_of(
        st.tuples(st.just("gone"), st.integers(0, 29)),
        st.tuples(st.just("changed"), st.integers(0, 29)),
        st.tuples(st.just("twice"), st.integers(0, 29)),
        st.tuples(st.just("moved"), st.integers(0, 29)),
        st.tuples(st.just("unreadable"), st.integers(0, 29)),
        st.tuples(st.just("numberless"), st.integers(0, 29)),
        st.tuples(st.just("below"), st.integers(-3, 0)),
        st.tuples(st.just("above"), st.integers(31, 99)),
    ),
    max_size=4,
)


def tampered(changes: list[tuple[str, int]]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [dict(one) for one in ROWS]
    for kind, at in changes:
        place = max(0, min(at, len(rows) - 1))
        if kind == "gone":
            del rows[place]
        elif kind == "twice":
            rows.insert(place, rows[place])
        elif kind == "moved":
            rows.insert(0, rows.pop(place))
        elif kind == "below":
            rows.insert(0, row(at))
        elif kind == "above":
            rows.append(row(at))
        else:
            column, value = {
                "changed": ("verb", "other"), "unreadable": ("verb", object()), "numberless": ("seq", None)
            }[kind]  # fmt: skip
            rows[place] = rows[place] | {column: value}
    return rows


@given(TAMPERED, st.integers(1, 40))
def test_rows_taken_many_at_once_are_judged_as_rows_taken_singly(changes: list[tuple[str, int]], size: int) -> None:
    rows = tampered(changes)
    singly, together = (Verification(SEALS, SEALS, PUBLIC, 30) for _ in range(2))
    for one in rows:
        singly.take(one)
    for begin in range(0, len(rows), size):
        batch = rows[begin : begin + size]
        together.take_all([one["seq"] for one in batch], batch, lambda many: list(map(canonical, many)))
    assert together.damages == singly.damages
    assert bool(changes) <= bool(singly.damages) or changes_nothing(rows)


def changes_nothing(rows: list[dict[str, Any]]) -> bool:
    """Rows 29 and 30 await their seal: nobody can know yet what they said."""
    return rows[:28] == ROWS[:28]


# --- seals ---


def test_a_seal_names_what_it_covers_and_follows_the_one_before() -> None:
    first, second, third = SEALS
    assert (first.number, first.covers, first.count, first.floor) == (1, ((1, 7),), 7, 7)
    assert (third.number, third.covers, third.count, third.previous) == (3, ((21, 28),), 8, second.digest)
    assert first.previous == bytes(32) and first.root == root_of(ROWS[:7])
    assert all(seal.signed_by(PUBLIC) and not seal.signed_by(OTHER_KEY.public_key()) for seal in SEALS)


@pytest.mark.parametrize(
    "change",
    [
        {"log": "pharmacy"},
        {"number": 3},
        {"at": NOON},
        {"floor": 21},
        {"covers": ((8, 19),)},
        {"covers": ((8, 10), (11, 20))},
        {"root": bytes(32)},
        {"previous": bytes(32)},
        {"signature": bytes(64)},
        {"signature": b""},
    ],
)
def test_no_part_of_a_seal_may_change(change: dict[str, Any]) -> None:
    assert not replace(SEALS[1], **change).signed_by(PUBLIC)


def test_nothing_and_disorder_are_not_sealed() -> None:
    with pytest.raises(ValueError, match="nothing to seal"):
        seal([], "clinic", NOON, 0, None, KEY)
    with pytest.raises(ValueError, match="order of their positions"):
        seal([row(2), row(1)], "clinic", NOON, 2, None, KEY)


@given(st.sets(st.integers(0, 60)))
def test_ranges_hold_exactly_the_positions(positions: set[int]) -> None:
    found = ranges(sorted(positions))
    assert {at for first, last in found for at in range(first, last + 1)} == positions
    assert all(earlier[1] + 1 < later[0] for earlier, later in pairwise(found))


def test_ranges_are_read_by_people() -> None:
    assert words(ranges([1, 2, 3, 7, 9, 10])) == "1-3, 7, 9-10"


# --- anchors ---


def test_anchors_come_back_as_they_went(tmp_path: Path) -> None:
    for kept in SEALS:
        append_anchor(tmp_path / "anchors.jsonl", kept)
    assert read_anchors(tmp_path / "anchors.jsonl") == (SEALS, [])
    assert json.loads((tmp_path / "anchors.jsonl").read_text().splitlines()[0])["covers"] == [[1, 7]]


def test_a_torn_line_is_named_and_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "anchors.jsonl"
    append_anchor(path, SEALS[0])
    with path.open("ab") as file:
        file.write(SEALS[1].to_json().encode()[:50])
    append_anchor(path, SEALS[1])
    found, damages = read_anchors(path)
    assert found == SEALS[:2]
    assert [str(damage) for damage in damages] == ["Line 2 of the anchor file cannot be read."]


@given(st.binary(max_size=60) | st.sampled_from([b"[]", b"{}", b"null", b"1", b'{"log":"x"}', b"[" * 2000]))
def test_no_anchor_file_whatever_breaks_the_reader(content: bytes) -> None:
    for line in content.split(b"\n"):
        try:
            Seal.from_json(line.decode())
        except ValueError:
            continue
        raise AssertionError("noise was read as a seal")


# --- verification ---


def test_an_untouched_log_has_no_damage() -> None:
    assert verify(ROWS, SEALS, SEALS, PUBLIC) == []
    assert verify(iter(ROWS), None, SEALS, PUBLIC) == []
    assert verify(ROWS[:3], [], [], PUBLIC) == []
    assert verify([], [], [], PUBLIC) == []


def test_rows_that_commit_late_are_sealed_late() -> None:
    rows = [row(seq) for seq in (1, 2, 4, 5, 7, 8)]
    late = sealed([rows[0], rows[2], rows[4]], [rows[1], rows[3]], floors=[1, 6])
    assert late[0].covers == ((1, 1), (4, 4), (7, 7))
    assert verify(rows, late, late, PUBLIC) == []
    assert [str(damage) for damage in verify([*rows[:4], row(6), *rows[4:]], late, late, PUBLIC)] == [
        "Row 6 was put in after its time: no seal covers it."
    ]


def sentences(rows: list[dict[str, Any]], seals: list[Seal] | None = SEALS, anchors: list[Seal] = SEALS) -> list[str]:
    return [str(damage) for damage in verify(rows, seals, anchors, PUBLIC)]


def test_a_changed_row_names_its_seal() -> None:
    rows = [*ROWS[:9], ROWS[9] | {"verb": "patients.find"}, *ROWS[10:]]
    assert sentences(rows) == ["Rows 8-20 of seal 2 are not as they were sealed: at least one was changed."]


def test_removed_rows_are_named() -> None:
    assert sentences(ROWS[:2] + ROWS[5:]) == ["Rows 3-5 of seal 1 are missing."]
    assert sentences([]) == [
        "Rows 1-7 of seal 1 are missing.",
        "Rows 8-20 of seal 2 are missing.",
        "Rows 21-28 of seal 3 are missing.",
    ]


def test_an_inserted_row_is_named() -> None:
    assert sentences([row(0), *ROWS]) == ["Row 0 is forged: the log begins with row 1."]
    assert sentences([*ROWS[:3], row(3), *ROWS[3:]])[0] == "Row 3 comes after row 3."


def test_a_row_without_a_position_or_with_an_unknown_value_is_named() -> None:
    assert sentences([{"verb": "x"}, *ROWS]) == ["A row has no position: seq is None."]
    strange = sentences([ROWS[0] | {"verb": object()}, *ROWS[1:]])
    assert strange[0] == "Row 1 cannot be read: A value of type object has no place in the audit log."


def test_rows_out_of_order_are_named() -> None:
    assert sentences([ROWS[1], ROWS[0], *ROWS[2:]])[0] == "Row 1 comes after row 2."


def test_a_log_rolled_back_to_an_older_state_is_noticed() -> None:
    assert sentences(ROWS[:20], SEALS[:2]) == [
        "Seal 3 is anchored, but missing from the database.",
        "Rows 21-28 of seal 3 are missing.",
    ]


def test_a_log_rewritten_whole_with_another_key_is_noticed() -> None:
    rows = [row | {"verb": "nothing happened"} for row in ROWS]
    forged: list[Seal] = []
    for group in (rows[:7], rows[7:20], rows[20:28]):
        forged.append(seal(group, "clinic", NOON, group[-1]["seq"], forged[-1] if forged else None, OTHER_KEY))
    found = verify(rows, forged, SEALS, PUBLIC)
    assert {damage.kind for damage in found} == {"signature", "seal", "changed"}
    assert {damage.seal for damage in found if damage.kind == "changed"} == {1, 2, 3}


def test_even_with_the_key_a_rewrite_differs_from_the_anchors() -> None:
    rows = [*ROWS[:9], ROWS[9] | {"verb": "patients.find"}, *ROWS[10:]]
    rewritten = sealed(rows[:7], rows[7:20], rows[20:28])
    found = verify(rows, rewritten, SEALS, PUBLIC)
    assert [(damage.kind, damage.seal) for damage in found] == [("seal", 2), ("seal", 3), ("changed", 2)]


def test_a_lost_anchor_is_noticed_and_the_database_speaks_for_it() -> None:
    assert sentences(ROWS, SEALS, SEALS[:2]) == ["Seal 3 has no anchor."]
    assert sentences(ROWS, None, [SEALS[0], SEALS[2]])[0] == "No sound copy of seal 2 is left."


def test_an_anchor_written_twice_is_one_and_two_that_differ_are_not() -> None:
    assert sentences(ROWS, SEALS, [SEALS[0], *SEALS]) == []
    other = seal(ROWS[20:27], "clinic", NOON, 27, SEALS[1], KEY)
    assert sentences(ROWS, SEALS, [*SEALS, other]) == ["There are two different anchors of seal 3."]


def test_a_seal_of_another_chain_does_not_follow() -> None:
    stranger = seal(ROWS[7:20], "clinic", NOON, 20, seal(ROWS[:6], "clinic", NOON, 6, None, KEY), KEY)
    assert sentences(ROWS[:20], None, [SEALS[0], stranger]) == ["Seal 2 does not follow seal 1."]
    elsewhere = seal(ROWS[7:20], "pharmacy", NOON, 20, SEALS[0], KEY)
    assert sentences(ROWS[:20], None, [SEALS[0], elsewhere]) == ["Seal 2 does not follow seal 1."]


def test_two_seals_never_cover_the_same_row() -> None:
    again = seal(ROWS[5:20], "clinic", NOON, 20, SEALS[0], KEY)
    assert sentences(ROWS[:20], None, [SEALS[0], again]) == [
        "Two seals cover the same rows, so their rows cannot be told apart."
    ]


logs = st.lists(st.integers(1, 6), min_size=1, max_size=5)
new_values = st.sampled_from([None, "", "x", 0, 1, {}, [], False, NOON, UUID(int=77), Decimal("0.1"), {"status": None}])


def built(sizes: list[int]) -> tuple[list[dict[str, Any]], list[Seal]]:
    rows = [row(seq) for seq in range(1, sum(sizes) + 1)]
    ends = [sum(sizes[: at + 1]) for at in range(len(sizes))]
    return rows, sealed(*(rows[end - size : end] for end, size in zip(ends, sizes, strict=True)))


@given(logs, st.data())
def test_any_tampering_with_rows_is_found(sizes: list[int], data: st.DataObject) -> None:
    rows, seals = built(sizes)
    at = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.sampled_from(sorted(rows[0])))
    match data.draw(st.sampled_from(["change", "add column", "drop column", "delete", "insert", "swap", "move"])):
        case "change":
            value = data.draw(new_values)
            assume(canonical({"v": value}) != canonical({"v": rows[at][column]}))
            tampered = [*rows[:at], rows[at] | {column: value}, *rows[at + 1 :]]
        case "add column":
            tampered = [*rows[:at], rows[at] | {"note": None}, *rows[at + 1 :]]
        case "drop column":
            tampered = [*rows[:at], {k: v for k, v in rows[at].items() if k != column}, *rows[at + 1 :]]
        case "delete":
            tampered = rows[:at] + rows[at + data.draw(st.integers(1, 3)) :]
        case "insert":
            tampered = [*rows[:at], row(data.draw(st.integers(-3, len(rows)))), *rows[at:]]
        case "swap":
            other = data.draw(
                st.integers(0, len(rows) - 1).filter(lambda place: place != at) if len(rows) > 1 else st.nothing()
            )
            tampered = list(rows)
            tampered[at], tampered[other] = rows[other] | {"seq": at + 1}, rows[at] | {"seq": other + 1}
        case _:
            assume(len(rows) > 1)
            tampered = rows[:at] + rows[at + 1 :]
            tampered.insert(data.draw(st.integers(0, len(rows) - 1).filter(lambda place: place != at)), rows[at])
    found = verify(tampered, seals, seals, PUBLIC)
    assert found, "the tampering went unnoticed"
    assert verify(tampered, None, seals, PUBLIC), "the anchors alone did not notice"


@given(logs, st.data())
def test_any_tampering_with_seals_or_anchors_is_found(sizes: list[int], data: st.DataObject) -> None:
    rows, seals = built(sizes)
    at = data.draw(st.integers(0, len(seals) - 1))
    change = data.draw(
        st.fixed_dictionaries({}, optional={"number": st.integers(1, 9), "floor": st.integers(0, 40)}).filter(bool)
        | st.fixed_dictionaries({"root": st.binary(min_size=32, max_size=32)})
        | st.fixed_dictionaries({"signature": st.binary(max_size=64)})
        | st.fixed_dictionaries({"previous": st.binary(max_size=32)})
        | st.fixed_dictionaries({"covers": st.just(((1, 99),))})
    )
    forged = replace(seals[at], **change)
    assume(forged != seals[at])
    tampered = [*seals[:at], forged, *seals[at + 1 :]]
    assert verify(rows, tampered, seals, PUBLIC)
    assert verify(rows, seals, tampered, PUBLIC)
    assert verify(rows, seals[:at] + seals[at + 1 :], seals, PUBLIC)
    assert verify(rows, seals, seals[:at] + seals[at + 1 :], PUBLIC)


@settings(max_examples=30)
@given(st.lists(st.sampled_from("ab"), min_size=1, max_size=30))
def test_whatever_order_rows_commit_in_the_log_verifies(order: list[str]) -> None:
    rows = [row(seq) for seq in range(1, len(order) + 1)]
    early = [row for row, when in zip(rows, order, strict=True) if when == "a"]
    late = [row for row, when in zip(rows, order, strict=True) if when == "b"]
    groups = [group for group in (early, late) if group]
    seals = sealed(*groups, floors=[0, len(rows)][-len(groups) :])
    assert verify(rows, seals, seals, PUBLIC) == []


def test_verification_is_quick_enough_for_a_year_of_audit() -> None:
    rows = [row(seq) for seq in range(1, 20_001)]
    seals = sealed(*(rows[at : at + 500] for at in range(0, len(rows), 500)))
    began = time.process_time()
    assert verify(rows, seals, seals, PUBLIC) == []
    assert time.process_time() - began < 4  # generous: a slow, shared machine must not turn this red


def test_a_long_log_is_verified_without_keeping_its_rows() -> None:
    """What is held while reading grows with the seals, not with the rows."""
    size, per_seal = 15_000, 5_000
    groups = [[row(seq) for seq in range(first, first + per_seal)] for first in range(1, size, per_seal)]
    seals = sealed(*groups)
    del groups
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    assert verify((row(seq) for seq in range(1, size + 1)), seals, seals, PUBLIC) == []
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert peak < 60_000  # four bytes a row; the positions alone would be forty


@given(st.sets(st.integers(1, 30)), st.sets(st.integers(1, 30)))
def test_what_is_missing_is_what_was_covered_and_not_seen(covered: set[int], lost: set[int]) -> None:
    covers, left = ranges(sorted(covered)), ranges(sorted(covered - lost))
    assert without(covers, left) == ranges(sorted(covered & lost))
