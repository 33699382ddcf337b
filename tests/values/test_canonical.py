"""What rows look like when they are sealed: fixed for ever, as seals that lie outside already say so."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from uuid import UUID

import pytest
from asyncpg.pgproto.pgproto import UUID as DriversUUID
from hypothesis import given
from hypothesis import strategies as st

from galen.values.canonical import canonical, encoded, rows_encoder


class Word(str, Enum):  # noqa: UP042
    NEW = "new"


ID = "00112233-4455-6677-8899-aabbccddeeff"
VECTORS = [
    (None, b"N0:"),
    (True, b"B1:1"),
    (False, b"B1:0"),
    (0, b"I1:0"),
    (-12, b"I3:-12"),
    (1.5, b"F3:1.5"),
    (Decimal("1.50"), b"D5:15e-1"),
    (Decimal("-0.00"), b"D1:0"),
    (Decimal("1200"), b"D4:12e2"),
    ("", b"S0:"),
    ("Zoë", b"S4:Zo\xc3\xab"),
    ("x" * 511, b"S511:" + b"x" * 511),
    ("x" * 512, b"S512:" + b"x" * 512),
    ("\ud800", b"S3:\xed\xa0\x80"),
    (Word.NEW, b"S3:new"),
    (b"\x00", b"Y1:\x00"),
    (UUID(ID), b"U16:" + UUID(ID).bytes),
    (DriversUUID(ID), b"U16:" + UUID(ID).bytes),
    (datetime(2026, 11, 20, 0, 30, tzinfo=UTC), b"M32:2026-11-20T00:30:00.000000+00:00"),
    (datetime(2026, 11, 20, 11, 30, tzinfo=timezone(timedelta(hours=11))), b"M32:2026-11-20T00:30:00.000000+00:00"),
    (date(2026, 11, 20), b"T10:2026-11-20"),
    ([], b"L0:"),
    ([None, "a"], b"L7:N0:S1:a"),
    (({}, []), b"L6:O0:L0:"),
    ({"b": 1, "a": [None]}, b"O18:S1:aL3:N0:S1:bI1:1"),
    (["y" * 600], b"L605:S600:" + b"y" * 600),
]


@pytest.mark.parametrize(("value", "bytes_"), VECTORS, ids=lambda v: repr(v)[:24])
def test_a_value_is_encoded_as_it_ever_was(value, bytes_):
    assert encoded(value) == bytes_


def test_a_row_is_encoded_as_it_ever_was():
    row = {"seq": 7, "verb": "queue.call_next", "changes": {"status": ["waiting", "called"]}, "site_id": None}
    assert canonical(row) == (
        b"galen audit row 1 4:S7:changesO32:S6:statusL19:S7:waitingS6:called"
        b"S3:seqI1:7S7:site_idN0:S4:verbS15:queue.call_next"
    )


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(), st.uuids(), st.datetimes(timezones=st.just(UTC)),
    st.dictionaries(st.text(max_size=5), st.lists(st.text() | st.none() | st.integers(), max_size=2), max_size=3),
)  # fmt: skip


@given(st.lists(st.lists(VALUES, min_size=4, max_size=4), max_size=8))
def test_many_rows_are_encoded_as_one_is(rows):
    """What repeats is encoded once, and 1, True and "1" stay apart."""
    names = ["verb", "id", "changes", "at"]
    assert rows_encoder(names)(rows * 2) == [canonical(dict(zip(names, values, strict=True))) for values in rows * 2]


def test_json_may_be_given_as_text():
    encode, changes = rows_encoder(["changes", "verb"], as_text=["changes"]), {"a": [None, 1.5], "b": ["x", {}]}
    one, none = canonical({"changes": changes, "verb": "x"}), canonical({"changes": None, "verb": "x"})
    assert encode([[json.dumps(changes), "x"], [None, "x"], [json.dumps(changes), "x"]]) == [one, none, one]


@pytest.mark.parametrize("values", [(1, True, 1.0, "1"), (1, Decimal(1)), (0, False, None), ("", None), (1, 1)])
def test_values_that_are_equal_to_python_are_not_mixed_up(values):
    assert rows_encoder(["x"])([[value] for value in values]) == [canonical({"x": value}) for value in values]


def test_uuids_may_be_given_as_bytes():
    known, encode = UUID(ID), rows_encoder(["id", "verb"], as_bytes=["id"])
    rows = [[known.bytes, "x"], [None, "x"], [known.bytes, "y"]]
    expected = [{"id": known, "verb": "x"}, {"id": None, "verb": "x"}, {"id": known, "verb": "y"}]
    assert encode(rows) == list(map(canonical, expected))
