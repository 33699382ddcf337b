"""Patients: registered, recognised as somebody known, or brought up to date."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select

from galen import patients
from galen.core.errors import Refusal
from galen.patients import Patient, PatientChange, PatientDraft
from galen.values.search_key import search_key

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
    "contact_persons": "contact",
    "telecoms": "telecom",
}
OF_FAMILIES = frozenset({"medicare", "medicare-card"})  # a card of several people
ALL = "all"


async def person(arrival: Arrival, came: Came, row: Any) -> None:
    """Somebody new is registered, once it is clear that they are; somebody known takes over what changed."""
    said, tally, was = read_person(came.element, arrival.ctx.today), arrival.part.resources["Patient"], None
    try:
        if row is not None:
            was = read_person(await arrival.before(row), arrival.ctx.today)
            patient = await renew(arrival, came, row, was, said)
            tally.updated += 1
        elif known := await recognised(arrival, came, said):
            patient = await join(arrival, came, known, said)
            tally.updated += 1
        else:
            patient = await register(arrival, said)
            tally.created += 1
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        raise Unreadable(WHERE.get(field, field), error.errors()[0]["msg"].removeprefix("Value error, ")) from None
    except Refusal as refusal:
        raise Unreadable(WHERE.get(getattr(refusal, "field", ""), ""), str(refusal)) from None
    arrival.people[patient.id] = patient
    for path, says in said.notes:
        arrival.remark("warnings", came, path, says)
    await arrival.ctx.flush()  # what is about this person refers to the row
    before = {kind: value for kind, value, *_ in was.numbers} if was else {}
    for kind, value, path, system in said.numbers:
        instead_of = before.get(kind, "")
        kept = await patients.keep_number(arrival.ctx, patient, kind, value, system, instead_of=instead_of)
        if kept.fault:
            arrival.remark("warnings", came, path, f"{kept.fault} It is kept as it came.")
    await arrival.ctx.flush()
    await arrival.store(came, row, patient.id, patient)


def draft_of(said: FhirPerson) -> PatientDraft:
    return PatientDraft(**{**said.fields, "born": said.fields["born"] or None}, anyway=True)


async def register(arrival: Arrival, said: FhirPerson) -> Patient:
    patient = await patients.register(arrival.ctx, draft_of(said))
    patient.deceased_on = said.deceased_on
    return patient


async def recognised(arrival: Arrival, came: Came, said: FhirPerson) -> Patient | None:
    """Who this is, when somebody here is it beyond doubt: the same number, name and birth. What looks like it is asked.

    Nothing of a person in question is imported until somebody has answered (`same`, `apart`).
    """
    run, answer = arrival.run, arrival.run.same.get(came.id, "")
    if came.id in run.apart:
        return None
    if answer:
        named = await arrival.ctx.db.scalar(select(Patient).where(Patient.number == answer.upper()))
        if named is None:
            raise Unreadable("id", f"is said to be the person of record {answer}, and there is no such record")
        return named
    numbered, alike = await who_it_may_be(arrival, said)
    sure = [known for known in numbered if same_words(known, said) and not known.archived_at]
    if len(sure) == 1:
        return sure[0]
    asked = list({known.id: known for known in (*sure, *numbered, *alike)}.values())
    if not asked or ALL in run.apart:
        return None
    if ALL in run.same and len(asked) == 1:
        return asked[0]
    whom = " or ".join(known.number for known in asked[:5])
    why = "the same number" if numbered else "the same or a similar name, and birth"
    raise Unreadable(
        "",
        f"looks like the person of record {whom} ({why}); not imported until you say who it is: "
        f"--same {came.id}={asked[0].number}, or --apart {came.id} for somebody else",
    )


async def who_it_may_be(arrival: Arrival, said: FhirPerson) -> tuple[list[Patient], list[Patient]]:
    """Those who have one of the numbers, and those whose name and birth are alike enough to be asked about."""
    await arrival.ctx.flush()
    glance = patients.likeness_of(arrival.ctx, draft_of(said))
    stated = search_key(said.fields["family"]) != search_key("Not stated")
    alike = [known for known, like in await patients.resembling(arrival.ctx, glance) if like.score >= patients.ASK]
    ids = {
        id: kind in OF_FAMILIES
        for kind, value, _, system in said.numbers
        for id in await patients.holders(arrival.ctx, kind, value, system)
    }
    numbered = await opened(arrival, ids)
    numbered = [known for known in numbered if not ids[known.id] or same_words(known, said)]
    return numbered, alike if stated else []


async def opened(arrival: Arrival, ids: Iterable[UUID]) -> list[Patient]:
    wanted = select(Patient).where(Patient.id.in_(list(ids))).order_by(Patient.id)
    return list(await arrival.ctx.db.scalars(wanted)) if ids else []


def same_words(known: Patient, said: FhirPerson) -> bool:
    """The same name, in any order of its parts, and no other birth date; one of the dates may be missing."""
    name = sorted(search_key(f"{known.family} {known.given}").split())
    told = sorted(search_key(f"{said.fields['family']} {said.fields['given']}").split())
    born, theirs = str(known.birth or ""), said.fields["born"]
    return name == told and (not born or not theirs or born.startswith(theirs) or theirs.startswith(born))


async def join(arrival: Arrival, came: Came, patient: Patient, said: FhirPerson) -> Patient:
    """The same person under another id: what is empty here is filled in, and what differs is told; ours stays."""
    arrival.run.joined.add(patient.id)
    ours = {name: getattr(patient, name) for name in said.fields} | {"deceased_on": patient.deceased_on}
    ours |= {"sex": patient.sex.value if patient.sex.value != "unknown" else "", "born": str(patient.birth or "")}
    told = {**said.fields, "deceased_on": said.deceased_on, "sex": said.fields["sex"].removeprefix("unknown")}
    for name in ("telecoms", "contact_persons"):
        told[name] = [*ours[name], *(row for row in told[name] if row not in ours[name])][:20]
    taken = {
        n: v for n, v in told.items() if v and (not ours[n] or n in ("telecoms", "contact_persons")) and v != ours[n]
    }
    if patient.born and taken.get("deceased_on") and taken["deceased_on"] < patient.born:
        del taken["deceased_on"]
    if taken:
        patient = await patients.change_patient(arrival.ctx, patient.id, PatientChange(**taken))
    arrival.remark("warnings", came, "", f"is the person of record {patient.number}, and was joined to it")
    silent = ("language", "family", "given", "telecoms", "contact_persons")
    for name in (n for n, v in told.items() if v and ours[n] and v != ours[n] and n not in silent):
        says = f"differs from record {patient.number}: ours stays"
        arrival.remark("conflicts", came, WHERE.get(name, name), says)
    return patient


async def renew(arrival: Arrival, came: Came, row: Any, before: FhirPerson, said: FhirPerson) -> Patient:
    """Field by field; a person who has neither the name nor the birth date of the one known is somebody else."""
    patient = await arrival.ctx.db.scalar(select(Patient).where(Patient.id == row.record_id))
    assert patient is not None
    if all(before.fields[k] != said.fields[k] for k in ("family", "given", "born")):
        raise Unreadable("id", "is known here as another person: is this another system? Name it with --source")
    ours = {name: getattr(patient, name) for name in said.fields}
    ours |= {"sex": patient.sex.value, "born": str(patient.birth or ""), "deceased_on": patient.deceased_on}
    then, now = ({**person.fields, "deceased_on": person.deceased_on} for person in (before, said))
    found = merge(then, now, ours)
    if found.taken:
        taken = {name: value or None if name == "born" else value for name, value in found.taken.items()}
        patient = await patients.change_patient(arrival.ctx, patient.id, PatientChange(**taken))
    for name in found.conflicts:
        arrival.remark("conflicts", came, WHERE.get(name, name), "was changed here and at the source: ours stays")
    return patient
