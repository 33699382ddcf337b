"""A start loads what it needs: the small commands no web framework, the web server nothing that only migrates."""

import subprocess
import sys

import pytest

LISTED = "import sys; {does}; print([name for name in {heavy!r} if name in sys.modules])"
FRAMEWORK = ["fastapi", "sqlalchemy", "uvicorn", "alembic", "pgqueuer"]
MIGRATING = ["alembic", "mako", "pgqueuer"]


def loaded(does: str, heavy: list[str]) -> str:
    run = [sys.executable, "-c", LISTED.format(does=does, heavy=heavy)]
    return subprocess.run(run, capture_output=True, text=True, check=True).stdout.splitlines()[-1]


@pytest.mark.parametrize("said", [["--help"], ["sig", "1 tab po bd"], ["web", "--help"], ["run", "--help"]])
def test_a_small_command_loads_no_web_framework(said: list[str]) -> None:
    calls = f"from galen.commands import cli\ntry: cli({said!r}, prog_name='galen')\nexcept SystemExit: pass"
    assert loaded(f"exec({calls!r})", FRAMEWORK) == "[]"


def test_the_application_loads_nothing_that_only_migrates() -> None:
    assert loaded("from galen.app import build; build(None)", MIGRATING) == "[]"


def test_a_start_compiles_no_directions_and_no_knowledge() -> None:
    made = "from galen.app import build; build(None)\nfrom galen.prescribing.directions.shapes import shapes"
    asked = "from galen.safety import built_in; print([f.cache_info().currsize for f in (shapes, built_in)])"
    assert subprocess.run(
        [sys.executable, "-c", f"{made}\n{asked}"], capture_output=True, text=True, check=True
    ).stdout.splitlines() == ["[0, 0]"]


def test_what_the_first_person_would_wait_for_is_made_ready() -> None:
    made = "from galen.app import build, make_ready, templates; build(None); make_ready()"
    asked = (
        "from galen.prescribing.directions.shapes import shapes; from galen.safety import built_in; "
        "missing = set(templates.list_templates(['html'])) - {name for _, name in templates.cache.keys()}; "
        "print(missing, [f.cache_info().currsize for f in (shapes, built_in)])"
    )
    ran = subprocess.run([sys.executable, "-c", f"{made}\n{asked}"], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == ["set() [1, 1]"]
