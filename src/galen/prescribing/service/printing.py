"""The prescription on paper, and word of it to the patient."""

import asyncio
from io import BytesIO
from json import dumps
from pathlib import Path
from typing import Any
from uuid import UUID

from galen import notifications, organizations
from galen.core.context import Context
from galen.core.errors import Conflict
from galen.core.gate import requires
from galen.organizations import Site, country_of
from galen.patients import Patient

from ..legal import IDENTITIES
from ..models import Prescription, Status
from ..signature import verify_signature

PAPER = Path(__file__).parent.parent / "prescription.typ"


class NotSigned(Conflict):
    message = "A draft is not printed: sign it first."


class SealBroken(Conflict):
    message = "This is not what was signed: its seal is broken. Do not supply it, and tell your administrator."


class NoAddress(Conflict):
    message = "This patient's record has no e-mail address. Add one, or print the prescription."


@requires("prescription.read")
async def document(ctx: Context, prescription_id: UUID) -> bytes:
    """The prescription as PDF on the country's paper. From the second printing on it says DUPLICATE."""
    rx = await ctx.get(Prescription, prescription_id, lock=True)
    if rx.signed_at is None:
        raise NotSigned
    if not verify_signature(rx):
        raise SealBroken
    site = await ctx.get(Site, rx.site_id) if rx.site_id else None
    printed = rx.printed
    rx.printed += 1
    return await asyncio.to_thread(drawn, facts(ctx, rx, site, duplicate=printed > 0))


def facts(ctx: Context, rx: Prescription, site: organizations.Site | None, *, duplicate: bool) -> dict[str, Any]:
    """What stands on the paper: as signed, in the words of the country."""
    profile = country_of(ctx.organization.country)
    assert rx.signed_at and rx.valid_until and rx.meaning
    return {
        "paper": profile.paper,
        "title": "Prescription",
        "stamp": "Cancelled" if rx.status is Status.CANCELLED else "Duplicate" if duplicate else "",
        "number": rx.number,
        "organization": ctx.organization.name,
        "site": {"name": site.name, "address": site.address, "phone": site.phone} if site else None,
        "patient": rx.for_whom,
        "prescriber": rx.by_whom["name"],
        "identities": [
            [one.name, rx.by_whom[one.field]] for one in IDENTITIES[profile.code] if rx.by_whom.get(one.field)
        ],
        "date": f"{rx.signed_at.astimezone(ctx.zone):%-d %b %Y}",
        "valid": f"{rx.valid_until:%-d %b %Y}",
        "not_before": f"{rx.not_before:%-d %b %Y}" if rx.not_before else "",
        "remark": rx.remark,
        "lines": [
            {
                "drug": line.drug,
                "schedule": line.schedule,
                "directions": line.directions,
                "supply": line.supply,
                "repeats": repeated(line.repeats, line.interval_days),
                "substitution": "" if line.substitution else "Brand substitution not permitted",
                "indication": line.indication,
            }
            for line in rx.lines
        ],
        "signed": f"Signed electronically by {rx.signer_name}, {rx.signed_at.astimezone(ctx.zone):%-d %b %Y, %H:%M}, "
        f"meaning {rx.meaning.value}",
        "hash": rx.content_hash,
        "qr": qr(f"GALEN:{ctx.organization.slug}:{rx.number}:{rx.content_hash[:32]}"),
    }


def repeated(repeats: int, interval_days: int | None) -> str:
    if not repeats:
        return "No repeats"
    least = f", not within {interval_days} days of each other" if interval_days else ""
    return f"{repeats} {'repeat' if repeats == 1 else 'repeats'}{least}"


def qr(text: str) -> str:
    """Number and seal for a scanner; no word about the patient or the medicines."""
    import segno

    out = BytesIO()
    segno.make(text, error="m").save(out, kind="svg", border=2, xmldecl=False, svgns=True)
    return out.getvalue().decode()


def drawn(known: dict[str, Any]) -> bytes:
    """Typst draws it; the facts go in as data, so nothing that was typed is read as markup."""
    import typst

    made = typst.compile(str(PAPER), sys_inputs={"facts": dumps(known)}, ignore_system_fonts=True)
    assert isinstance(made, bytes)
    return made


@requires("prescription.write")
async def email(ctx: Context, prescription_id: UUID) -> Prescription:
    """Tell the patient by e-mail that the prescription is there; what is prescribed is read after signing in."""
    rx = await ctx.get(Prescription, prescription_id)
    if rx.status is not Status.SIGNED:
        raise NotSigned
    patient = await ctx.get(Patient, rx.patient_id)
    if not patient.email:
        raise NoAddress
    await notifications.send(
        ctx,
        channel="email",
        to=patient.email,
        subject=f"Your prescription {rx.number} from {ctx.organization.name}",
        text=f"Dear {patient.spoken_name},\n\nyour prescription {rx.number} is ready. Sign in to read or print it, "
        f"or show this number at the pharmacy.\n\n{ctx.organization.name}\n",
        about="prescription",
        patient_id=patient.id,
    )
    return rx
