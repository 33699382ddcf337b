"""Labels: what stands on the box the patient takes home."""

import re
from pathlib import Path
from uuid import UUID

from zxingcpp import BarcodeFormat, create_barcode

from galen import medicines
from galen.core.context import Context
from galen.core.gate import requires
from galen.i18n import formats, ngettext
from galen.i18n import gettext as _
from galen.medicines import Product
from galen.organizations import Site
from galen.patients import Patient
from galen.pdf import pdf, writes
from galen.prescribing import Prescription, in_language
from galen.values.units import counted

from ..advice import advice
from ..models import SUPPLIED, DispensedItem, Dispensing, DispensingLine
from ..refusals import NotDispensed
from ..rules import is_controlled

LABEL = Path(__file__).parent.parent / "papers" / "label.typ"
MOST = 3  # cautions that a label has room for


@requires("dispensing.prepare")
async def labels(ctx: Context, dispensing_id: UUID) -> bytes:
    """The labels, one page for each batch of each medicine. Printed once more they say that they are duplicates."""
    dispensing = await ctx.get(Dispensing, dispensing_id, lock=True)
    if dispensing.status not in SUPPLIED or dispensing.site_id is None:
        raise NotDispensed
    said = await wording(ctx, dispensing)
    dispensing.labelled += 1
    return await pdf(LABEL, said)


async def wording(ctx: Context, dispensing: Dispensing) -> dict[str, object]:
    """Everything the template says, as text."""
    site, patient = await ctx.get(Site, dispensing.site_id), await ctx.get(Patient, dispensing.patient_id)  # type: ignore[arg-type]
    rx = await ctx.get(Prescription, dispensing.prescription_id)
    known = await medicines.products(ctx, [line.product_id for line in dispensing.lines])
    local = dispensing.dispensed_at.astimezone(site.tz) if dispensing.dispensed_at else None
    prints = []
    for line in dispensing.lines:
        mine = [item for item in dispensing.given if item.dispensing_line_id == line.id]
        left = max(0, next(a.repeats for a in rx.lines if a.id == line.line_id) - dispensing.supply + 1)
        american = ctx.organization.country == "US" and is_controlled([known[line.product_id].schedule_us])
        prints += [
            label(line, item, known[line.product_id], (at, len(mine)), left, american) | own_words(line, patient)
            for at, item in enumerate(mine, 1)
        ]
    return {
        "pharmacy": site.name,
        "address": site.address,
        "phone": site.phone,
        "patient": patient.name,
        "prescriber": rx.signer_name,
        "date": formats.day(local) if local else "",
        "number": f"{rx.number} · {dispensing.number}",
        "by": initials(dispensing.prepared_name),
        "duplicate": dispensing.labelled > 0,
        "large": patient.label_large,
        "code": create_barcode(dispensing.number, BarcodeFormat.DataMatrix).to_svg(add_quiet_zones=False),
        "labels": prints,
        "words": {
            "title": _("Labels"),
            "duplicate": _("DUPLICATE"),
            "batch": _("Batch"),
            "expires": _("Exp"),
            "children": _("KEEP OUT OF REACH OF CHILDREN"),
        },
    }


def label(
    line: DispensingLine, item: DispensedItem, product: Product, part: tuple[int, int], left: int, american: bool
) -> dict[str, object]:
    """One label: the medicine, how to take it, how much of which batch."""
    at, of = part
    cautions = advice(product.atc, product.route, product.form, product.storage, american)
    return {
        "drug": unparted(product.tall_name),
        "brand": product.brand,
        "directions": unparted(line.directions),
        "quantity": counted(item.quantity, line.unit),
        "part": f"{at}/{of}" if of > 1 else "",
        "batch": item.batch,
        "expires": formats.day(item.expires) if item.expires else "",
        "owed": _("Owed: %(amount)s", amount=line.owing) if line.owed else "",
        "repeats": ngettext("%(num)s repeat left", "%(num)s repeats left", left),
        "advice": [unparted(_(caution)) for caution in cautions[:MOST]],
    }


def own_words(line: DispensingLine, patient: Patient) -> dict[str, str]:
    """The directions in the patient's language, where Galen speaks it and paper can show it; English stays beside."""
    said = in_language(line.directions, patient.language) if writes(patient.language) else line.directions
    return {"own": unparted(said) if said != line.directions else ""}


def unparted(text: str) -> str:
    """A number never parts from what follows it at the end of a line."""
    return re.sub(r"(?<=\d) (?=[A-Za-zµ%])", "\u00a0", text)


def initials(name: str) -> str:
    return "".join(word[0] for word in name.split() if word[:1].isupper() and word != "Dr")
