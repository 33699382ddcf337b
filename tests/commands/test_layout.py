"""A new module and its migration, made in a copy of the checkout: fit as they stand, or nothing is written."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from galen.commands.differences import Picture, statements
from galen.core.database import dsn
from tests.conftest import ROOT, named, on

COPIED = ("src", "tests", "bench", "checks", "migrations", "pyproject.toml")


def copied(to: Path) -> Path:
    for name in COPIED:
        source = ROOT / name
        shutil.copytree(source, to / name) if source.is_dir() else shutil.copy(source, to)
    return to


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return copied(tmp_path)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy for all that write nothing."""
    return copied(tmp_path_factory.mktemp("checkout"))


@pytest_asyncio.fixture
async def address(server: str):
    name = f"galen_layout_{uuid4().hex[:8]}"
    await on(server, f"CREATE DATABASE {name}")
    yield dsn(named(server, name))
    await on(server, f"DROP DATABASE {name} WITH (FORCE)")


STEPS = """

from galen.core.audit import APPEND_ONLY
from galen.core.record import ddl


class ReferralStep(Record):
    append_only, open_to = True, "staff"

    said: Mapped[str]


ddl(ReferralStep, APPEND_ONLY.format(table="referral_step"))
"""
"""A record that is never changed: its rights are taken away as soon as its table is there."""


def run(checkout: Path, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    env = os.environ | {"PYTHONPATH": str(checkout / "src"), "GALEN_VAR": str(checkout / "var")} | more
    command = [sys.executable, "-P", "-m", *words]
    return subprocess.run(command, cwd=checkout, env=env, capture_output=True, text=True, check=False)


def texts(checkout: Path) -> dict[Path, str]:
    files = (f for name in COPIED for f in [checkout / name, *(checkout / name).rglob("*")])
    return {f: f.read_text() for f in files if f.suffix in (".py", ".toml", ".html", ".csv", ".sql")}


def test_a_new_module_is_fit_and_its_migration_builds_what_its_records_say(checkout, server, address):
    made = run(checkout, "galen", "module", "referrals", "--above", "queue", "--role", "nurse")
    assert made.returncode == 0, made.stderr
    assert len(made.stdout.splitlines()) <= 8
    for check in (["ruff", "format", "--check", "."], ["ruff", "check", "."]):
        done = run(checkout, *check)
        assert done.returncode == 0, done.stdout
    with (checkout / "src/galen/referrals/models.py").open("a") as models:
        models.write(STEPS)
    written = run(checkout, "galen", "migration", "referrals", GALEN_DATABASE_URL=address)
    assert written.returncode == 0, written.stderr
    (file,) = (checkout / "migrations/versions").glob("*_referrals_organization.sql")
    sql = file.read_text()
    assert "CREATE TABLE referral_step (" in sql and "CREATE TRIGGER append_only" in sql
    assert "CREATE TABLE referral (" in sql and "CHECK (status IN ('open', 'done'))" in sql
    again = run(checkout, "galen", "migration", "again", GALEN_DATABASE_URL=address)
    assert "nothing was written" in again.stdout, again.stderr
    tests = ["tests/referrals", "tests/provisioning/test_migrations.py"]
    tested = run(checkout, "pytest", "-q", "-x", *tests, GALEN_TEST_DATABASE_URL=server)
    assert tested.returncode == 0, tested.stdout[-3000:]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["Referrals"], "is no name for a module"),
        (["class"], "is a word of Python or of SQL"),
        (["queue"], "“queue” is taken"),
        (["tokens"], "There is a token already"),
        (["referrals", "--above", "nowhere"], "There is no module “nowhere”"),
        (["referrals", "--role", "surgeon"], "There is no role “surgeon”"),
    ],
)
def test_a_module_that_cannot_be_is_refused_and_nothing_is_written(untouched, words, sentence):
    before = texts(untouched)
    done = run(untouched, "galen", "module", *words)
    assert done.returncode == 1 and sentence in done.stderr and "Nothing was written." in done.stderr
    assert texts(untouched) == before


def picture(**columns: str) -> Picture:
    nothing: Picture = {kind: {} for kind in ("constraint", "index", "function", "trigger")}
    return {"column": {("token", name): said for name, said in columns.items()}, **nothing}


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ({"a": "text"}, {"a": "text"}, []),
        ({}, {"a": "text", "b": "uuid NOT NULL"}, ["CREATE TABLE token (\n    a text,\n    b uuid NOT NULL\n);"]),
        ({"a": "text"}, {"a": "text", "b": "text"}, ["ALTER TABLE token ADD COLUMN b text;"]),
        ({"a": "text"}, {"a": "text NOT NULL"}, ["ALTER TABLE token ALTER COLUMN a SET NOT NULL;"]),
        ({"a": "text"}, {"a": "date"}, ["ALTER TABLE token ALTER COLUMN a TYPE date USING a::date;"]),
    ],
)
def test_what_differs_is_said_as_sql(was, now, said):
    assert statements(picture(**was), picture(**now), {}, {}) == said


def test_a_needed_column_is_filled_for_the_rows_that_are_there_or_left_to_decide():
    was, now = picture(a="text"), picture(a="text", b="integer NOT NULL")
    filled = statements(was, now, {("token", "b"): "7"}, {})
    assert filled[0] == "ALTER TABLE token ADD COLUMN b integer DEFAULT 7 NOT NULL;"
    assert statements(was, now, {}, {})[1].startswith("-- Decide what the rows that are there get")


def test_what_is_gone_is_never_dropped_by_itself():
    said = statements(picture(a="text", b="text"), picture(a="text", c="text"), {}, {})
    assert said[0].splitlines() == [
        "-- Decide: the column b of token is gone.",
        "-- ALTER TABLE token DROP COLUMN b;",
        "-- ALTER TABLE token RENAME COLUMN b TO c;",
    ]
