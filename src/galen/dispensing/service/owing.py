"""The slip that a patient takes home for what is still owed."""

from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from zxingcpp import BarcodeFormat, create_barcode

from galen import medicines
from galen.core.context import Context
from galen.core.gate import requires
from galen.i18n import formats
from galen.i18n import gettext as _
from galen.organizations import Site
from galen.patients import Patient
from galen.pdf import pdf

from ..models import OPEN, Dispensing
from ..refusals import NothingStillToCome
from .paper import unparted

SLIP = Path(__file__).parent.parent / "papers" / "owing.typ"


@requires("dispensing.prepare")
async def owing_slip(ctx: Context, dispensing_id: UUID) -> bytes:
    """What is still to come, where to fetch it, and the number to bring: one page for each medicine."""
    return await pdf(SLIP, await slip(ctx, await ctx.get(Dispensing, dispensing_id)))


async def slip(ctx: Context, dispensing: Dispensing) -> dict[str, object]:
    """Everything the slip says, as text."""
    query = select(Dispensing).where(Dispensing.owes_id == dispensing.id, Dispensing.status.in_(OPEN))
    part = await ctx.db.scalar(query.order_by(Dispensing.id.desc()).limit(1))
    if not dispensing.owed or part is None or dispensing.site_id is None or dispensing.dispensed_at is None:
        raise NothingStillToCome
    site, patient = await ctx.get(Site, dispensing.site_id), await ctx.get(Patient, dispensing.patient_id)
    known = await medicines.products(ctx, [line.product_id for line in dispensing.owed])
    return {
        "pharmacy": site.name,
        "address": site.address,
        "phone": site.phone,
        "patient": patient.name,
        "date": formats.day(dispensing.dispensed_at.astimezone(site.tz)),
        "number": part.number,
        "code": create_barcode(part.number, BarcodeFormat.DataMatrix).to_svg(add_quiet_zones=False),
        "lines": [
            {
                "drug": unparted(known[line.product_id].tall_name),
                "owed": unparted(line.owing),
                "given": unparted(_("Given: %(given)s of %(all)s", given=line.given, all=line.amount)),
            }
            for line in dispensing.owed
        ],
        "words": {
            "title": _("Owing slip"),
            "heading": _("STILL OWED TO YOU"),
            "bring": _("Bring this slip. We tell you when it is here."),
        },
    }
