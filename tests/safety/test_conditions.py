"""Conditions that a medicine makes worse: by code, by words, and not by words that deny."""

import pytest

from galen.safety.rules import Tier
from tests.safety.asking import KNOWLEDGE, asked, drug, said, someone


@pytest.mark.parametrize(
    ("condition", "name", "severity"),
    [
        ("Asthma", "propranolol", "contraindicated"),
        ("ICD:J45.909", "atenolol", "major"),
        ("Asthma", "ibuprofen", "moderate"),
        ("Heart failure with reduced ejection fraction", "ibuprofen", "major"),
        ("ICD:I50.22", "verapamil", "contraindicated"),
        ("Congestive cardiac failure", "pioglitazone", "contraindicated"),
        ("G6PD deficiency", "dapsone", "contraindicated"),
        ("G6PD deficiency", "nitrofurantoin", "contraindicated"),
        ("Myasthenia gravis", "ciprofloxacin", "major"),
        ("ICD:K25.4", "naproxen", "contraindicated"),
        ("Epilepsy", "bupropion", "contraindicated"),
        ("Epilepsy", "tramadol", "major"),
        ("ICD:I45.81", "citalopram", "contraindicated"),
        ("Angle-closure glaucoma", "oxybutynin", "major"),
        ("Benign prostatic hyperplasia", "amitriptyline", "major"),
        ("Acute intermittent porphyria", "carbamazepine", "contraindicated"),
        ("Gout", "hydrochlorothiazide", "moderate"),
        ("Parkinson's disease", "metoclopramide", "contraindicated"),
        ("ICD:G20", "risperidone", "major"),
        ("Cirrhosis of liver", "methotrexate", "contraindicated"),
        ("ICD:B18.2", "methotrexate", "major"),
        ("Ischaemic heart disease", "sumatriptan", "contraindicated"),
        ("ICD:I63.9", "sumatriptan", "contraindicated"),
        ("Migraine with aura", "ethinylestradiol", "contraindicated"),
        ("Deep vein thrombosis", "ethinylestradiol", "contraindicated"),
        ("Mechanical heart valve", "apixaban", "contraindicated"),
        ("Hereditary angioedema", "ramipril", "contraindicated"),
        ("Phaeochromocytoma", "metoclopramide", "contraindicated"),
        ("Bladder cancer", "pioglitazone", "contraindicated"),
        ("Bulimia nervosa", "bupropion", "contraindicated"),
        ("Achalasia", "alendronic acid", "contraindicated"),
        ("Medullary thyroid carcinoma", "semaglutide", "contraindicated"),
        ("ICD:E87.5", "spironolactone", "contraindicated"),
        ("Aortic aneurysm", "ciprofloxacin", "major"),
        ("Hypertension", "pseudoephedrine", "moderate"),
        ("Alcohol dependence", "paracetamol", "moderate"),
    ],
)
def test_what_a_condition_forbids(condition: str, name: str, severity: str) -> None:
    person = someone(50, has=(condition,), creatinine=75, kg=75)
    spoken = [
        alert.severity.value for alert in asked(person, drug(name, weekly=True)).alerts if alert.kind == "condition"
    ]
    assert severity in spoken and min(spoken, key=["contraindicated", "major", "moderate", "minor"].index) == severity


@pytest.mark.parametrize(
    "words",
    ["No history of asthma", "Family history of asthma", "Denies asthma", "Wheeze without asthma",
     "Psoriasis", ""],
)  # fmt: skip
def test_words_that_deny_say_nothing(words: str) -> None:
    assert "asthma-beta-blocker" not in said(asked(someone(50, has=(words,)), "propranolol"))


def test_a_snomed_code_is_enough() -> None:
    from galen.safety.rules import PersonFacts, Recorded

    person = PersonFacts(months=600, female=False, conditions=(Recorded("see letter", "195967001"),))
    (alert,) = (alert for alert in asked(person, "propranolol").alerts if alert.kind == "condition")
    assert (alert.rule, alert.fact, alert.tier) == ("asthma-beta-blocker", "the recorded “see letter”", Tier.INTERRUPTS)


def test_eye_drops_count_where_they_reach_the_blood_and_only_there() -> None:
    asthma = someone(50, has=("Asthma",))
    assert said(asked(asthma, drug("timolol", "ophthalmic"))) == {"asthma-beta-blocker": "contraindicated"}
    assert said(asked(asthma, drug("diclofenac", "ophthalmic"))) == {}


def test_no_condition_no_alert_and_no_patient_no_question() -> None:
    for person in (someone(50, creatinine=75), None):
        assert said(asked(person, "propranolol")) == said(asked(person, "metoclopramide")) == {}


def test_the_severe_form_of_a_condition_leaves_the_general_one_unsaid() -> None:
    spoken = said(asked(someone(50, has=("Decompensated liver cirrhosis",)), "valproic acid"))
    assert "liver-severe-hepatotoxic" in spoken and "liver-hepatotoxic" not in spoken


def test_every_rule_has_a_condition_that_can_be_recorded() -> None:
    persons = KNOWLEDGE.persons
    assert all(known.icd or known.snomed or known.words.pattern for known in persons.names.values())
    assert sum(len({rule for rules in by.values() for rule in rules}) for by in persons.conditions.values()) >= 150
