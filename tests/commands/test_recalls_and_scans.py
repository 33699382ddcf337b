"""Two commands for programs: recall notices and pack codes, read without a database."""

import csv
import gzip
import json
from pathlib import Path

import pytest

from tests.commands.conftest import galen

NOWHERE = {"GALEN_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
HEAD = ["FEI Number", "Reason for Recall", "Product Description", "Product ID"]
NOTICES = [
    ["1", "Lots: A1234, Exp 05/26; B2345 through B2349", "Nadolol Tablets 40 mg, NDC 0123-4567-89", "77"],
    ["1", "Illegible label", "Syrup", "78"],
]


def written(folder: Path, rows: list[list[str]], name: str = "notices.csv") -> Path:
    opened = gzip.open if name.endswith(".gz") else open
    with opened(folder / name, "wt", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder / name


@pytest.mark.parametrize("name", ["notices.csv", "notices.csv.gz"])
def test_each_notice_is_answered_by_one_line_in_order(tmp_path: Path, name: str) -> None:
    done = galen(NOWHERE, "recalls", str(written(tmp_path, [HEAD, *NOTICES], name)), "--json")
    assert done.returncode == 0, done.stderr
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["lots"] == ["A1234", "B2345", "B2349"] and first["unknown"] == ["B2345 - B2349"]
    assert first["ndcs"] == ["0123-4567-89"] and first["ndc11"] == ["00123456789"]
    assert first["expires"] == ["2026-05-31"]
    assert first["product"] == {"name": "Nadolol", "strength": "40 mg", "form": "Tablets"}
    assert first["lines"][0] == {"lot": "A1234", "expires": "2026-05-31", "ndc": "0123-4567-89"}
    assert (second["id"], second["lots"], second["unknown"]) == ("78", [], [])


def test_a_file_without_the_columns_is_refused_in_a_sentence(tmp_path: Path) -> None:
    done = galen(NOWHERE, "recalls", str(written(tmp_path, [["a", "b"], ["1", "2"]])), "--json")
    assert done.returncode != 0 and "Product Description" in done.stderr and "Traceback" not in done.stderr


def test_a_file_that_is_no_text_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "picture.csv").write_bytes(b"Product Description\n\xff\xfe\x00")
    done = galen(NOWHERE, "recalls", str(tmp_path / "picture.csv"))
    assert done.returncode != 0 and "UTF-8" in done.stderr and "Traceback" not in done.stderr


def test_a_scan_is_answered_with_what_it_says_and_what_is_wrong() -> None:
    done = galen(NOWHERE, "scan", "]d201003007101552371727063010AB12\x1d21SER001\x1d3012", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "gtin": "00300710155237",
        "batch": "AB12",
        "expiry": "2027-06-30",
        "serial": "SER001",
        "quantity": 12,
        "errors": [],
        "ais": {"01": "00300710155237", "17": "270630", "10": "AB12", "21": "SER001", "30": "12"},
    }
    wrong = galen(NOWHERE, "scan", "(01)00300710155238(10)AB12", "--json")
    told = json.loads(wrong.stdout)
    assert wrong.returncode == 0 and told["gtin"] is None and told["batch"] == "AB12"
    assert told["errors"] == [
        "(01) The last digit of 00300710155238 should be 7. Scan it again, or compare it with the pack."
    ]


def test_many_scans_come_from_a_file_and_misuse_is_said(tmp_path: Path) -> None:
    (tmp_path / "scans.txt").write_text("9312345678907\nnonsense\n\n")
    done = galen(NOWHERE, "scan", "--file", str(tmp_path / "scans.txt"))
    assert [bool(json.loads(line)["errors"]) for line in done.stdout.splitlines()] == [False, True, True]
    assert galen(NOWHERE, "scan").returncode != 0
