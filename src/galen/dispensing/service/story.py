"""What other pages show of dispensing: the patient's story, the prescription, the search box, the pharmacist's home."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from galen import organizations, patients
from galen.core.context import Context
from galen.core.gate import requires
from galen.core.schemas import Found, TimelineEntry
from galen.i18n import N_, label
from galen.i18n import gettext as _
from galen.medicines import raised
from galen.patients import BannerView
from galen.prescribing import Prescription
from galen.values import like
from galen.values.units import counted

from ..models import SUPPLIED, Dispensing, DispensingStatus
from ..schemas import QueueLine, WorkQueue
from .queue import worklist

GIVEN = (*SUPPLIED, DispensingStatus.REVERSED)


@requires("prescription.read")
async def of_patient(ctx: Context, patient_id: UUID) -> list[Dispensing]:
    """What this patient was supplied, newest first."""
    await patients.known(ctx, patient_id)
    query = select(Dispensing).where(Dispensing.patient_id == patient_id, Dispensing.status.in_(GIVEN))
    return list(await ctx.db.scalars(query.order_by(Dispensing.dispensed_at.desc()).limit(50)))


@requires("prescription.read")
async def of_prescription(ctx: Context, prescription_id: UUID) -> list[Dispensing]:
    """Every supply of a prescription, first to last."""
    query = select(Dispensing).where(Dispensing.prescription_id == prescription_id)
    return list(await ctx.db.scalars(query.order_by(Dispensing.supply, Dispensing.part, Dispensing.id)))


@dataclass(frozen=True)
class Supplies:
    """Supplies under the banner of their patient."""

    banner: BannerView
    supplies: list[Dispensing]
    places: dict[Any, organizations.Site]  # at which they were supplied


@requires("prescription.read")
async def dispensed(ctx: Context, patient_id: UUID) -> Supplies:
    """What this patient was supplied, as a page and a part of the chart."""
    supplied = await of_patient(ctx, patient_id)
    return Supplies(await patients.banner(ctx, patient_id), supplied, await organizations.places(ctx, supplied))


@requires("prescription.read")
async def supplies(ctx: Context, prescription_id: UUID) -> Supplies:
    """Every supply of a prescription, as a page and a part of the prescription's."""
    rx = await ctx.get(Prescription, prescription_id)
    supplied = await of_prescription(ctx, prescription_id)
    return Supplies(await patients.banner(ctx, rx.patient_id), supplied, await organizations.places(ctx, supplied))


@requires("prescription.read")
async def story(ctx: Context, patient_id: UUID) -> list[TimelineEntry]:
    """The lines that dispensing adds to a patient's story."""
    staff = ctx.actor.may("dispensing.read")
    supplied = [dispensing for dispensing in await of_patient(ctx, patient_id) if dispensing.dispensed_at]
    places = await organizations.places(ctx, supplied)
    return [entry(ctx, dispensing, staff, places.get(dispensing.site_id)) for dispensing in supplied]


DETAILS = {
    DispensingStatus.DISPENSED: N_("Ready for collection: %(items)s"),
    DispensingStatus.COLLECTED: N_("Collected: %(items)s"),
    DispensingStatus.REVERSED: N_("Reversed: %(items)s"),
}


def entry(ctx: Context, dispensing: Dispensing, staff: bool, place: organizations.Site | None) -> TimelineEntry:
    """One supply in the patient's story, with what was given from which batch."""
    items = [
        _("%(amount)s, batch %(batch)s", amount=counted(item.quantity, line.unit), batch=item.batch)
        for line in dispensing.lines
        for item in dispensing.given_of(line)
    ]
    assert dispensing.dispensed_at
    return TimelineEntry(
        at=organizations.on_its_clock(dispensing.dispensed_at, place),
        icon="pill",
        title=_("Dispensed %(medicines)s", medicines=raised(dispensing.medicines, ctx.organization.country)),
        detail=_(DETAILS[dispensing.status], items="; ".join(items)),
        href=f"/dispensing/{dispensing.id}" if staff else "",
    )


@requires("dispensing.read")
async def find_dispensings(ctx: Context, q: str = "") -> list[Found]:
    """By its number, as it stands on the label."""
    code = q.strip().upper()
    if len(code) < 4 or not code.startswith("D") or not code[1:].isdigit():
        return []
    query = select(Dispensing).where(Dispensing.number.like(like.beginning(code))).order_by(Dispensing.number).limit(5)
    return [
        Found(
            title=dispensing.number,
            detail=f"{raised(dispensing.medicines, ctx.organization.country)} · {label(dispensing.status)}",
            href=f"/dispensing/{dispensing.id}",
            kind="Dispensing",
        )
        for dispensing in await ctx.db.scalars(query)
    ]


@dataclass(frozen=True)
class PharmacyHome:
    """What a pharmacist has to do now."""

    queue: WorkQueue
    first: list[QueueLine]


@requires("home.pharmacy")
async def pharmacy(ctx: Context) -> PharmacyHome:
    """The pharmacy's work by stage, and what waits longest."""
    queue = await worklist(ctx)
    return PharmacyHome(
        queue, [row for row in queue.items if row.status in (DispensingStatus.WAITING, DispensingStatus.VERIFIED)][:6]
    )
