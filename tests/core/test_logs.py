"""Logs and tracebacks say where something broke and of which kind, never what was being stored."""

import asyncio
import logging
import subprocess
import sys
import textwrap
import traceback

import pytest
from asyncpg import UniqueViolationError
from sqlalchemy.exc import IntegrityError

from galen.core.context import Context
from galen.core.finish import finish
from galen.logs import Wordless, allow_only, traced
from galen.organizations import SiteDraft, add_site
from galen.worker import JobFailed, Worker, worker

PATIENT = "Marabella Quillfeather"


async def broken_by(ctx, end):
    """What the database says when a name is there already: its own error quotes the row."""
    with ctx.doing("test"):
        for _ in range(2):
            await add_site(ctx, SiteDraft(name=PATIENT))
            await end(ctx)
    raise AssertionError("the database took the same name twice")


async def refused_by(services, end, kind):
    with pytest.raises(kind) as caught:
        async with services.as_system("north", "test") as ctx:
            await broken_by(ctx, end)
    driver = caught.value.orig.__cause__ if kind is IntegrityError else caught.value
    assert PATIENT in str(driver), "the driver no longer quotes rows: this test proves nothing"
    return caught.value


async def test_the_parameters_of_a_statement_are_not_part_of_its_error(committed):
    assert PATIENT not in str(await refused_by(committed, Context.flush, IntegrityError))


@pytest.mark.parametrize(
    "end, kind", [(Context.flush, IntegrityError), (finish, UniqueViolationError)], ids=["flushed", "finished"]
)
async def test_a_traceback_in_the_log_names_the_constraint_and_not_the_patient(committed, end, kind):
    refused = await refused_by(committed, end, kind)
    record = logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, "Exception in ASGI", (), (kind, refused, None))
    said = Wordless().format(record)
    assert PATIENT not in said
    assert "UniqueViolationError (23505, site_name_key)" in said
    assert "test_logs.py" in said and "broken_by" in said


def test_what_a_library_fills_into_its_sentence_stays_out():
    record = logging.LogRecord("library", logging.WARNING, "", 0, "Cannot parse %s", (PATIENT,), None)
    assert Wordless().format(record) == "WARNING library Cannot parse %s"


def test_a_field_that_is_not_on_the_list_never_reaches_the_log():
    assert allow_only(None, "", {"event": "x", "patient": PATIENT, "status": 500}) == {"event": "x", "status": 500}


@pytest.mark.parametrize(
    "breaks",
    [
        "raise ValueError('{0}')",
        "import threading; t = threading.Thread(target=int, args=['{0}']); t.start(); t.join()",
        "import logging; logging.getLogger('sqlalchemy.pool').error('lost %s', '{0}')",
        "import asyncio\nasync def go():\n    asyncio.create_task(asyncio.to_thread(int, '{0}')); "
        "await asyncio.sleep(.1)\nasyncio.run(go())",
        "raise ExceptionGroup('{0}', [KeyError('{0}')])",
    ],
)
def test_no_way_of_breaking_writes_the_words_of_an_error(breaks):
    program = "from galen.logs import configure\nconfigure()\n" + textwrap.dedent(breaks.format(PATIENT))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr and PATIENT not in done.stderr


async def test_a_job_that_fails_leaves_no_words_in_the_queue(committed, monkeypatch):
    async def breaks(_open, _name, _payload):
        raise ValueError(PATIENT)

    monkeypatch.setattr(worker, "perform", breaks)
    kept = {}

    class Queue:
        def entrypoint(self, name, **_):
            return lambda fn: kept.setdefault(name, fn)

    house = Worker(committed.database.engine.url, committed.as_system, committed.list_organizations)
    house.subscribe(Queue(), "x")
    line = asyncio.create_task(house.driver.keep_open())
    for attempt in (0, worker.ATTEMPTS):
        row = type("Row", (), {"id": 1, "attempts": attempt, "payload": b"{}", "headers": None})
        with pytest.raises((worker.RetryRequested, JobFailed)) as caught:
            await kept["x"](row)
        assert caught.value.__cause__ is None and PATIENT not in "".join(traceback.format_exception(caught.value))
    house.driver.close()
    await line


def test_an_error_that_follows_another_is_logged_with_it():
    try:
        try:
            raise KeyError(PATIENT)
        except KeyError as first:
            raise RuntimeError(PATIENT) from first
    except RuntimeError as error:
        said = traced(error)
    assert [line for line in said.splitlines() if not line.startswith("  ")] == [
        "builtins.KeyError",
        "then",
        "builtins.RuntimeError",
    ]


def loop_of(count: int) -> Exception:
    """A chain of causes that comes back to its beginning: with one, it names itself."""
    errors: list[Exception] = [KeyError(PATIENT) if n else ValueError(PATIENT) for n in range(count)]
    for error, cause in zip(errors, [*errors[1:], errors[0]], strict=True):
        error.__cause__ = cause
    return errors[0]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_chain_of_causes_that_names_itself_is_told_once(count):
    said = traced(loop_of(count)).splitlines()
    assert said.count("builtins.ValueError") == 1 and said.count("builtins.KeyError") == count - 1
    assert said[-1] == "builtins.ValueError", "what was raised stands last, behind what led to it"


def test_a_group_that_holds_its_own_cause_is_told_once():
    error = KeyError(PATIENT)
    group = ExceptionGroup(PATIENT, [error, ValueError(PATIENT)])
    error.__cause__ = group
    assert traced(group).splitlines().count("builtins.KeyError") == 1
