"""A setting that is misspelt is told at the start, with the one that is nearest."""

import os
import subprocess
import sys

import pytest

from galen.settings import Settings, misspelt


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("GALEN_PROT", "Is GALEN_PORT meant?"),
        ("GALEN_SESION_HOURS", "Is GALEN_SESSION_HOURS meant?"),
        ("galen_port2", "Is GALEN_PORT meant?"),
        ("GALEN_XYZZY_FROBNICATE", "was not used."),
    ],
)
def test_what_no_setting_reads_is_told(monkeypatch, name, said):
    monkeypatch.setenv(name, "1")
    (sentence,) = misspelt()
    assert sentence.startswith(f"{name} is no setting of Galen") and sentence.endswith(said)


def test_what_is_a_setting_is_not(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.setenv(f"GALEN_{name.upper()}", "")
    monkeypatch.setenv("GALEN_PG_BIN", "/usr/bin")
    assert list(misspelt()) == []


def test_a_start_says_it():
    run = [sys.executable, "-c", "from galen.commands.starting import start_logging; start_logging()"]
    done = subprocess.run(run, env={**os.environ, "GALEN_POOOL": "3"}, capture_output=True, text=True, check=True)
    assert "GALEN_POOOL is no setting of Galen and was not used. Is GALEN_POOL meant?" in done.stderr
