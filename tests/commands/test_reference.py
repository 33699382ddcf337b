"""The documents of the operator are true: every setting stands there, every command exists, the reference is fresh."""

import re
import subprocess
import sys
from pathlib import Path

from galen.commands import cli
from galen.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"


def test_the_reference_is_what_the_code_says(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "galen", "reference", str(tmp_path / "now.md")], check=True)
    stale = "docs/reference.md is stale: run bin/galen reference"
    assert (tmp_path / "now.md").read_text() == (DOCS / "reference.md").read_text(), stale


def test_every_setting_stands_in_the_operating_manual_and_no_other() -> None:
    named = set(re.findall(r"GALEN_[A-Z_]+", (DOCS / "operating.md").read_text()))
    assert named == {f"GALEN_{name.upper()}" for name in Settings.model_fields} | {"GALEN_PG_BIN"}


def test_every_command_in_the_operating_manual_exists() -> None:
    known = cli.commands
    for first, second in re.findall(r"bin/galen ([a-z-]+)(?: ([a-z-]+))?", (DOCS / "operating.md").read_text()):
        assert first in known, first
        inside = getattr(known[first], "commands", None)
        assert inside is None or second in inside, (first, second)
