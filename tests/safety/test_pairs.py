"""Two names and how bad they are together; and imported tables beside what is built in."""

import json
import random
import string
from pathlib import Path

import pytest
from click.testing import CliRunner

from galen.commands import cli
from galen.safety import Imported, Severity, among, built_in, verdict
from galen.safety.rules import Circumstances, RegimenDrug, Tier, check

KNOWLEDGE = built_in()


@pytest.mark.parametrize(
    "a, b, severity",
    [
        ("amiodarone", "methadone", "major"),
        ("tacrolimus", "St John's wort", "major"),
        ("fingolimod", "metoprolol", "major"),
        ("measles vaccine", "infliximab", "contraindicated"),
        ("yellow fever vaccine", "methotrexate", "contraindicated"),
        ("clozapine", "cyclophosphamide", "major"),
        ("ibrutinib", "posaconazole", "major"),
        ("enzalutamide", "apixaban", "major"),
        ("rilpivirine", "omeprazole", "contraindicated"),
        ("sofosbuvir", "amiodarone", "contraindicated"),
        ("sodium oxybate", "zolpidem", "contraindicated"),
        ("apomorphine", "ondansetron", "contraindicated"),
        ("buprenorphine", "methadone", "major"),
        ("gentamicin", "rocuronium", "major"),
        ("aspirin", "clopidogrel", "moderate"),
        ("lithium", "hydrochlorothiazide", "major"),
        ("venlafaxine", "ondansetron", "moderate"),
        ("digoxin", "furosemide", "moderate"),
        ("atorvastatin", "metformin", None),
        ("amoxicillin", "paracetamol", None),
        ("lisinopril", "amlodipine", None),
        ("levothyroxine", "amlodipine", None),
        ("levodopa", "rasagiline", None),
        ("phenelzine", "levodopa", "major"),
        ("dolutegravir", "darunavir", None),
        ("insulin glargine", "insulin aspart", None),
    ],
)
def test_mechanisms_and_classes_find_what_a_pharmacist_would(a: str, b: str, severity: str | None) -> None:
    found = verdict(a, b, KNOWLEDGE)
    assert (found.severity, found.known) == (severity, True)
    assert found == verdict(a, b, KNOWLEDGE) and verdict(b, a, KNOWLEDGE).severity == severity


def test_where_sources_disagree_the_higher_grade_counts_and_both_are_named() -> None:
    loaded = KNOWLEDGE.with_pairs(
        [
            Imported("aspirin", "clopidogrel", Severity.MAJOR, "Table 1"),
            Imported("simvastatin", "itraconazole", Severity.MINOR, "Table 1"),
            Imported("simvastatin", "itraconazole", Severity.UNKNOWN, "Table 2"),
        ]
    )
    raised = verdict("aspirin", "clopidogrel", loaded)
    assert (raised.severity, raised.interrupts) == ("major", True) and raised.source.endswith("; Table 1: major")
    kept = verdict("simvastatin", "itraconazole", loaded)
    assert kept.severity == "contraindicated" and kept.source.endswith("; Table 1: minor; Table 2: unknown")


@pytest.mark.parametrize("severity", list(Severity))
def test_a_pair_that_only_a_table_knows_speaks_with_its_grade(severity: Severity) -> None:
    loaded = KNOWLEDGE.with_pairs([Imported("metformin", "atorvastatin", severity, "Table 1")])
    (alert,) = check(
        [RegimenDrug("metformin", ("metformin",)), RegimenDrug("x", ("atorvastatin",))], Circumstances(()), loaded
    ).alerts
    assert alert.severity is severity and alert.source == "Table 1" and alert.knowledge == loaded.version
    assert (alert.tier is Tier.INTERRUPTS) == (severity in ("contraindicated", "major"))


def test_ten_thousand_random_names_are_never_known() -> None:
    chance = random.Random(3)
    for _ in range(10_000):
        name = "".join(chance.choices(string.ascii_lowercase, k=chance.randint(9, 14)))
        assert not KNOWLEDGE.ingredients(name), name
    drawn = ["".join(chance.choices(string.ascii_lowercase, k=12)) for _ in range(50)]
    assert list(among(drawn, KNOWLEDGE).unknown) == sorted(drawn)


def said(*arguments: str) -> str:
    answer = CliRunner().invoke(cli, ["interactions", *arguments])
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def test_the_command_says_what_speaks_against_medicines_and_what_it_does_not_know() -> None:
    found = json.loads(said("warfarin", "Nurofen 200 mg", "moonflower", "--json"))
    assert (found["known"], found["total"], found["unknown"], found["complete"]) == (2, 3, ["moonflower"], False)
    assert found["interrupts"] and found["alerts"][0]["severity"] == "major"
    words = said("warfarin", "Nurofen 200 mg", "moonflower")
    assert "2 of 3 medicines known" in words and "MAJOR" in words and "moonflower" in words
    assert "No warning among what is known" in said("moonflower", "metformin")


def test_a_file_of_pairs_answers_one_line_for_each(tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text(
        'id,Drug_A,Drug_B\n1,warfarin,"ibuprofen"\n2,moonflower,metformin\n3,metformin,\n', encoding="utf-8"
    )
    lines = [json.loads(line) for line in said("--pairs", str(file)).splitlines()]
    assert [set(line) for line in lines] == [{"a", "b", "severity", "interrupts", "source", "known"}] * 3
    assert (lines[0]["severity"], lines[0]["interrupts"], lines[0]["known"]) == ("major", True, True)
    assert (lines[1]["severity"], lines[1]["interrupts"], lines[1]["known"]) == (None, False, False)
    assert lines[2]["known"] is False
    bare = tmp_path / "bare.csv"
    bare.write_text("one,other\nwarfarin,aspirin\n", encoding="utf-8")
    assert json.loads(said("--pairs", str(bare)))["severity"] == "major"
