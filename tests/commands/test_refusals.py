"""Commands that cannot do what was asked end in a plain sentence and a code that is not 0, never in a traceback."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.commands.conftest import galen

OTHER = "another secret, that is long enough, too"
GOOD = ["--password", "harbour lantern seven"]


def refused(done: "subprocess.CompletedProcess[str]", sentence: str) -> None:
    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr and "  /" not in done.stderr


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["account", "add", "anna", "Another", "nurse", *GOOD], "This user name is taken."),
        (["account", "add", "Anna!", "Another", "nurse", *GOOD], "username: A user name has 2 to 40 small letters"),
        (["account", "add", "beth", "Beth", "surgeon", *GOOD], "known are admin, doctor, nurse"),
        (["account", "add", "beth", "Beth", "nurse", "--password", "short"], "at least 10 characters"),
        (["account", "password", "nobody", *GOOD], "Nobody here has the user name “nobody”."),
        (["account", "unlock", "nobody"], "Nobody here has the user name “nobody”."),
        (["account", "list", "-o", "nowhere"], "There is no organisation “nowhere” here."),
        (["organization", "add", "Hill", "X", "--country", "XX"], "known are AU (Australia) and US (United States)."),
        (["organization", "add", "Hill", "X"], "2 to 31 small letters, digits and hyphens"),
        (["organization", "add", "hill", "X"], "There is an organisation “hill” already."),
        (["audit", "verify", "--anchors", "/nowhere"], "does not exist"),
        (["audit", "verify", "--public-key", "zzz"], "The public key is not one"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(there: dict[str, str], command: list[str], sentence: str) -> None:
    refused(galen(there, *command), sentence)


def test_a_password_is_set_and_a_lock_is_lifted(there: dict[str, str]) -> None:
    assert galen(there, "account", "password", "anna", *GOOD).returncode == 0
    assert galen(there, "account", "unlock", "anna").returncode == 0
    listed = galen(there, "account", "list", "--json")
    assert json.loads(listed.stdout) == [{"username": "anna", "name": "Anna Berg", "roles": ["admin"], "state": "open"}]


def test_an_organisation_may_begin_without_medicines(there: dict[str, str]) -> None:
    done = galen(there, "organization", "add", "bare", "Bare", "--country", "us", "--no-catalogue", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"organization": "bare", "medicines": 0}


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"GALEN_SECRET": "too short"}, "GALEN_SECRET: a master secret has 32 characters or more, and this one has 9."),
        ({"GALEN_PORT": "eighty"}, "GALEN_PORT: "),
        ({"GALEN_DATABASE_URL": "mysql://x"}, "GALEN_DATABASE_URL: write it as postgresql://"),
        ({"GALEN_DATABASE_URL": "postgresql://a:b@127.0.0.1:1/galen"}, "cannot be reached"),
        ({"GALEN_DATABASE_URL": "postgresql://a:b@no-such-host.invalid/galen"}, "cannot be reached"),
        (
            {"GALEN_SECRET": OTHER},
            "is not the one that this database was made with",
        ),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(there: dict[str, str], setting: dict[str, str], sentence: str) -> None:
    done = galen(there | setting, "migrate")
    refused(done, sentence)
    assert "too short" not in done.stderr and "a:b@" not in done.stderr


@pytest.mark.parametrize("part", ["web", "worker"])
def test_web_and_worker_refuse_another_secret(there: dict[str, str], part: str) -> None:
    done = galen(there | {"GALEN_SECRET": OTHER, "GALEN_PORT": "8159"}, part)
    refused(done, "is not the one that this database was made with")


def test_another_secret_changed_nothing(there: dict[str, str]) -> None:
    galen(there | {"GALEN_SECRET": OTHER}, "migrate")
    assert galen(there, "account", "list").returncode == 0


def test_without_a_database_the_worker_says_what_to_start(tmp_path: Path) -> None:
    refused(galen({"GALEN_VAR": str(tmp_path)}, "worker"), "start bin/run first")


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused(galen({"GALEN_VAR": str(tmp_path / "file" / "var")}, "run"), "Not a directory")
