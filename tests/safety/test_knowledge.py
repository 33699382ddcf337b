"""The files of the knowledge are whole, and every rule can speak."""

import csv
from collections import Counter
from importlib.resources import files

import pytest

from galen.medicines import ingredient_name
from galen.safety.knowledge import Files, Imported, RuleKind, Severity, built_in, compile_knowledge
from galen.safety.reading import graded, imported_name

KNOWLEDGE = built_in()
FOLDER = files("galen.safety") / "knowledge"


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((FOLDER / f"{name}.csv").read_text("utf-8").splitlines()))


def test_every_rule_has_two_sides_that_name_something_and_says_all_that_an_alert_needs() -> None:
    rules = (*KNOWLEDGE.pairs.rules, *KNOWLEDGE.threes)
    assert len(rules) > 400
    for rule in rules:
        assert all(rule.sides), rule.id
        assert rule.mechanism and rule.effect and rule.management and rule.source and rule.harm, rule.id
        assert rule.kind is RuleKind.INTERACTION and rule.severity is not Severity.UNKNOWN


def test_no_two_rules_are_called_alike() -> None:
    names = Counter(row["id"] for name in ("interactions", "mechanisms") for row in rows(name))
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("name", ["classes", "effects", "enzymes"])
def test_every_row_of_the_class_files_names_its_source(name: str) -> None:
    assert all(row["members"] and row["source"] for row in rows(name))


def test_nearly_every_name_in_the_files_is_an_ingredient_of_the_catalogue() -> None:
    assert len(KNOWLEDGE.strangers) < len(KNOWLEDGE.classes) * 0.15
    assert {"warfarin", "ibuprofen", "tacrolimus", "clarithromycin"}.isdisjoint(KNOWLEDGE.strangers)


@pytest.mark.parametrize(
    "name, member",
    [
        ("cyp3a4-strong-inhibitor", "clarithromycin"),
        ("cyp3a4-strong-inducer", "rifampicin"),
        ("qt-known", "methadone"),
        ("live-vaccine", "yellow fever vaccine"),
        ("immunosuppressive-strong", "tacrolimus"),
        ("immunosuppressive-strong", "infliximab"),
        ("cns-depressant-strong", "diazepam"),
        ("potassium-raising", "perindopril"),
        ("nsaid", "celecoxib"),
        ("anticoagulant", "enoxaparin"),
        ("serotonergic", "sumatriptan"),
    ],
)
def test_a_class_holds_what_a_pharmacist_expects(name: str, member: str) -> None:
    assert member in KNOWLEDGE.members[name] or ingredient_name(member) in KNOWLEDGE.members[name]


def test_a_class_leaves_out_what_it_says_and_finds_what_the_atc_code_says() -> None:
    said = Files(
        ingredients=[
            {"name": name, "atc": atc, "classes": "", "synonyms": "", "brands": ""}
            for name, atc in (("alpha", "M01AE01"), ("beta", "M01AE02"), ("gamma", "N02BA01"))
        ],
        classes=[
            {"class": "pain", "members": "M01AE*|gamma|-beta", "source": "test"},
            {"class": "all", "members": "@pain|beta", "source": "test"},
        ],
    )
    small = compile_knowledge("test", said)
    assert small.members == {"pain": {"alpha", "gamma"}, "all": {"alpha", "beta", "gamma"}}
    assert small.classes["beta"] == {"all"} and small.classes["alpha"] == {"all", "pain"}


def test_a_rule_that_settles_a_matter_speaks_before_a_worse_one_of_the_same_harm() -> None:
    assert [rule.id for rule in KNOWLEDGE.pairs.between("sumatriptan", "sertraline")] == ["triptan-ssri"]
    assert KNOWLEDGE.pairs.between("warfarin", "paracetamol")[0].severity is Severity.MINOR


def test_an_imported_pair_is_known_and_costs_nothing_it_does_not_say() -> None:
    loaded = KNOWLEDGE.with_pairs(
        [
            Imported("metformin", "moonroot", Severity.MODERATE, "Table 1"),
            Imported("b", "a", Severity.MINOR, "Table 1"),
        ],
        "with Table 1",
    )
    assert loaded.version == "with Table 1" and loaded.ingredients("moonroot") == {"moonroot"}
    assert not KNOWLEDGE.ingredients("moonroot")
    (rule,) = loaded.listed("moonroot", "metformin")
    assert rule.severity is Severity.MODERATE and rule.effect and rule.management and rule.mechanism
    assert loaded.listed("a", "b") == loaded.listed("b", "a") != () and not loaded.listed("a", "metformin")


@pytest.mark.parametrize(
    "word, grade",
    [
        ("Major", "major"),
        ("CONTRAINDICATION", "contraindicated"),
        ("Contraindication - Not recommended - Precaution for use", "contraindicated"),
        ("Nor recommended", "major"),
        ("Not recommeded:", "major"),
        ("Precautions for use", "moderate"),
        ("Take into account", "minor"),
        ("Unknown", "unknown"),
        ("9", "unknown"),
        ("With doses of methotrexate > 20 mg/week", None),
        ("", None),
    ],
)
def test_the_words_of_other_sources_are_graded_or_not_understood(word: str, grade: str | None) -> None:
    assert graded(word) == grade


def test_an_imported_name_is_the_international_one_where_it_is_known() -> None:
    assert imported_name("Acetaminophen", KNOWLEDGE) == "paracetamol"
    assert imported_name("Moon Root®", KNOWLEDGE) == imported_name("moon root", KNOWLEDGE)
