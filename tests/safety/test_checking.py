"""A check knows the patient, says how far it could see, and never mistakes unknown for safe."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from galen import medicines, safety
from galen.core.context import Context
from galen.core.errors import Forbidden, NotFound
from galen.medicines import Product
from galen.patients import Allergy, AllergyState, AllergyStatus, CurrentMedicine, Patient
from galen.safety import OverrideReason, Tier, WarningAnswer
from galen.safety import service as verbs
from galen.safety.schemas import InteractionsDraft
from galen.values.ids import uuid7


async def pack(ctx: Context, q: str) -> Product:
    return (await medicines.find_medicines(ctx, q))[0]


async def allergic(ctx: Context, patient: Patient, substance: str, **more: Any) -> Allergy:
    allergy = ctx.add(Allergy(patient_id=patient.id, substance=substance, **more))
    patient.allergy_state = AllergyState.KNOWN
    await ctx.flush()
    return allergy


async def takes(ctx: Context, patient: Patient, text: str, **more: Any) -> None:
    ctx.add(CurrentMedicine(patient_id=patient.id, text=text, **more))
    await ctx.flush()


def rules_of(report: safety.SafetyReport) -> set[str]:
    return {alert.rule for alert in report.alerts}


async def test_two_medicines_that_meet_badly_interrupt_and_say_why(ada: Context) -> None:
    report = await safety.check(ada, None, [await pack(ada, "warfarin 5 mg"), await pack(ada, "ibuprofen 400")])
    (alert,) = report.interrupting
    assert alert.severity == "major" and alert.effect and alert.management and alert.source
    assert alert.version == report.version and "ibuprofen" in alert.because and "paracetamol" in alert.alternatives
    assert {medicine.product_id for medicine in alert.subjects} == {
        (await pack(ada, q)).id for q in ("warfarin 5 mg", "ibuprofen 400")
    }
    assert (report.known, report.total, report.complete, report.failed) == (2, 2, True, False)


async def test_a_recorded_allergy_meets_its_class(ada: Context, mara: Patient) -> None:
    await allergic(ada, mara, "Penicillin", reaction="rash")
    report = await safety.check(ada, mara.id, [await pack(ada, "amoxicillin 500")])
    (alert,) = report.interrupting
    assert (alert.severity, alert.allergy) == (
        "contraindicated",
        "Penicillin",
    ) and "allergy to Penicillin" in alert.because


async def test_an_allergy_entered_in_error_or_resolved_says_nothing(ada: Context, mara: Patient) -> None:
    for status in (AllergyStatus.ENTERED_IN_ERROR, AllergyStatus.RESOLVED):
        await allergic(ada, mara, "penicillin", status=status)
    assert (await safety.check(ada, mara.id, [await pack(ada, "amoxicillin 500")])).alerts == []


async def test_an_upset_stomach_warns_more_quietly_than_a_rash(ada: Context, mara: Patient) -> None:
    await allergic(ada, mara, "amoxicillin", reaction="nausea")
    report = await safety.check(ada, mara.id, [await pack(ada, "amoxicillin 500")])
    assert [alert.tier for alert in report.alerts] == [Tier.SHOWS]


async def test_what_the_patient_takes_already_counts_and_what_was_stopped_does_not(ada: Context, tom: Patient) -> None:
    ibuprofen = await pack(ada, "ibuprofen 400")
    await takes(ada, tom, "Warfarin 5 MG Oral Tablet", until=ada.today - timedelta(days=1))
    await takes(ada, tom, "Lithium 250 mg", entered_in_error=True)
    assert (await safety.check(ada, tom.id, [ibuprofen])).interrupting == []
    await takes(ada, tom, "Warfarin 5 MG Oral Tablet")
    (alert,) = (await safety.check(ada, tom.id, [ibuprofen])).interrupting
    assert [medicine.current for medicine in sorted(alert.subjects, key=lambda s: s.current)] == [False, True]
    assert "taken already" in alert.because


async def test_what_was_there_before_is_not_held_against_a_new_medicine(ada: Context, tom: Patient) -> None:
    await takes(ada, tom, "warfarin 5 mg")
    await takes(ada, tom, "ibuprofen 400 mg")
    assert (await safety.check(ada, tom.id, [await pack(ada, "metformin 500")])).alerts == []
    assert "warfarin-nsaid" in rules_of(await safety.check(ada, tom.id, []))


async def test_the_next_script_for_the_same_medicine_is_shown_and_does_not_interrupt(
    ada: Context, tom: Patient
) -> None:
    await takes(ada, tom, "Amoxicillin 500 mg")
    amoxicillin = await pack(ada, "amoxicillin 500")
    report = await safety.check(ada, tom.id, [amoxicillin])
    assert [(a.kind, a.tier) for a in report.alerts] == [("duplicate", Tier.SHOWS)]
    twice = await safety.check(ada, None, [amoxicillin, await pack(ada, "amoxicillin 250")])
    assert [(a.kind, a.tier) for a in twice.alerts] == [("duplicate", Tier.INTERRUPTS)]


async def test_unknown_never_looks_like_safe(ada: Context, mara: Patient) -> None:
    report = await safety.check(ada, None, [await pack(ada, "metformin 500")], also=["moonflower extract"])
    assert (report.alerts, report.known, report.total, report.complete) == ([], 1, 2, False)
    assert report.unknown == ["moonflower extract"]
    unasked = await safety.check(ada, mara.id, [await pack(ada, "metformin 500")])
    assert unasked.alerts == [] and not unasked.allergies_asked and not unasked.complete
    await allergic(ada, mara, "blue tablets")
    odd = await safety.check(ada, mara.id, [await pack(ada, "metformin 500")])
    assert odd.unchecked_allergies == ["blue tablets"] and not odd.complete
    assert not (await safety.check(ada, None, [])).complete


async def test_hay_fever_is_no_matter_of_medicines(ada: Context, mara: Patient) -> None:
    await allergic(ada, mara, "grass pollen", kind="environment")
    assert (await safety.check(ada, mara.id, [await pack(ada, "metformin 500")])).complete


async def test_weekly_directions_answer_the_question_about_methotrexate(ada: Context) -> None:
    methotrexate = await pack(ada, "methotrexate tablet")
    daily = await safety.check(ada, None, [methotrexate], directions={methotrexate.id: "Take one tablet daily"})
    assert [a.severity for a in daily.alerts] == ["contraindicated"]
    assert [a.severity for a in (await safety.check(ada, None, [methotrexate])).alerts] == ["major"]
    weekly = await safety.check(
        ada, None, [methotrexate], directions={methotrexate.id: "Take one tablet once a week on Monday"}
    )
    assert weekly.alerts == []


async def test_a_check_that_fails_says_so(ada: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ValueError("a broken rule")

    monkeypatch.setattr(verbs.rules, "check", broken)
    report = await safety.check(ada, None, [await pack(ada, "metformin 500")], also=["aspirin"])
    assert report.failed and not report.complete and report.known == 0 and len(report.unknown) == report.total == 2


async def test_a_patient_who_is_not_there_is_refused(ada: Context) -> None:
    with pytest.raises(NotFound):
        await safety.check(ada, uuid7(), [])


async def test_going_on_needs_a_coded_reason_for_each_interrupting_warning(ada: Context) -> None:
    report = await safety.check(ada, None, [await pack(ada, "warfarin 5 mg"), await pack(ada, "ibuprofen 400")])
    with pytest.raises(safety.Unanswered, match="needs an answer first"):
        safety.refuse_unanswered(report, [])
    said = [WarningAnswer(key=alert.key, reason=OverrideReason.MONITORING) for alert in report.interrupting]
    safety.refuse_unanswered(report, said)
    assert safety.unanswered(report, said) == [] and len(safety.unanswered(report, [])) == 1
    with pytest.raises(ValidationError, match="which other reason"):
        WarningAnswer(key="x", reason=OverrideReason.OTHER)
    with pytest.raises(ValidationError):
        WarningAnswer.model_validate({"key": "x", "reason": "because"})


@pytest.mark.parametrize("who", ["ruth", "max", "iris"])
async def test_only_clinical_staff_may_ask(acting: Any, who: str) -> None:
    with pytest.raises(Forbidden):
        await safety.interactions(await acting(who), InteractionsDraft(medicines=["aspirin"]))


async def test_names_barcodes_ids_and_own_brands_are_understood(ben: Context) -> None:
    await medicines.add_medicine(
        ben,
        medicines.MedicineDraft.model_validate(
            {
                "ingredients": [{"name": "warfarin", "strength": "3 mg"}],
                "brand": "Quillarin",
                "pack_size": "50",
                "price": "5",
            }
        ),
    )
    amoxicillin = await pack(ben, "2000000000022")
    found = await safety.interactions(
        ben,
        InteractionsDraft(medicines=[str(amoxicillin.id), "2000000000022"], text="Quillarin 3 mg\nNurofen 200 mg\n\n"),
    )
    assert found.total == 4 and found.unknown == [] and rules_of(found) >= {"warfarin-nsaid", "same-medicine"}
    odd = await safety.interactions(ben, InteractionsDraft(text="ibuprofin\nwarfarin"))
    assert odd.unknown == ["ibuprofin"] and odd.suggestions == {"ibuprofin": ["ibuprofen"]} and not odd.complete
    with pytest.raises(NotFound):
        await safety.interactions(ben, InteractionsDraft(medicines=[str(uuid7())]))
