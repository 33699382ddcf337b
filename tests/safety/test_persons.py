"""The check knows the patient: age, weight, kidneys, conditions and doses, at prescribing and at dispensing."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from galen import medicines, prescribing, safety
from galen.core.context import Context
from galen.encounters import Kept, Vitals
from galen.medicines import Product
from galen.patients import Condition, Patient, Sex
from galen.prescribing import PrescriptionDraft
from galen.safety import RuleKind


async def pack(ctx: Context, q: str) -> Product:
    return (await medicines.find_medicines(ctx, q))[0]


async def measured(ctx: Context, patient: Patient, days: int = 1, **values: str) -> Vitals:
    found = Vitals(patient_id=patient.id, taken_at=ctx.now - timedelta(days=days), by_name="Nora")
    for name, value in values.items():
        setattr(found, name, Decimal(value))
    ctx.add(found)
    await ctx.flush()
    return found


async def has(ctx: Context, patient: Patient, text: str, **more: Any) -> Condition:
    condition = ctx.add(Condition(patient_id=patient.id, text=text, **more))
    await ctx.flush()
    return condition


def of(report: safety.SafetyReport, kind: RuleKind) -> list[tuple[str, str]]:
    return [(alert.rule, alert.severity.value) for alert in report.alerts if alert.kind is kind]


async def test_a_condition_counts_until_it_is_over(ada: Context, tom: Patient) -> None:
    propranolol = await pack(ada, "propranolol")
    assert of(await safety.check(ada, tom.id, [propranolol]), RuleKind.CONDITION) == []
    asthma = await has(ada, tom, "Asthma")
    report = await safety.check(ada, tom.id, [propranolol])
    assert of(report, RuleKind.CONDITION) == [("asthma-beta-blocker", "contraindicated")]
    (alert,) = report.interrupting
    assert "the recorded “Asthma”" in alert.because
    asthma.until = ada.today - timedelta(days=1)
    await ada.flush()
    assert of(await safety.check(ada, tom.id, [propranolol]), RuleKind.CONDITION) == []


async def test_the_last_creatinine_speaks_and_a_struck_one_does_not(ada: Context, tom: Patient) -> None:
    metformin = await pack(ada, "metformin 500")
    assert (await safety.check(ada, tom.id, [metformin])).unchecked == [
        f"{metformin.label}: kidney function is not recorded"
    ]
    await measured(ada, tom, days=40, creatinine="90")
    worse = await measured(ada, tom, creatinine="300", weight="70")
    report = await safety.check(ada, tom.id, [metformin])
    assert of(report, RuleKind.KIDNEY) == [("metformin-severe", "contraindicated")] and report.unchecked == []
    worse.status = Kept.ENTERED_IN_ERROR
    await ada.flush()
    assert ("metformin-severe", "contraindicated") not in of(
        await safety.check(ada, tom.id, [metformin]), RuleKind.KIDNEY
    )


async def test_a_recorded_pregnancy_interrupts(ada: Context, mara: Patient) -> None:
    ramipril = await pack(ada, "ramipril")
    await has(ada, mara, "Pregnant", since=ada.today - timedelta(days=60))
    assert of(await safety.check(ada, mara.id, [ramipril]), RuleKind.PREGNANCY) == [("ras-pregnant", "contraindicated")]


async def test_too_much_is_said_while_prescribing_and_again_at_the_counter(ada: Context, tom: Patient) -> None:
    paracetamol = await pack(ada, "paracetamol 500 mg tablet")
    line = {"product_id": paracetamol.id, "directions": "3 tabs qid", "days": 5}
    rx = await prescribing.draft(ada, PrescriptionDraft(patient_id=tom.id, lines=[line]))
    assert rx.report is not None
    assert {rule for rule, _ in of(rx.report, RuleKind.DOSE)} == {"dose-single", "dose-daily"}
    assert "6,000 mg of paracetamol a day" in " ".join(alert.effect for alert in rx.report.alerts)
    doses = {line.product_id: line.dose for line in rx.lines}
    again = await safety.check(ada, tom.id, [paracetamol], doses=doses)
    assert {alert.key for alert in again.alerts} == {alert.key for alert in rx.report.alerts}


async def test_a_childs_dose_goes_by_weight(ada: Context, tom: Patient) -> None:
    tom.born, tom.sex = date(2021, 11, 1), Sex.MALE
    await ada.flush()
    paracetamol = await pack(ada, "paracetamol 500 mg tablet")
    doses = {paracetamol.id: {"high": "1", "per_day": "4", "unit": "tablet"}}
    report = await safety.check(ada, tom.id, [paracetamol], doses=doses)
    assert report.unchecked == [f"{paracetamol.label}: the weight is not recorded"]
    await measured(ada, tom, weight="18")
    report = await safety.check(ada, tom.id, [paracetamol], doses=doses)
    assert of(report, RuleKind.DOSE) == [("dose-daily", "major"), ("dose-single", "major")] and report.unchecked == []


async def test_without_a_patient_nothing_is_asked_of_one(ada: Context) -> None:
    report = await safety.check(ada, None, [await pack(ada, "metformin 500")])
    assert (report.alerts, report.unchecked) == ([], [])
