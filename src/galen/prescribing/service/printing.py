"""The prescription on paper, and word of it to the patient."""

import asyncio
from io import BytesIO
from json import dumps
from pathlib import Path
from typing import Any
from uuid import UUID

from galen import identity, medicines, notifications, organizations
from galen.core.context import Context
from galen.core.errors import Conflict
from galen.core.gate import requires
from galen.i18n import choose, formats, label, ngettext, speaking
from galen.i18n import gettext as _
from galen.organizations import Site, country_of
from galen.patients import Patient

from ..legal import IDENTITIES
from ..models import Prescription, PrescriptionStatus
from ..signature import verify_signature

PAPER = Path(__file__).parent.parent / "prescription.typ"


class PrescriptionNotSigned(Conflict):
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
        raise PrescriptionNotSigned
    if not verify_signature(rx):
        raise SealBroken
    site = await ctx.get(Site, rx.site_id) if rx.site_id else None
    printed = rx.printed
    rx.printed += 1
    with speaking(choose("", "", "", ctx.organization.country)):  # any pharmacist of the country has to read it
        said = facts(ctx, rx, site, duplicate=printed > 0)
    return await asyncio.to_thread(drawn, said)


def facts(ctx: Context, rx: Prescription, site: organizations.Site | None, *, duplicate: bool) -> dict[str, Any]:
    """What stands on the paper: as signed, in the words of the country."""
    profile = country_of(ctx.organization.country)
    assert rx.signed_at and rx.valid_until and rx.meaning
    signed = rx.signed_at.astimezone(site.tz if site else ctx.zone)
    return {
        "paper": profile.paper,
        "words": words(),
        "title": _("Prescription"),
        "stamp": _("Cancelled") if rx.cancelled else _("Duplicate") if duplicate else "",
        "number": rx.number,
        "organization": ctx.organization.name,
        "site": {"name": site.name, "address": site.address, "phone": site.phone} if site else None,
        "patient": rx.for_whom,
        "born": _("Born %(date)s", date=rx.for_whom["born"]) if rx.for_whom["born"] else "",
        "record": _("Record %(number)s", number=rx.for_whom["number"]),
        "prescriber": rx.by_whom["name"],
        "identities": [
            [_(identity.name), rx.by_whom[identity.field]]
            for identity in IDENTITIES[profile.code]
            if rx.by_whom.get(identity.field)
        ],
        "date": formats.day(signed),
        "valid": formats.day(rx.valid_until),
        "not_before": formats.day(rx.not_before) if rx.not_before else "",
        "remark": rx.remark,
        "lines": [
            {
                "drug": medicines.raised(line.drug, ctx.organization.country),
                "schedule": line.schedule,
                "directions": line.directions,
                "supply": line.supply,
                "repeats": repeated(line.repeats, line.interval_days),
                "substitution": "" if line.substitution else _("Brand substitution not permitted"),
                "indication": line.indication,
            }
            for line in rx.lines
        ],
        "signed": _(
            "Signed electronically by %(name)s, %(at)s, meaning %(meaning)s",
            name=rx.signer_name,
            at=formats.when(signed, ctx.zone),
            meaning=label(rx.meaning),
        ),
        "hash": rx.content_hash,
        "qr": qr(f"GALEN:{ctx.organization.slug}:{rx.number}:{rx.content_hash[:32]}"),
    }


def words() -> dict[str, str]:
    """What the paper says beside the facts; in `page`, braces stand for the numbers."""
    return {
        "page": _("page {page} of {pages}"),
        "patient": _("Patient"),
        "prescriber": _("Prescriber"),
        "date": _("Date"),
        "valid": _("Valid until"),
        "not_before": _("Not to be supplied before"),
        "supply": _("Supply"),
        "indication": _("For"),
        "hash": _("SHA-256 of what was signed:"),
    }


def repeated(repeats: int, interval_days: int | None) -> str:
    """How often it may be supplied again, as it stands on the paper."""
    if not repeats:
        return _("No repeats")
    if not interval_days:
        return ngettext("%(num)s repeat", "%(num)s repeats", repeats)
    return ngettext(
        "%(num)s repeat, not within %(days)s days of each other",
        "%(num)s repeats, not within %(days)s days of each other",
        repeats,
        days=interval_days,
    )


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
    if rx.status is not PrescriptionStatus.SIGNED:
        raise PrescriptionNotSigned
    patient = await ctx.get(Patient, rx.patient_id)
    if not patient.email:
        raise NoAddress
    about = {"number": rx.number, "organization": ctx.organization.name}
    with speaking(await identity.language_for(ctx, patient.id, patient.language)):
        await notifications.send(
            ctx,
            channel="email",
            to=patient.email,
            subject=_("Your prescription %(number)s from %(organization)s", **about),
            text=_(
                "Dear %(name)s,\n\nyour prescription %(number)s is ready. Sign in to read or print it, "
                "or show this number at the pharmacy.\n\n%(organization)s\n",
                name=patient.spoken_name,
                **about,
            ),
            about="prescription",
            patient_id=patient.id,
        )
    return rx
