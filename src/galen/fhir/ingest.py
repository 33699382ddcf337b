"""One batch of resources, in one transaction: people first, then what is about them."""

from typing import Any
from uuid import UUID

from galen.logs import log
from galen.patients import PatientChanged

from .arrival import GROUND, OURS, Arrival
from .elements import Unreadable
from .reading import Came
from .report import FhirRemark
from .rules import LISTS, Keep, refuse_empty
from .writers import vitals
from .writers.clinical import record_of, settle_allergies
from .writers.people import person

ODD = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a reader meets in a resource that nobody thought of: it fails, and the others go on."""
ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('galen fhir import ' || current_schema(), 0))"
"""One batch at a time in an organisation: two imports of one person make one record of them."""
FIRST = {"Patient": 0, "Encounter": 2}


async def ingest_all(arrival: Arrival, wanted: set[str] | None) -> set[str]:
    """Import what is ready, or what is wanted; answers the names of what must wait for others to be read."""
    await arrival.ctx.raw.execute(ALONE)
    for came in arrival.batch.resources:
        arrival.here |= {came.name: came} | ({came.url: came} if came.url else {})
    await arrival.look_up()
    waiting = set()
    for came in sorted(arrival.batch.resources, key=lambda c: FIRST.get(c.kind, 1 if c.kind in GROUND else 3)):
        if wanted is None and not arrival.ready(came):
            waiting.add(came.name)
        elif wanted is None or came.name in wanted:
            await ingest_one(arrival, came)
    await finish(arrival)
    return waiting


async def ingest_one(arrival: Arrival, came: Came) -> None:
    """Count it, skip what is unchanged, and say in one sentence why it could not be read."""
    tally, row = arrival.part.resources[came.kind], arrival.known.get(came.key)
    tally.read += 1
    try:
        about = None if came.kind == "Patient" else await arrival.about(came)
        if row is not None and row.digest == came.digest and not (about and row.patient_id is None):
            tally.kept += row.record_id is None and came.key in arrival.run.stored
            return
        if came.kind == "Patient":
            await person(arrival, came, row)
        else:
            await place(arrival, came, row, about)
    except Unreadable as error:
        tally.failed += 1
        arrival.run.failed.add(came.key)
        if error.says:
            arrival.remark("problems", came, error.path, error.says)
    except ODD as error:
        tally.failed += 1
        arrival.run.failed.add(came.key)
        log.error("fhir resource not readable", kind=came.kind, error=type(error).__name__)
        arrival.remark("problems", came, "", "is put together in a way that cannot be read")


async def place(arrival: Arrival, came: Came, row: Any, about: UUID | None) -> None:
    """A record of the person it is about, where there is room for it; else kept whole."""
    try:
        if came.kind in LISTS:
            refuse_empty(came.element)
        if came.kind not in OURS:
            raise Keep
        if about is None:
            raise Keep(arrival.nobody(came), path="subject", review=True)
        if came.kind == "Observation":
            await vitals.measured(arrival, came, row, about)
        else:
            await record_of(arrival, came, row, about)
    except Keep as reason:
        if reason.none_known and about:
            arrival.none_known.add(about)
        if reason.review:
            arrival.remark("warnings", came, reason.path, f"{reason.says}; it is kept as it came")
        await arrival.keep(came, row, about, reason)


async def finish(arrival: Arrival) -> None:
    """What is decided only when all of a batch is known: sets of measurements, what is said of allergies."""
    await vitals.write(arrival)
    await settle_allergies(arrival)
    for key, number in arrival.left_out.items():
        says = f"{number} resource(s) about this person were left out, as the person could not be read"
        arrival.part.problems.append(FhirRemark(arrival.batch.file, "/".join(key), "", says))
    for patient_id in sorted(arrival.changed):
        arrival.ctx.emit(PatientChanged(patient_id))
