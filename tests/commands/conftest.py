"""The command line as an operator meets it: processes of their own, on a database of their own."""

import json
import os
import subprocess
import sys
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from galen.core.database import dsn
from tests.conftest import named, on


def galen(env: dict[str, str], *words: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "galen", *words]
    return subprocess.run(command, env=os.environ | env, input=typed, capture_output=True, text=True, check=False)


@pytest_asyncio.fixture(scope="session")
async def there(server: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An installation with one organisation and one administrator, made by the commands themselves."""
    name = f"galen_commands_{uuid4().hex[:8]}"
    await on(server, f"CREATE DATABASE {name}")
    env = {"GALEN_DATABASE_URL": dsn(named(server, name)), "GALEN_VAR": str(tmp_path_factory.mktemp("var"))}
    made = galen(env, "organization", "add", "hill", "Hill Street Practice", "--json")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["medicines"] > 600
    added = galen(env, "account", "add", "anna", "Anna Berg", "admin", typed="harbour lantern\n" * 2)
    assert added.returncode == 0, added.stderr
    yield env
    await on(server, f"DROP DATABASE {name} WITH (FORCE)")
