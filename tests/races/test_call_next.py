"""Sixteen counters call the next patient, or the same one, at once. Everybody is called, and nobody twice."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from galen import organizations, queue
from galen.core.context import Context
from galen.core.services import Services
from galen.patients import Patient
from galen.queue import CallDraft, Token, TokenStatus
from galen.queue.service import CalledAlready, NobodyWaits
from tests.races.crowd import Crowd

COUNTERS, WAITING = 16, 96
NOW = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)
pytestmark = pytest.mark.race


@dataclass
class Outcome:
    """How often each patient was called."""

    calls: Counter[UUID]

    @property
    def right(self) -> bool:
        return len(self.calls) == WAITING and set(self.calls.values()) == {1}


def someone(n: int) -> Patient:
    name = f"racer{n}"
    return Patient(number=f"R{n:04}", family=name, search=name, given_search="", registered_at=NOW)


@pytest.fixture
async def full(committed):
    """A waiting room with ninety-six people in it."""
    async with committed.as_system("north", "test") as ctx:
        clinic = (await organizations.sites(ctx))[0]
        for n in range(1, WAITING + 1):
            person = ctx.add(
                Patient(
                    number=f"R{n:04}",
                    family=f"Racer{n}",
                    search=f"racer{n}",
                    given_search="",
                    registered_at=NOW,
                )
            )
            ctx.add(
                Token(
                    site_id=clinic.id,
                    day=NOW.astimezone(clinic.tz).date(),
                    number=n,
                    patient_id=person.id,
                    status=TokenStatus.WAITING,
                    checked_in_at=NOW,
                    due=NOW,
                )
            )
    return clinic


async def race(services: Services, clinic, call) -> Outcome:
    async def counter() -> list[UUID]:
        served = []
        while True:
            try:
                async with services.as_system("north", "race") as ctx:
                    ctx.now, ctx.site = NOW, clinic.info
                    served.append(await call(ctx))
            except NobodyWaits:
                return served

    return Outcome(
        Counter(one for served in await asyncio.gather(*(counter() for _ in range(COUNTERS))) for one in served)
    )


async def test_sixteen_counters_call_everybody_once(committed, full):
    async def call(ctx: Context) -> UUID:
        return (await queue.call_next(ctx, CallDraft())).patient_id

    outcome = await race(committed, full, call)
    assert outcome.right, outcome.calls.most_common(3)


async def test_looking_without_holding_the_row_calls_people_twice(committed, full):
    """The broken variant: reads who is next, then writes, and holds nothing in between."""
    crowd = Crowd()

    async def call(ctx: Context) -> UUID:
        query = select(Token.id, Token.patient_id).where(Token.status == TokenStatus.WAITING)
        found = (await ctx.db.execute(query.order_by(Token.due, Token.number).limit(1))).one_or_none()
        if found is None:
            raise NobodyWaits
        connection = await ctx.db.connection()
        await crowd.looked()
        await connection.exec_driver_sql("UPDATE token SET status = 'called' WHERE id = $1", (found.id,))
        return found.patient_id

    outcome = await race(committed, full, call)
    assert not outcome.right
    assert max(outcome.calls.values()) > 1


async def calls_of_one(services: Services, clinic, call) -> list[bool]:
    """Sixteen counters choose the same person: who of them has called."""
    async with services.as_system("north", "race") as ctx:
        chosen = (await ctx.db.scalars(select(Token).where(Token.number == 7))).one().id

    async def counter() -> bool:
        try:
            async with services.as_system("north", "race") as ctx:
                ctx.now, ctx.site = NOW, clinic.info
                await call(ctx, chosen)
            return True
        except CalledAlready as refusal:
            assert "Number 007 is not waiting any more: called" in str(refusal)
            return False

    return await asyncio.gather(*(counter() for _ in range(COUNTERS)))


async def test_of_sixteen_who_choose_the_same_person_one_calls_and_the_others_are_told(committed, full):
    called = await calls_of_one(committed, full, lambda ctx, id: queue.call_chosen(ctx, id, CallDraft(room="Bay 2")))
    assert called.count(True) == 1
    async with committed.as_system("north", "race") as ctx:
        assert (await ctx.db.scalars(select(Token.calls).where(Token.number == 7))).one() == 1


async def test_choosing_without_holding_the_row_calls_the_same_person_twice(committed, full):
    """The broken variant: looks whether they wait, and writes a moment later."""
    crowd = Crowd()

    async def call(ctx: Context, id: UUID) -> None:
        row = (await ctx.db.execute(select(Token.status, Token.number).where(Token.id == id))).one()
        if row.status is not TokenStatus.WAITING:
            raise CalledAlready(number=f"{row.number:03}", status="called", place="")
        connection = await ctx.db.connection()
        await crowd.looked()
        await connection.exec_driver_sql("UPDATE token SET status = 'called', calls = calls + 1 WHERE id = $1", (id,))

    assert (await calls_of_one(committed, full, call)).count(True) > 1
