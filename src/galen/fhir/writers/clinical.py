"""Allergies, conditions, medicines, immunisations, coverages and visits: created, or merged field by field."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from galen.core.errors import Refusal
from galen.encounters import Visit, past_visit
from galen.medicines import of_code
from galen.patients import Allergy, AllergyState, AllergyStatus, CurrentMedicine, Patient

from ..arrival import Arrival
from ..clinical import READERS
from ..merging import merge
from ..reading import Came
from ..rules import Fields
from ..visits import read_encounter

PRODUCTS = ("ndc", "rxnorm", "artg", "gtin", "gs1")  # in the names of issuers of codes that products bear here
SEALED = "is sealed here: the new version is kept beside it"
CHANGED = "was changed here and at the source: ours stays"


async def record_of(arrival: Arrival, came: Came, row: Any, about: UUID) -> None:
    """A record in its module; what the source leaves unsaid is pointed out."""
    model, read = READERS.get(came.kind, (Visit, read_encounter))
    reading, tally = arrival.reading(came, await arrival.birth(about)), arrival.part.resources[came.kind]
    fields = read(came.element, reading)
    arrival.noted(came, reading)
    if model is CurrentMedicine and not fields["ingredient"] and fields["code"]:
        fields["ingredient"] = await held(arrival, fields["system"], fields["code"])
    if model is Allergy:
        arrival.allergic.add(about)
    if row is not None and row.record_id:
        await renew(arrival, came, row, fields)
        tally.updated += 1
        return
    if about in arrival.run.joined and model is not Visit and (there := await the_same(arrival, model, about, fields)):
        await arrival.store(came, row, about, there)
        return
    if model is Visit:
        record: Any = past_visit(arrival.ctx, about, **fields)
    else:
        record = arrival.ctx.add(model(patient_id=about, **fields))
        for value in fields.values():
            if isinstance(value, str) and " not stated (" in value:
                arrival.remark("warnings", came, "code", f"{value}; it is imported under these words")
                break
    await arrival.store(came, row, about, record)
    tally.created += 1


async def the_same(arrival: Arrival, model: Any, about: UUID, fields: Fields) -> Any:
    """The very same fact, already told under another id of this person."""
    await arrival.ctx.flush()
    columns = (getattr(model, name).is_not_distinct_from(value) for name, value in fields.items())
    return await arrival.ctx.db.scalar(select(model).where(model.patient_id == about, *columns).limit(1))


async def held(arrival: Arrival, system: str, code: str) -> str:
    """What a product of the assortment holds, when it goes by this code: an NDC, RxNorm, ARTG or trade item number."""
    if not any(part in system.casefold() for part in PRODUCTS):
        return ""
    product = await of_code(arrival.ctx, code)
    return " + ".join(product.holds) if product else ""


async def renew(arrival: Arrival, came: Came, row: Any, fields: dict[str, Any]) -> None:
    """Take over what changed at the source. A visit that is complete is sealed: its new version is kept beside it."""
    model, read = READERS.get(came.kind, (Visit, read_encounter))
    before = read(await arrival.before(row), arrival.reading(came, await arrival.birth(row.patient_id)))
    record = await arrival.ctx.db.scalar(select(model).where(model.id == row.record_id))
    conflicts = [name for name in fields if model is Visit and fields[name] != before[name]]
    if model is not Visit:
        found = merge(before, fields, {name: getattr(record, name) for name in fields})
        conflicts = found.conflicts
        for name, value in found.taken.items():
            if name == "status" and getattr(record, "struck", False):  # entered in error here: that is the last word
                conflicts.append(name)
                continue
            try:
                setattr(record, name, value)
            except Refusal:  # a state that this one cannot become
                conflicts.append(name)
    for name in conflicts:
        arrival.remark("conflicts", came, name, SEALED if model is Visit else CHANGED)
    await arrival.store(came, row, row.patient_id)


async def settle_allergies(arrival: Arrival) -> None:
    """Known, none known, not asked: from what is on the record now and from what the source says."""
    touched = arrival.allergic | arrival.none_known
    if not touched:
        return
    await arrival.ctx.flush()
    active = select(Allergy.patient_id).where(Allergy.patient_id.in_(touched), Allergy.status == AllergyStatus.ACTIVE)
    known = set(await arrival.ctx.db.scalars(active))
    for patient in await arrival.ctx.db.scalars(select(Patient).where(Patient.id.in_(touched))):
        state = patient.allergy_state
        if patient.id in known:
            state = AllergyState.KNOWN
        elif patient.id in arrival.none_known:
            state = AllergyState.NONE_KNOWN
        elif state is AllergyState.KNOWN:
            state = AllergyState.NOT_ASKED
        if patient.allergy_state is not state:
            patient.allergy_state = state
