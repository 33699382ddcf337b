"""Two hundred clients want one slot. One gets it, within five seconds; the others are told so in a sentence."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import monotonic

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import DBAPIError

from galen import scheduling
from galen.core.errors import Refusal
from galen.core.finish import finish
from galen.core.services import Services
from galen.patients import Patient
from galen.scheduling import Appointment, AppointmentDraft, AppointmentStatus, Practitioner
from galen.scheduling.booking import SlotTaken
from galen.scheduling.models import LIVE

CLIENTS, LONGEST = 200, 5.0
NOW = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)
SLOT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)  # 14:00 in Sydney
pytestmark = pytest.mark.race


@dataclass
class Outcome:
    """What two hundred clients were told, and what stands in the calendar afterwards."""

    winners: int
    sentences: set[str]
    seconds: float
    booked: int
    audited: int

    @property
    def right(self) -> bool:
        return self.winners == self.booked == self.audited == 1 and self.seconds <= LONGEST


def someone(n: int) -> Patient:
    name = f"racer{n}"
    return Patient(number=f"R{n:04}", family=name, search=name, given_search="", registered_at=NOW)


@pytest.fixture
async def crowd(committed):
    """One patient for each client, and one doctor for all of them."""
    async with committed.as_system("north", "test") as ctx:
        people = [
            Patient(number=f"R{n:04}", family=f"Racer{n}", search=f"racer{n}", given_search="", registered_at=NOW)
            for n in range(CLIENTS)
        ]
        ctx.db.add_all(people)
        doctor = await ctx.db.scalar(select(Practitioner).where(Practitioner.name.contains("Okafor")))
    return doctor, [person.id for person in people]


async def race(services: Services, doctor: Practitioner, people, booking) -> Outcome:
    async def client(patient_id) -> str:
        try:
            async with services.as_system("north", "race") as ctx:
                ctx.now = NOW
                draft = AppointmentDraft(practitioner_id=doctor.id, patient_id=patient_id, starts=SLOT)
                await booking(ctx, draft)
            return "won"
        except Refusal as refusal:
            return str(refusal)
        except DBAPIError as error:
            return type(error.orig).__name__

    began = monotonic()
    told = await asyncio.gather(*(client(person) for person in people))
    seconds = monotonic() - began
    async with services.as_system("north", "test") as ctx:
        booked = select(func.count(Appointment.id)).where(Appointment.status.in_(LIVE))
        audited = text("SELECT count(*) FROM audit_entry WHERE subject = 'appointment' AND action = 'created'")
        return Outcome(
            told.count("won"),
            set(told) - {"won"},
            seconds,
            await ctx.db.scalar(booked) or 0,
            await ctx.db.scalar(audited) or 0,
        )


async def test_of_200_clients_one_gets_the_slot_within_5_seconds(committed, crowd):
    outcome = await race(committed, *crowd, scheduling.book)
    assert outcome.right, outcome
    assert outcome.sentences == {"This time has just been taken. Choose another one."}


async def test_a_check_before_an_insert_without_the_constraint_books_many(committed, crowd, server):
    """The broken variant: looks, finds the slot free, and writes. The same judgement must find it out."""
    await without_constraint(committed, server)

    async def naive(ctx, draft):
        during = Range(draft.starts, draft.starts + timedelta(minutes=15))
        taken = select(Appointment.id).where(
            Appointment.practitioner_id == draft.practitioner_id, Appointment.during.overlaps(during)
        )
        if await ctx.db.scalar(taken):
            raise SlotTaken
        doctor = await ctx.get(Practitioner, draft.practitioner_id)
        site = (await scheduling.free_slots(ctx, NOW.date(), doctor.id))[0].site_id
        made = Appointment(
            patient_id=draft.patient_id,
            practitioner_id=doctor.id,
            site_id=site,
            during=during,
            status=AppointmentStatus.BOOKED,
            price=80,
            booked_at=NOW,
        )
        ctx.add(made)
        await finish(ctx)

    outcome = await race(committed, *crowd, naive)
    assert not outcome.right
    assert outcome.booked > 1


async def without_constraint(services: Services, server: str) -> None:
    from tests.conftest import named, on

    database = services.database.engine.url.database
    await on(named(server, database), "ALTER TABLE org_north.appointment DROP CONSTRAINT appointment_practitioner_excl")


async def test_of_12_moves_into_one_slot_one_arrives(committed, crowd):
    doctor, people = crowd
    starts = [SLOT + timedelta(minutes=15 * n, days=3) for n in range(12)]
    async with committed.as_system("north", "test") as ctx:
        ctx.now = NOW
        made = []
        for patient_id, at in zip(people, starts, strict=False):
            draft = AppointmentDraft(practitioner_id=doctor.id, patient_id=patient_id, starts=at)
            made.append((await scheduling.book(ctx, draft)).id)

    async def move(appointment_id) -> str:
        try:
            async with committed.as_system("north", "race") as ctx:
                ctx.now = NOW
                await scheduling.reschedule(ctx, appointment_id, scheduling.MoveDraft(starts=SLOT))
            return "moved"
        except Refusal as refusal:
            return str(refusal)

    began = monotonic()
    told = await asyncio.gather(*(move(appointment) for appointment in made))
    assert told.count("moved") == 1
    assert set(told) - {"moved"} == {"This time has just been taken. Choose another one."}
    assert monotonic() - began <= LONGEST


async def overlapping(services: Services, doctor: Practitioner, people, booking) -> list[tuple[datetime, datetime]]:
    """Half of the crowd wants half an hour at two, the others the quarter of an hour in its middle."""

    async def client(n: int, patient_id) -> None:
        long = n % 2 == 0
        starts = SLOT if long else SLOT + timedelta(minutes=15)
        draft = AppointmentDraft(
            practitioner_id=doctor.id, patient_id=patient_id, starts=starts, minutes=30 if long else 15
        )
        try:
            async with services.as_system("north", "race") as ctx:
                ctx.now = NOW
                await booking(ctx, draft)
        except (Refusal, DBAPIError):
            pass

    await asyncio.gather(*(client(n, person) for n, person in enumerate(people[:40])))
    async with services.as_system("north", "test") as ctx:
        spans = await ctx.db.scalars(select(Appointment.during).where(Appointment.status.in_(LIVE)))
        return [(span.lower, span.upper) for span in spans]


def meet(spans: list[tuple[datetime, datetime]]) -> bool:
    ordered = sorted(spans)
    return any(after[0] < before[1] for before, after in pairwise(ordered))


async def test_a_long_visit_and_a_short_one_in_it_never_both_get_the_time(committed, crowd):
    spans = await overlapping(committed, *crowd, scheduling.book)
    assert spans and not meet(spans)


async def test_a_long_visit_that_only_looks_at_its_first_slot_overlaps(committed, crowd, server):
    """The broken variant: whether the first slot is free is asked, and nothing else holds the time."""
    await without_constraint(committed, server)

    async def naive(ctx, draft):
        first = (Appointment.practitioner_id == draft.practitioner_id) & (
            func.lower(Appointment.during) == draft.starts
        )
        if await ctx.db.scalar(select(Appointment.id).where(first)):
            raise SlotTaken
        site = (await scheduling.free_slots(ctx, NOW.date(), draft.practitioner_id))[0].site_id
        ctx.add(
            Appointment(
                patient_id=draft.patient_id,
                practitioner_id=draft.practitioner_id,
                site_id=site,
                during=Range(draft.starts, draft.starts + timedelta(minutes=draft.minutes)),
                status=AppointmentStatus.BOOKED,
                price=80,
                booked_at=NOW,
            )
        )
        await finish(ctx)

    assert meet(await overlapping(committed, *crowd, naive))
