"""`galen sig`: one text, or a file of ten thousand, without a database."""

import json
from pathlib import Path

from click.testing import CliRunner

from galen.commands import cli

run = CliRunner().invoke


def test_one_text_as_json() -> None:
    answer = run(cli, ["sig", "500 mg tds", "--drug", "amoxicillin 250 mg capsule", "--days", "7", "--json"])
    found = json.loads(answer.stdout)
    assert answer.exit_code == 0
    assert (found["text"], found["quantity"], found["days_supply"]) == ("Take 500 mg 3 times a day.", 42, 7)
    assert (found["unknown"], found["doses"][0]["high"], found["doses"][0]["unit"]) == ([], 500, "mg")


def test_one_text_for_people() -> None:
    assert run(cli, ["sig", "1 tab QD zqx"]).stdout.splitlines() == [
        "Take 1 tablet once a day. “zqx”",
        "Not understood: zqx",
        "Do not write `qd`: it is read as qid. Write once a day.",
    ]


def test_another_language() -> None:
    assert run(cli, ["sig", "1 tab bd", "--language", "es"]).stdout == "Tome 1 comprimido 2 veces al día.\n"
    assert run(cli, ["sig", "1 tab bd", "--language", "xx"]).exit_code == 1


def test_a_file_is_one_json_line_each_in_its_order(tmp_path: Path) -> None:
    file = tmp_path / "sigs.csv"
    file.write_text(
        'sig,drug\n1 tab bd,\n"1-2 tabs q4-6h prn, max 8/24h",paracetamol 500 mg tablet\nzqx,\n', "utf-8-sig"
    )
    answer = run(cli, ["sig", "--file", str(file), "--days", "3"])
    found = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [(answer["quantity"], answer["unknown"]) for answer in found] == [(6, []), (24, []), (None, ["zqx"])]


def test_a_file_without_the_column_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (file := tmp_path / "x.csv").write_text("text\n1 tab bd\n")
    answer = run(cli, ["sig", "--file", str(file)])
    assert answer.exit_code == 1


def test_ten_thousand_lines_are_answered_each(tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    rows = [
        f"{1 + n % 3} tab po tds pc prn pain max 8/24h x{1 + n % 20}/7,paracetamol 500 mg tablet" for n in range(10_000)
    ]
    file.write_text("sig,drug\n" + "\n".join(rows))
    assert len(run(cli, ["sig", "--file", str(file)]).stdout.splitlines()) == 10_000
