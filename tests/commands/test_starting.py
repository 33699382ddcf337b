"""The command line starts quickly: help and directions import nothing of the database or the web."""

import subprocess
import sys

import pytest

from galen.commands import FILES, cli, meaning

HEAVY = {"sqlalchemy", "fastapi", "pydantic", "asyncpg", "alembic", "jinja2"}
LOADED = "import sys; from galen.commands import main\ntry: main()\nexcept SystemExit: print(*sys.modules)"


def loaded(*words: str) -> tuple[set[str], str]:
    """The packages that a command imported, and what it answered."""
    done = subprocess.run([sys.executable, "-c", LOADED, *words], capture_output=True, text=True, check=True)
    *said, modules = done.stdout.strip().split("\n")
    return set(modules.split()), "\n".join(said)


def test_help_imports_neither_the_database_nor_the_web():
    modules, said = loaded("--help")
    assert modules & HEAVY == set() and "galen.app" not in modules
    assert all(word in said for word in FILES)


def test_directions_are_compiled_without_the_rest_of_the_house():
    modules, said = loaded("sig", "1 tab po tds")
    assert modules & (HEAVY - {"pydantic"}) == set()  # the library of the command line asks for pydantic itself
    assert said.startswith("Take 1 tablet by mouth 3 times a day.")


def test_a_command_that_needs_the_house_imports_it():
    modules, _ = loaded("account", "--help")
    assert {"sqlalchemy", "galen.identity"} <= modules


@pytest.mark.parametrize("word", FILES)
def test_what_help_says_is_what_the_command_says(word):
    command = cli.commands[word]
    assert command.name == word and meaning(word)
    assert command.help and command.help.split("\n")[0] == meaning(word)


def test_a_word_that_is_none_is_refused_with_what_may_be_meant():
    done = subprocess.run([sys.executable, "-m", "galen", "acount"], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "Did you mean 'account'?" in done.stderr
