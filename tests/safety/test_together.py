"""One warning about several lines is told once, all of them named, and again when what it depends on changed."""

import pytest

from galen import safety
from galen.core.context import Context
from galen.patients import Patient
from galen.safety import OverrideReason, Place, WarningAnswer, remember
from galen.safety.rules import Circumstances, RecordedAllergy, Tier, check, together
from galen.safety.service import report_of, tier_of

from .asking import KNOWLEDGE, asked, dosed, drug, someone
from .test_checking import allergic, pack


def told(*names: str, allergies: tuple[RecordedAllergy, ...] = ()) -> safety.SafetyReport:
    found = check([drug(name) for name in names], Circumstances(allergies, someone()), KNOWLEDGE)
    return report_of(found, for_patient=True, anew=True)


def named(report: safety.SafetyReport, rule: str) -> list[set[str]]:
    return [{subject.name for subject in alert.subjects} for alert in report.alerts if alert.rule == rule]


@pytest.mark.parametrize(
    "painkillers", [("ibuprofen",), ("ibuprofen", "naproxen"), ("ibuprofen", "naproxen", "diclofenac")]
)
def test_one_anticoagulant_and_any_number_of_painkillers(painkillers: tuple[str, ...]) -> None:
    assert named(told("warfarin", *painkillers), "warfarin-nsaid") == [{"warfarin", *painkillers}]


def test_an_allergy_that_several_lines_meet() -> None:
    report = told("amoxicillin", "flucloxacillin", "ampicillin", allergies=(RecordedAllergy("penicillin"),))
    assert named(report, "allergy-recorded") == [{"amoxicillin", "flucloxacillin", "ampicillin"}]


def test_repeats_of_different_medicines_stay_apart() -> None:
    rules = {alert.rule for alert in told("paracetamol", "paracetamol", "metformin", "metformin").alerts}
    groups = [named(told("paracetamol", "paracetamol", "metformin", "metformin"), rule) for rule in rules]
    assert all(len(names) == 1 for group in groups for names in group)


def test_what_is_said_differently_stays_apart() -> None:
    report = asked(someone(), dosed("paracetamol", "500 mg", "4", "16"), dosed("ibuprofen", "400 mg", "4", "16"))
    assert len({alert.effect for alert in together(report.alerts, tier_of)}) == len(together(report.alerts, tier_of))


def test_another_medicine_among_them_is_another_question() -> None:
    before, after = told("warfarin", "ibuprofen"), told("warfarin", "ibuprofen", "naproxen")
    keys = [{a.key for a in report.alerts if a.rule == "warfarin-nsaid"} for report in (before, after)]
    assert len(keys[0]) == len(keys[1]) == 1 and keys[0] != keys[1]


@pytest.mark.parametrize(("once", "now"), [("rash", "anaphylaxis"), ("", "rash"), ("hives", "swollen lips")])
def test_another_recorded_reaction_is_another_question(once: str, now: str) -> None:
    keys = [
        told("amoxicillin", allergies=(RecordedAllergy("penicillin", reaction=r),)).alerts[0].key for r in (once, now)
    ]
    assert keys[0] != keys[1]


def test_a_worse_kidney_is_another_question() -> None:
    keys = [
        {a.key for a in asked(someone(70, kg=70, cm=170, creatinine=value), "metformin").alerts if a.kind == "kidney"}
        for value in (300, 300, 400)
    ]
    assert keys[0] and keys[0] == keys[1] and keys[0].isdisjoint(keys[2])


def test_a_key_stays_short_however_many_medicines_it_names() -> None:
    names = ("ibuprofen", "naproxen", "diclofenac", "celecoxib", "meloxicam", "indometacin", "ketoprofen", "piroxicam",
             "etoricoxib", "ketorolac", "mefenamic acid", "flurbiprofen")  # fmt: skip
    assert all(len(alert.key) <= 400 for alert in told("warfarin", *names).alerts)


async def test_one_answer_covers_all_lines(ada: Context, mara: Patient) -> None:
    packs = [await pack(ada, q) for q in ("warfarin 5 mg", "ibuprofen 400", "naproxen 250")]
    report = await safety.check(ada, mara.id, packs, place=Place.PRESCRIBING)
    keys = [alert.key for alert in report.interrupting if alert.rule == "warfarin-nsaid"]
    assert len(keys) == 1
    said = [WarningAnswer(key=a.key, reason=OverrideReason.MONITORING, comment="INR") for a in report.interrupting]
    await remember(ada, mara.id, report, said, Place.PRESCRIBING)
    await ada.flush()
    again = await safety.check(ada, mara.id, packs, place=Place.PRESCRIBING)
    assert [a.tier for a in again.alerts if a.key == keys[0]] == [Tier.SHOWS]


async def test_two_lines_of_one_medicine_are_both_reckoned(ada: Context, tom: Patient) -> None:
    paracetamol = await pack(ada, "paracetamol 500 mg tablet")
    much, little = {"high": "4", "per_day": "16", "unit": "tablet"}, {"high": "1", "per_day": "1", "unit": "tablet"}
    for doses in ([much, little], [little, much]):
        report = await safety.check(ada, tom.id, [paracetamol, paracetamol], doses=doses)
        assert "dose-daily" in {alert.rule for alert in report.interrupting}


async def test_the_alert_names_the_reaction_when_and_by_whom(ada: Context, mara: Patient) -> None:
    await allergic(
        ada, mara, "penicillin", reaction="anaphylaxis", noted_on=ada.today.replace(2019), recorded_by="Nora Quist"
    )
    (alert,) = (await safety.check(ada, mara.id, [await pack(ada, "amoxicillin 500")])).interrupting
    assert "anaphylaxis to penicillin, recorded 2019 by Nora Quist" in alert.because
    assert alert.effect == "The recorded reaction may return: anaphylaxis to penicillin." and alert.comment_needed
