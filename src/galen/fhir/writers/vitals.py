"""Vital signs: the Observations of one moment and encounter become one set of measurements."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from galen.encounters import Kept as Standing
from galen.encounters import Vitals, believed_before, doubts_of, past_vitals, strike_past_vitals
from galen.patients import Patient

from ..arrival import Arrival
from ..models import KeptResource
from ..reading import Came, read_back
from ..references import key_of
from ..report import FhirRemark
from ..visits import Measured, read_vitals


async def measured(arrival: Arrival, came: Came, row: Any, about: UUID) -> None:
    """Put a measurement with the others of its moment, or in the place of what it was before."""
    reading = arrival.reading(came, await arrival.birth(about))
    found = read_vitals(came.element, reading)
    arrival.noted(came, reading)
    tally = arrival.part.resources["Observation"]
    if row is not None and row.record_id:
        await renew(arrival, came, row, about, found)
        tally.updated += 1
        return
    reference = came.element.one("encounter")
    visit = arrival.known.get(key_of(reference, arrival.here, "Encounter") or ("", ""))
    visit_id = visit.record_id if visit is not None else None
    kept = await arrival.store(came, row, about)
    arrival.groups[about, visit_id, found.at].append((kept, found))
    tally.created += 1


async def write(arrival: Arrival) -> None:
    """One set for each moment; a second value of the same measure begins another set."""
    if not arrival.groups:
        return
    await arrival.ctx.flush()  # measurements refer to the rows of their visits
    born = await births(arrival)
    before = await believed_before(arrival.ctx, born.keys())
    for (about, visit_id, at), parts in sorted(arrival.groups.items(), key=lambda group: group[0][2]):
        sets: list[tuple[dict[str, Any], list[tuple[KeptResource, Measured]]]] = []
        for kept, found in parts:
            values, members = next((s for s in sets if not s[0].keys() & found.values.keys()), ({}, []))
            if not members:
                sets.append((values, members))
            values |= found.values
            members.append((kept, found))
        for values, members in sets:
            by = next((found.by for _, found in members if found.by), "")
            last = before.setdefault(about, [])
            vitals = past_vitals(
                arrival.ctx, about, at, values, visit_id=visit_id, by_name=by, before=last, **born[about]
            )
            for kept, _ in members:
                kept.record, kept.record_id = vitals.thing(), vitals.id
            doubted(arrival, vitals, members)


def doubted(arrival: Arrival, vitals: Vitals, members: list[tuple[KeptResource, Measured]]) -> None:
    """Tell what is hard to believe: it is kept, and counts for nothing until somebody here confirms or strikes it."""
    for doubt in doubts_of(vitals):
        kept = next(kept for kept, found in members if doubt.measure in found.values)
        says = f"{doubt.sentence} It is kept, marked in doubt: confirm it or strike it on the patient's page."
        remark = FhirRemark(arrival.batch.file, f"{kept.kind}/{kept.fhir_id}", "value[x]", says)
        arrival.part.warnings.append(remark)


async def births(arrival: Arrival) -> dict[UUID, dict[str, Any]]:
    """Age and sex of those who were measured."""
    people = {about for about, *_ in arrival.groups}
    found = {id: {"born": p.born, "sex": p.sex} for id, p in arrival.people.items() if id in people}
    if left := people - found.keys():
        rows = await arrival.ctx.db.execute(select(Patient.id, Patient.born, Patient.sex).where(Patient.id.in_(left)))
        found |= {row.id: {"born": row.born, "sex": row.sex} for row in rows}
    return found


async def renew(arrival: Arrival, came: Came, row: Any, about: UUID, found: Measured) -> None:
    """A corrected measurement: the set it stood in is struck, and a new one written from all its Observations."""
    reading = arrival.reading(came)
    before = read_vitals(await arrival.before(row), reading)
    old = await arrival.ctx.db.scalar(select(Vitals).where(Vitals.id == row.record_id))
    assert old is not None
    kept = await arrival.store(came, row, about)
    if (before.at, before.values) == (found.at, found.values):
        return
    if old.status is Standing.ENTERED_IN_ERROR:
        arrival.remark("conflicts", came, "value[x]", "was struck here and changed at the source: ours stays")
        return
    siblings = select(KeptResource).where(KeptResource.record_id == old.id, KeptResource.id != kept.id)
    others = list(await arrival.ctx.db.scalars(siblings))
    strike_past_vitals(arrival.ctx, old)
    arrival.groups[about, old.visit_id, found.at].append((kept, found))
    for other in others:
        said = read_vitals(read_back(other.content), reading)
        arrival.groups[about, old.visit_id, said.at].append((other, said))
