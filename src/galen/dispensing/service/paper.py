"""Labels: what stands on the box the patient takes home."""

import re
from datetime import date
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from zxingcpp import BarcodeFormat, create_barcode

from galen import medicines
from galen.core.context import Context
from galen.core.errors import Invalid
from galen.core.gate import requires
from galen.i18n import formats, language, ngettext, speaking
from galen.i18n import gettext as _
from galen.medicines import Product
from galen.organizations import Site
from galen.patients import Patient
from galen.pdf import pdf, writes
from galen.prescribing import Prescription, in_language
from galen.values.units import counted

from ..advice import advice
from ..advice_words import in_own
from ..beyond_use import OPENED, USE_BY, beyond_use, last_good_day
from ..models import SUPPLIED, DispensedItem, Dispensing, DispensingLine
from ..refusals import NotDispensed
from ..rules import is_controlled

LABEL = Path(__file__).parent.parent / "papers" / "label.typ"
ON_SHEET = 24  # labels of 70 × 35 mm on A4
Said = dict[str, object]


class LabelSheet(StrEnum):
    """What the labels are printed on."""

    LABEL = "label"  # 70 × 35 mm, one by one
    A4 = "a4"  # three by eight of them


@requires("dispensing.prepare")
async def labels(
    ctx: Context,
    dispensing_id: UUID,
    sheet: LabelSheet = LabelSheet.LABEL,
    large: bool | None = None,
    start: int = 1,
) -> bytes:
    """The labels of each batch of each medicine, in large print where the patient wants it or `large` says so.

    Printed once more they say that they are duplicates, and which. `start` is the first free place of a sheet.
    """
    if not 1 <= start <= ON_SHEET:
        raise Invalid("start", _("A sheet has %(count)s labels: choose one of them.", count=ON_SHEET))
    dispensing = await ctx.get(Dispensing, dispensing_id, lock=True)
    if dispensing.status not in SUPPLIED or dispensing.site_id is None:
        raise NotDispensed
    with speaking(language("en", ctx.organization.country)):  # not the reader's: English as the country writes it
        said = await wording(ctx, dispensing)
    if large is not None:
        said["large"] = large
    if dispensing.labelled:
        ctx.reason = f"Duplicate {dispensing.labelled} of the labels"
    dispensing.labelled += 1
    return await pdf(LABEL, said | {"sheet": sheet, "start": start})


async def wording(ctx: Context, dispensing: Dispensing) -> Said:
    """Everything the template says, as text."""
    site, patient = await ctx.get(Site, dispensing.site_id), await ctx.get(Patient, dispensing.patient_id)  # type: ignore[arg-type]
    rx = await ctx.get(Prescription, dispensing.prescription_id)
    known = await medicines.products(ctx, [line.product_id for line in dispensing.lines])
    local = dispensing.dispensed_at.astimezone(site.tz) if dispensing.dispensed_at else None
    tag, country = own_language(patient), ctx.organization.country
    prints = []
    for line in dispensing.lines:
        mine, product = dispensing.given_of(line), known[line.product_id]
        left = max(0, next(a.repeats for a in rx.lines if a.id == line.line_id) - dispensing.supply + 1)
        for at, item in enumerate(mine, 1):
            warnings = cautions(product, item, country, tag, (local or ctx.now).date())
            prints.append(label(line, item, product, (at, len(mine)), left, tag) | warnings)
    return {
        "pharmacy": site.name,
        "address": site.address,
        "phone": site.phone,
        "patient": patient.name,
        "prescriber": rx.signer_name,
        "date": formats.day(local) if local else "",
        "number": f"{rx.number} · {dispensing.number}",
        "by": initials(dispensing.prepared_name),
        "large": patient.label_large,
        "code": create_barcode(dispensing.number, BarcodeFormat.DataMatrix).to_svg(add_quiet_zones=False),
        "labels": prints,
        "words": {
            "title": _("Labels"),
            "duplicate": _("DUPLICATE %(number)s", number=dispensing.labelled) if dispensing.labelled else "",
            "batch": _("Batch"),
            "expires": _("Exp"),
            "part": _("Part"),
            "children": _("KEEP OUT OF REACH OF CHILDREN"),
        },
    }


def own_language(patient: Patient) -> str:
    """The language to print beside English, where paper can show it; English when there is none."""
    return patient.language if writes(patient.language) else "en"


def label(
    line: DispensingLine, item: DispensedItem, product: Product, pack: tuple[int, int], left: int, tag: str
) -> Said:
    """One label: the medicine, how to take it, how much of which batch."""
    (at, of), own = pack, in_language(line.directions, tag)
    return {
        "drug": unparted(product.tall_name),
        "brand": product.brand,
        "directions": unparted(line.directions),
        "own": unparted(own) if own != line.directions else "",
        "quantity": counted(item.quantity, line.unit),
        "pack": f"{at}/{of}" if of > 1 else "",
        "batch": item.batch,
        "expires": formats.day(item.expires) if item.expires else "",
        "owed": _("Owed: %(amount)s", amount=line.owing) if line.owed else "",
        "repeats": ngettext("%(num)s repeat left", "%(num)s repeats left", left),
    }


def cautions(product: Product, item: DispensedItem, country: str, tag: str, day: date) -> Said:
    """Every caution in English and in the patient's language, what holds once it is opened first; none is left out."""
    american = country == "US" and is_controlled([product.schedule_us])
    said = [
        (each, dict[str, str]()) for each in advice(product.atc, product.route, product.form, product.storage, american)
    ]
    if row := beyond_use(product.atc, product.route, product.form, country):
        about = {"days": str(row.days)}
        if row.made_up:
            about = {"day": formats.day(last_good_day(row, day, item.expires))}
        said.insert(0, (USE_BY if row.made_up else OPENED, about))
    own = [in_own(sentence, tag, country, **about) for sentence, about in said] if tag != "en" else []
    return {
        "advice": [unparted(_(sentence, **about)) for sentence, about in said],
        "own_advice": [unparted(sentence) for sentence in own if sentence],
    }


def unparted(text: str) -> str:
    """A number never parts from what follows it at the end of a line."""
    return re.sub(r"(?<=\d) (?=[A-Za-zµ%])", "\u00a0", text)


def initials(name: str) -> str:
    return "".join(word[0] for word in name.split() if word[:1].isupper() and word != "Dr")
