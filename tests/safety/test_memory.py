"""What was answered before for this patient is shown and not shouted again; others' tables count where switched on."""

from datetime import timedelta
from typing import Any

import pytest

from galen import safety
from galen.core.context import Context
from galen.patients import CurrentMedicine, Patient
from galen.safety import (
    ImportedInteraction,
    InteractionTable,
    OverrideReason,
    Place,
    Tier,
    WarningAnswer,
    knowledge_of,
    remember,
)
from galen.safety.leaflet import interactions_of
from galen.values.ids import uuid7

PAIR = ["warfarin", "ibuprofen"]
WORST = ["phenelzine", "fluoxetine"]


async def asked(
    ctx: Context, patient: Patient, names: list[str], place: Place = Place.PRESCRIBING
) -> safety.SafetyReport:
    return await safety.check(ctx, patient.id, [], also=names, place=place)


async def went_on(
    ctx: Context, patient: Patient, names: list[str], place: Place = Place.PRESCRIBING
) -> safety.SafetyReport:
    report = await asked(ctx, patient, names, place)
    said = [
        WarningAnswer(key=alert.key, reason=OverrideReason.MONITORING, comment="INR") for alert in report.interrupting
    ]
    await remember(ctx, patient.id, report, said, place)
    await ctx.flush()
    return report


async def test_an_answered_warning_shows_again_with_who_went_on_and_why(ada: Context, mara: Patient) -> None:
    assert [alert.kind for alert in (await went_on(ada, mara, PAIR)).interrupting] == ["interaction"]
    (alert,) = (alert for alert in (await asked(ada, mara, PAIR)).alerts if alert.kind == "interaction")
    assert alert.tier is Tier.SHOWS and alert.before
    assert (alert.before.by_name, alert.before.reason, alert.before.at) == (ada.actor.name, "monitoring", ada.now)
    assert alert.because.endswith(f"Answered before by {ada.actor.name} on 20 Nov 2026: Monitoring arranged (INR).")


async def test_the_answer_is_this_patients_this_pairs_and_this_places_own(
    ada: Context, mara: Patient, tom: Patient
) -> None:
    await went_on(ada, mara, PAIR)
    assert (await asked(ada, tom, PAIR)).interrupting
    assert (await asked(ada, mara, ["warfarin", "naproxen"])).interrupting
    assert (await asked(ada, mara, PAIR, Place.DISPENSING)).interrupting
    assert (await safety.check(ada, mara.id, [], also=PAIR)).interrupting


async def test_an_answer_holds_for_ninety_days(ada: Context, mara: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    await went_on(ada, mara, PAIR)
    monkeypatch.setattr(safety.memory, "HOLDS", timedelta(0))
    assert (await asked(ada, mara, PAIR)).interrupting


async def test_a_contraindication_is_asked_again_beside_the_answer_of_before(ada: Context, mara: Patient) -> None:
    await went_on(ada, mara, WORST)
    (alert,) = [alert for alert in (await asked(ada, mara, WORST)).alerts if alert.severity == "contraindicated"]
    assert alert.tier is Tier.INTERRUPTS and alert.before


async def table(ctx: Context, *pairs: tuple[str, str, str], **more: Any) -> InteractionTable:
    imported = ctx.add(InteractionTable(name="Table", edition="1", imported_at=ctx.now, pairs=len(pairs), **more))
    await ctx.flush()
    for a, b, severity in pairs:
        ctx.add(ImportedInteraction(id=uuid7(), table_id=imported.id, a=a, b=b, severity=severity))
    await ctx.flush()
    return imported


async def test_a_warning_that_became_worse_interrupts_again(ada: Context, mara: Patient) -> None:
    ginkgo = ["ginkgo", "warfarin"]
    made = await table(ada, ("ginkgo", "warfarin", "major"))
    await went_on(ada, mara, ginkgo)
    assert not (await asked(ada, mara, ginkgo)).interrupting
    for row in await ada.db.scalars(safety.tables.select(ImportedInteraction)):
        row.severity = "contraindicated"
    made.imported_at += timedelta(seconds=1)
    await ada.flush()
    assert (await asked(ada, mara, ginkgo)).interrupting


async def test_a_table_counts_only_where_it_is_switched_on_and_is_named(ada: Context) -> None:
    before = await safety.check(ada, None, [], also=["metformin", "atorvastatin"])
    assert before.alerts == []
    made = await table(ada, ("atorvastatin", "metformin", "major"))
    (alert,) = (await safety.check(ada, None, [], also=["metformin", "atorvastatin"])).alerts
    assert (alert.severity, alert.source) == ("major", "Table 1")
    assert alert.version == f"{before.version}, Table 1"
    assert await knowledge_of(ada) is await knowledge_of(ada)
    made.switched_on = False
    await ada.flush()
    assert (await safety.check(ada, None, [], also=["metformin", "atorvastatin"])).alerts == []


async def test_what_is_taken_already_is_remembered_in_the_same_way(ada: Context, tom: Patient) -> None:
    ada.add(CurrentMedicine(patient_id=tom.id, text="Warfarin 5 mg"))
    await ada.flush()
    await went_on(ada, tom, ["ibuprofen"])
    assert not (await asked(ada, tom, ["ibuprofen"])).interrupting


async def test_the_page_of_a_medicine_says_what_it_does_not_go_with(ada: Context, client: Any) -> None:
    from galen import medicines

    warfarin = (await medicines.find_medicines(ada, "warfarin 5 mg"))[0]
    found = await interactions_of(ada, warfarin.id)
    assert found.known and found.loud and found.quiet
    nsaid = next(alert for alert in found.loud if alert.rule == "warfarin-nsaid")
    assert "ibuprofen" in nsaid.others and nsaid.management
    browser = await client("ada", page=True)
    page = (await browser.get(f"/medicines/{warfarin.id}/interactions")).text
    assert "ibuprofen" in page and "of less weight" in page
