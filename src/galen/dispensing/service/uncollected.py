"""Bags that nobody collects: a reminder, then back into stock; one transaction for each, harmless when run twice."""

from datetime import date
from typing import Literal
from uuid import UUID

from sqlalchemy import exists, or_, select

from galen import identity, notifications
from galen.core.context import Context
from galen.i18n import formats, speaking
from galen.i18n import gettext as _
from galen.organizations import Site
from galen.patients import Patient

from ..bags import Bag, BagStatus
from ..events import BagDue
from ..models import SUPPLIED, Dispensing, DispensingStatus
from .bags import NOT_COLLECTED, let_out
from .supply import taken_back

AT_ONCE = 200
REMINDER = "collection reminder"


async def look_at_bags(ctx: Context) -> int:
    """Whatever is due is announced, bag by bag; what is still announced from the last time is done only once."""
    late = or_(Bag.collect_by < ctx.today, Bag.remind_on <= ctx.today)
    query = select(Bag.id).where(Bag.status == BagStatus.READY, late).order_by(Bag.collect_by, Bag.id)
    due = list(await ctx.db.scalars(query.limit(AT_ONCE)))
    for bag_id in due:
        ctx.emit(BagDue(bag_id))
    return len(due)


async def tend_bag(ctx: Context, bag_id: UUID) -> None:
    """Do for one bag what is due by now: the hand-over may have been quicker."""
    bag = await ctx.get(Bag, bag_id)
    dispensing = await ctx.get(Dispensing, bag.dispensing_id, lock=True)
    site = await ctx.get(Site, bag.site_id)
    ctx.site = site.info  # its day counts, and its numbers are used
    bag = await ctx.get(Bag, bag_id, lock=True)
    if still_there(bag, dispensing) and bag.collect_by and bag.collect_by < ctx.today:
        await expire(ctx, dispensing)
    elif still_there(bag, dispensing) and bag.remind_on and bag.remind_on <= ctx.today:
        await remind(ctx, bag, site)


def still_there(bag: Bag, dispensing: Dispensing) -> bool:
    """Nobody has collected it or taken it back meanwhile."""
    return bag.status is BagStatus.READY and dispensing.status is DispensingStatus.DISPENSED


async def expire(ctx: Context, dispensing: Dispensing) -> None:
    """Nobody came: stock and charge are undone, its labels are void, and the supply may be dispensed anew.

    A part that was owed of it, and was dispensed since, goes back before it: its own bag has its own day.
    """
    later = exists().where(Dispensing.owes_id == dispensing.id, Dispensing.status.in_(SUPPLIED))
    if await ctx.db.scalar(select(later)):
        return
    await taken_back(ctx, dispensing, NOT_COLLECTED, goods=True)
    dispensing.status, dispensing.ended_because = DispensingStatus.REVERSED, NOT_COLLECTED
    await let_out(ctx, dispensing, BagStatus.EXPIRED, NOT_COLLECTED)


async def remind(ctx: Context, bag: Bag, site: Site) -> None:
    """Tell the patient once, by the way they allow; what it is stands in no message."""
    bag.remind_on, bag.reminded_at = None, None
    patient = await ctx.get(Patient, bag.patient_id)
    channel, to = way_to(patient)
    if not channel or patient.deceased_on:
        return
    bag.reminded_at = ctx.now
    with speaking(await identity.language_for(ctx, patient.id, patient.language)):
        await notifications.send(
            ctx,
            channel=channel,
            to=to,
            subject=_("Something waits for you at %(place)s", place=site.name),
            text=text_of(patient, site, bag.collect_by),
            about=REMINDER,
            patient_id=patient.id,
        )


def way_to(patient: Patient) -> tuple[Literal["email", "sms", ""], str]:
    """E-mail, else a text message; never a way that the person has refused."""
    if patient.email and patient.contact.get("email") is not False:
        return "email", patient.email
    number = patient.phone_e164 or ""
    return ("sms", number) if number and patient.contact.get("sms") is not False else ("", "")


def text_of(patient: Patient, site: Site, until: date | None) -> str:
    about = {"name": patient.spoken_name, "place": site.name, "address": site.address, "phone": site.phone}
    return _(
        "%(name)s,\nwhat you ordered is ready at %(place)s, %(address)s. Please collect it by %(day)s. "
        "Call %(phone)s when you cannot come.\n",
        day=formats.day(until) if until else "",
        **about,
    )
