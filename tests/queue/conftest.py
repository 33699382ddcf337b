"""Ada's and Eve's profiles, the clock of Harbour Clinic, and patients who come through its door."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlalchemy import select

from galen import patients, queue, scheduling
from galen.patients import PatientDraft
from galen.queue import CheckInDraft, Token, WalkInDraft
from galen.scheduling import AppointmentDraft, Practitioner

SYDNEY = ZoneInfo("Australia/Sydney")


def profile(family: str) -> Any:
    @pytest_asyncio.fixture(name=f"dr_{family.lower()}")
    async def someone(ruth):
        return await ruth.db.scalar(select(Practitioner).where(Practitioner.name.contains(family)))

    return someone


dr_okafor, dr_lindqvist = profile("Okafor"), profile("Lindqvist")


@pytest.fixture
def at() -> Callable[..., datetime]:
    """`at(14, 30)` is today, Friday 20 November, on the wall in Sydney."""
    return lambda hour, minute=0, day=20: datetime(2026, 11, day, hour, minute, tzinfo=SYDNEY)


@pytest.fixture
def comes(ruth, at) -> Callable[..., Awaitable[Token]]:
    """`await comes(mara)` walks in; with a doctor and an hour she has booked and is checked in."""

    async def arrived(patient: Any, doctor: Any = None, hour: int = 0, minute: int = 0) -> Token:
        if not hour:
            walk_in = WalkInDraft(patient_id=patient.id, practitioner_id=doctor.id if doctor else None)
            return await queue.walk_in(ruth, walk_in)
        draft = AppointmentDraft(practitioner_id=doctor.id, patient_id=patient.id, starts=at(hour, minute))
        appointment = await scheduling.book(ruth, draft)
        return await queue.check_in(ruth, CheckInDraft(appointment_id=appointment.id))

    return arrived


@pytest_asyncio.fixture
async def lea(ruth):
    return await patients.register(ruth, PatientDraft(family="Vance", given="Lea", anyway=True))
