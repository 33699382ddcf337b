"""The proof reads every row that is in the table, whatever its number, and looks at the table itself."""

import asyncpg
import pytest

from tests.compliance.test_sealing import anchors, found, sealed, superuser  # noqa: F401 fixtures

COPY = """INSERT INTO audit_entry OVERRIDING SYSTEM VALUE SELECT {columns} FROM audit_entry WHERE seq = {like}"""


async def columns_with(superuser: asyncpg.Connection, seq: str) -> str:  # noqa: F811
    """The columns in their order, with another number and another id in their places."""
    names = "SELECT attname FROM pg_attribute WHERE attrelid = 'audit_entry'::regclass AND attnum > 0 ORDER BY attnum"
    given = {"seq": seq, "id": "gen_random_uuid()"}
    return ", ".join(given.get(name, name) for (name,) in await superuser.fetch(names))


async def forge(superuser: asyncpg.Connection, seq: str, like: int) -> None:  # noqa: F811
    """A row with this number, otherwise a copy of a sealed one; the rules of the table are taken away first."""
    columns = await columns_with(superuser, seq)
    await superuser.execute(
        "ALTER TABLE audit_entry DROP CONSTRAINT IF EXISTS audit_entry_seq_check, "
        "DROP CONSTRAINT IF EXISTS audit_entry_seq_key, ALTER COLUMN seq DROP IDENTITY IF EXISTS; "
        "ALTER TABLE audit_entry ALTER COLUMN seq DROP NOT NULL"
    )
    await superuser.execute(COPY.format(columns=columns, like=like))


@pytest.fixture
async def middle(sealed, superuser):  # noqa: F811
    """The number of a row that is sealed."""
    return await superuser.fetchval("SELECT seq FROM audit_entry ORDER BY seq OFFSET 10 LIMIT 1")


@pytest.mark.parametrize("seq", ["0", "-1", "-9223372036854775808"])
async def test_a_row_below_the_first_is_named(sealed, superuser, middle, seq):  # noqa: F811
    await forge(superuser, seq, middle)
    assert f"Row {seq} is forged: the log begins with row 1." in await found(sealed)


async def test_a_second_row_with_the_number_of_a_sealed_one_is_named(sealed, superuser, middle):  # noqa: F811
    await forge(superuser, str(middle), middle)
    assert f"Row {middle} comes after row {middle}." in await found(sealed)


async def test_a_row_without_a_number_is_named(sealed, superuser, middle):  # noqa: F811
    await forge(superuser, "NULL", middle)
    assert "A row has no position: seq is None." in await found(sealed)


async def test_a_row_above_every_number_that_was_given_is_named(sealed, superuser, middle):  # noqa: F811
    """While the table still numbers its rows itself, what lies above that was not written by Galen."""
    columns = await columns_with(superuser, "987654321")
    await superuser.execute(COPY.format(columns=columns, like=middle))
    (sentence,) = await found(sealed)
    assert sentence.startswith("Row 987654321 is forged: the log has given no number above ")


async def test_a_row_put_into_a_gap_is_named(sealed, superuser, middle):  # noqa: F811
    await superuser.execute("DELETE FROM audit_entry WHERE seq = $1", middle)
    await forge(superuser, str(middle), middle - 1)
    assert [s for s in await found(sealed) if "not as they were sealed" in s]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("ADD COLUMN remark text DEFAULT 'never mind'", "The log has columns that are not its own: remark."),
        ("DROP COLUMN reason", "The log has lost columns: reason. Its rows cannot be read."),
        ("DISABLE TRIGGER append_only", "What keeps the log from being changed (its trigger) was taken away."),
    ],
)
async def test_a_change_of_the_table_itself_is_named(sealed, superuser, change, says):  # noqa: F811
    await superuser.execute(f"ALTER TABLE audit_entry {change}")
    assert says in await found(sealed)


@pytest.mark.parametrize("change", ["ALTER COLUMN verb TYPE varchar(200)", "ALTER COLUMN version TYPE bigint"])
async def test_a_type_that_says_the_same_is_no_damage(sealed, superuser, change):  # noqa: F811
    await superuser.execute(f"ALTER TABLE audit_entry {change}")
    assert await found(sealed) == []


@pytest.mark.parametrize("seq", [0, -1, -5])
async def test_the_table_itself_refuses_what_lies_below_the_first(sealed, superuser, middle, seq):  # noqa: F811
    columns = await columns_with(superuser, str(seq))
    with pytest.raises(asyncpg.CheckViolationError, match="audit_entry_seq_check"):
        await superuser.execute(COPY.format(columns=columns, like=middle))


async def test_a_verifier_that_begins_with_row_one_would_see_nothing(sealed, superuser, middle, monkeypatch):  # noqa: F811
    """The broken variant: only rows above zero are read."""
    await forge(superuser, "-1", middle)
    monkeypatch.setattr("galen.compliance.sealing.ROWS", "SELECT {} FROM audit_entry WHERE seq > 0 ORDER BY seq")
    assert not [sentence for sentence in await found(sealed) if "forged" in sentence]


@pytest.mark.parametrize("column", ["actor_id", "request_id", "subject_id"])
@pytest.mark.parametrize(("kind", "using"), [("text", "{}::text"), ("bytea", "uuid_send({})")])
async def test_a_column_that_was_given_another_type_is_named_by_its_rows(sealed, superuser, column, kind, using):  # noqa: F811
    """Also when it holds the same words, or the same bytes."""
    await superuser.execute(f"ALTER TABLE audit_entry ALTER COLUMN {column} TYPE {kind} USING {using.format(column)}")
    assert any("are not as they were sealed" in sentence for sentence in await found(sealed))
