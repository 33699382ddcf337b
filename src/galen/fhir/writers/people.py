"""Patients: registered, or brought up to date."""

from typing import Any

from pydantic import ValidationError
from sqlalchemy import select

from galen import patients
from galen.core.errors import Refusal
from galen.patients import LikelyDuplicate, Patient, PatientChange, PatientDraft

from ..arrival import Arrival
from ..elements import Unreadable
from ..merging import merge
from ..people import FhirPerson, read_person
from ..reading import Came

WHERE = {
    "born": "birthDate",
    "deceased_on": "deceasedDateTime",
    "phone": "telecom",
    "email": "telecom",
    "sex": "gender",
}


async def person(arrival: Arrival, came: Came, row: Any) -> None:
    """A new person is registered with a warning about likely duplicates; a known one takes over what changed."""
    said = read_person(came.element, arrival.ctx.today)
    try:
        if row is None:
            patient = await register(arrival, came, said)
            arrival.part.resources["Patient"].created += 1
        else:
            patient = await renew(arrival, came, row, said)
            arrival.part.resources["Patient"].updated += 1
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        raise Unreadable(WHERE.get(field, field), error.errors()[0]["msg"].removeprefix("Value error, ")) from None
    except Refusal as refusal:
        raise Unreadable(WHERE.get(getattr(refusal, "field", ""), ""), str(refusal)) from None
    arrival.people[patient.id] = patient
    for path, says in said.notes:
        arrival.remark("warnings", came, path, says)
    for kind, value, path in said.numbers:
        kept = await patients.put_identifier(arrival.ctx, patient, kind, value, strict=False)
        if kept.fault:
            arrival.remark("warnings", came, path, f"{kept.fault} It is kept as it came.")
    await arrival.ctx.flush()  # what is about this person refers to the row
    await arrival.store(came, row, patient.id, patient)


async def register(arrival: Arrival, came: Came, said: FhirPerson) -> Patient:
    draft = PatientDraft(**{**said.fields, "born": said.fields["born"] or None})
    try:
        patient = await patients.register(arrival.ctx, draft)
    except LikelyDuplicate as alike:
        says = f"looks like the person of record {alike.about['number']}; both are there now"
        arrival.remark("warnings", came, "", says)
        patient = await patients.register(arrival.ctx, draft.model_copy(update={"anyway": True}))
    patient.deceased_on = said.deceased_on
    return patient


async def renew(arrival: Arrival, came: Came, row: Any, said: FhirPerson) -> Patient:
    """Field by field; a person who has neither the name nor the birth date of the one known is somebody else."""
    before = read_person(await arrival.before(row), arrival.ctx.today)
    patient = await arrival.ctx.db.scalar(select(Patient).where(Patient.id == row.record_id))
    assert patient is not None
    if all(before.fields[k] != said.fields[k] for k in ("family", "given", "born")):
        raise Unreadable("id", "is known here as another person: is this another system? Name it with --source")
    ours = {name: getattr(patient, name) for name in said.fields}
    ours |= {"sex": patient.sex.value, "born": str(patient.birth or ""), "deceased_on": patient.deceased_on}
    then, now = ({**person.fields, "deceased_on": person.deceased_on} for person in (before, said))
    found = merge(then, now, ours)
    if not found.taken.get("country", "-"):
        del found.taken["country"]
    if found.taken:
        taken = {name: value or None if name == "born" else value for name, value in found.taken.items()}
        patient = await patients.change_patient(arrival.ctx, patient.id, PatientChange(**taken))
    for name in found.conflicts:
        arrival.remark("conflicts", came, WHERE.get(name, name), "was changed here and at the source: ours stays")
    return patient
