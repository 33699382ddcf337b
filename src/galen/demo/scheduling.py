"""Working weeks of the demo's doctors, and a calendar with people in it."""

from datetime import date, time, timedelta
from decimal import Decimal
from itertools import cycle
from typing import Any
from uuid import UUID

from sqlalchemy import select

from galen import organizations, scheduling
from galen.core.context import Context
from galen.identity import Account
from galen.organizations import Site
from galen.patients import Patient
from galen.scheduling import AppointmentDraft, PractitionerDraft, SlotsDraft

PROFILES: dict[str, dict[str, Any]] = {
    "ada": {"registration": "MED0001912345", "prescriber_number": "4123456", "provider_number": "2429581T",
            "hpi_i": "8003619900015717"},
    "eve": {"specialty": "Paediatrics", "registration": "MED0002276541", "prescriber_number": "4187654",
            "provider_number": "2429582B", "hpi_i": "8003614900015726",
            "fee_new": Decimal(120), "fee_returning": Decimal(75)},
    "zoe": {"specialty": "Family medicine", "registration": "NY-214455", "npi": "1245319599", "dea": "BH1234563"},
}  # fmt: skip
REASONS = cycle(["Blood pressure", "Cough", "Results", "Vaccination", "Repeat prescription", "Back pain", "Skin check"])


async def seed(ctx: Context) -> None:
    """Monday to Friday, nine to five; eve has five minutes between her patients."""
    accounts = {a.username: a for a in await ctx.db.scalars(select(Account).where(Account.username.in_(PROFILES)))}
    clinic = (await organizations.sites(ctx))[0]
    for number, (username, profile) in enumerate(PROFILES.items(), 1):
        if account := accounts.get(username):
            draft = PractitionerDraft.model_validate({"account_id": account.id, "name": account.name, **profile})
            doctor = await scheduling.add_practitioner(ctx, draft)
            hours = SlotsDraft(
                practitioner_id=doctor.id,
                site_id=clinic.id,
                weekdays=[0, 1, 2, 3, 4],
                start=time(9),
                end=time(17),
                minutes=25 if username == "eve" else 15,
                pause=5 if username == "eve" else 0,
                room=f"Room {number}",
            )
            await scheduling.add_slots(ctx, hours)


async def on_duty(ctx: Context) -> None:
    """The practice is closed at the weekend; whoever opens the demo then finds a duty session, today and a week ago."""
    if ctx.today.weekday() < 5:
        return
    clinic = (await organizations.sites(ctx))[0]
    for doctor in await scheduling.practitioners(ctx):
        hours = SlotsDraft(
            practitioner_id=doctor.id,
            site_id=clinic.id,
            days=[ctx.today - timedelta(days=7), ctx.today],
            start=time(9),
            end=time(17),
            minutes=15,
            room="Duty room",
        )
        await scheduling.add_slots(ctx, hours)
    await ctx.flush()


async def seed_bulk(ctx: Context) -> None:
    """Every third free slot of today and of the coming week has someone in it."""
    people = list(
        await ctx.db.scalars(
            select(Patient).where(Patient.archived_at.is_(None), Patient.deceased_on.is_(None)).limit(60)
        )
    )
    await on_duty(ctx)
    waiting = cycle(people)
    clinic = (await organizations.sites(ctx))[0]
    busy: set[tuple[UUID, date]] = set()
    slots = await scheduling.free_slots(ctx, days=7)
    for slot in slots[:: max(3, len(slots) // 60)]:
        who, day = next(waiting), slot.starts.astimezone(clinic.tz).date()
        if (who.id, day) in busy:
            continue
        busy.add((who.id, day))
        asked = AppointmentDraft(
            patient_id=who.id, practitioner_id=slot.practitioner_id, starts=slot.starts, reason=next(REASONS)
        )
        await scheduling.book(ctx, asked)
    today = ctx.now.astimezone(clinic.tz).date()
    await arrivals(ctx, clinic, [person for person in people if (person.id, today) not in busy])


async def arrivals(ctx: Context, clinic: Site, people: list[Patient]) -> None:
    """Some for today, also outside working hours: the demo is looked at in the evening, too.

    `people` are free today: nobody is asked to be in two rooms.
    """
    quarter = ctx.now.replace(minute=ctx.now.minute // 15 * 15, second=0, microsecond=0)
    waiting = iter(people)
    for doctor in await scheduling.practitioners(ctx):
        for number, who in zip(range(3), waiting, strict=False):
            starts = quarter + timedelta(minutes=30 + 30 * number)
            if starts.astimezone(clinic.tz).date() != ctx.now.astimezone(clinic.tz).date():
                return
            asked = AppointmentDraft(
                patient_id=who.id,
                practitioner_id=doctor.id,
                site_id=clinic.id,
                starts=starts,
                reason=next(REASONS),
                overbook_reason="Urgent",
            )
            await scheduling.book(ctx, asked)
