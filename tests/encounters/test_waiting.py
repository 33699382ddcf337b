"""The nurse measures before the doctor opens the visit, and it stands in the visit when that begins."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from galen import encounters, queue
from galen.core.context import Context
from galen.core.errors import Conflict, Invalid
from galen.core.finish import finish
from galen.encounters import VisitDraft, Vitals, VitalsDraft
from galen.encounters.schemas import VisitCancelDraft
from galen.encounters.service import measure, visit_record
from galen.patients import Patient
from galen.queue.schemas import WalkInDraft


@pytest.fixture
async def nora(acting) -> Context:
    return await acting("nora")


async def waits(ctx: Context, patient: Patient) -> None:
    await queue.walk_in(ctx, WalkInDraft(patient_id=patient.id))
    await ctx.flush()


async def pulses(ctx: Context, visit_id: object) -> list[int]:
    ctx.db.expire_all()
    return [int(vitals.heart_rate or 0) for vitals in (await visit_record(ctx, visit_id)).vitals]  # type: ignore[arg-type]


async def test_what_a_nurse_measures_of_somebody_who_waits_stands_in_the_visit(
    nora: Context, ada: Context, mara: Patient
) -> None:
    await waits(nora, mara)
    vitals = await measure(nora, mara.id, VitalsDraft(heart_rate=72))
    await finish(nora)
    assert (vitals.visit_id, vitals.by_name) == (None, nora.actor.name)
    visit = await encounters.start_visit(ada, VisitDraft(patient_id=mara.id))
    await finish(ada)
    assert await pulses(ada, visit.id) == [72]


async def test_once_the_visit_is_open_it_goes_there_at_once(nora: Context, ada: Context, mara: Patient) -> None:
    visit = await encounters.start_visit(ada, VisitDraft(patient_id=mara.id))
    await finish(ada)
    assert (await measure(nora, mara.id, VitalsDraft(heart_rate=80))).visit_id == visit.id


async def test_a_visit_that_is_cancelled_gives_them_back_to_the_next(
    nora: Context, ada: Context, mara: Patient
) -> None:
    await waits(nora, mara)
    await measure(nora, mara.id, VitalsDraft(heart_rate=72))
    await finish(nora)
    first = await encounters.start_visit(ada, VisitDraft(patient_id=mara.id))
    await finish(ada)
    await encounters.cancel_visit(ada, first.id, VisitCancelDraft(reason="Wrong patient"))
    await finish(ada)
    second = await encounters.start_visit(ada, VisitDraft(patient_id=mara.id))
    await finish(ada)
    assert await pulses(ada, second.id) == [72]


async def test_yesterdays_and_another_patients_do_not(nora: Context, ada: Context, mara: Patient, tom: Patient) -> None:
    for patient in (mara, tom):
        await waits(nora, patient)
        await measure(nora, patient.id, VitalsDraft(heart_rate=72))
    await finish(nora)
    ada.now += timedelta(days=1)
    visit = await encounters.start_visit(ada, VisitDraft(patient_id=mara.id))
    await finish(ada)
    assert await pulses(ada, visit.id) == []


@pytest.mark.parametrize("left", [False, True])
async def test_who_is_not_here_is_not_measured(nora: Context, mara: Patient, left: bool) -> None:
    if left:
        token = await queue.walk_in(nora, WalkInDraft(patient_id=mara.id))
        await nora.flush()
        await queue.leave(nora, token.id)
        await nora.flush()
    with pytest.raises(Conflict, match="neither checked in"):
        await measure(nora, mara.id, VitalsDraft(heart_rate=72))
    assert await nora.db.scalar(select(Vitals.id).where(Vitals.patient_id == mara.id)) is None


async def test_while_waiting_hard_to_believe_is_asked_about_too(nora: Context, mara: Patient) -> None:
    await waits(nora, mara)
    with pytest.raises(Invalid, match="Was it 68 in"):
        await measure(nora, mara.id, VitalsDraft(height=68))


async def test_the_queue_and_the_chart_lead_a_nurse_to_the_form(client, nora: Context, mara: Patient) -> None:
    http = await client("nora", page=True)
    api = await client("nora")
    ticket = await api.post("/api/v1/queue/walk-in", json={"patient_id": str(mara.id)})
    assert ticket.status_code == 201, ticket.text
    address = f"/patients/{mara.id}/vitals/new"
    assert address in (await http.get("/queue")).text
    assert address in (await http.get(f"/patients/{mara.id}/vitals")).text
    assert "Keep measurements" in (await http.get(address)).text
    kept = await http.post(f"/patients/{mara.id}/vitals", data={"heart_rate": "66"}, headers={
        "hx-request": "true", "hx-target": "div#vitals-form",
    })  # fmt: skip
    assert kept.status_code == 200 and "Kept." in kept.text
    assert "66" in (await http.get(address)).text
    ruth = await client("ruth", page=True)
    assert address not in (await ruth.get("/queue")).text
