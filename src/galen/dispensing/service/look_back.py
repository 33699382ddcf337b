"""Whether the patient was given the same medicine a short while ago, at whatever pharmacy of the organisation."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, bindparam, select

from galen.core.context import Context
from galen.core.fast.prepared_query import PreparedQuery
from galen.i18n import N_, formats
from galen.i18n import gettext as _
from galen.medicines import Product, same_strength
from galen.organizations import Site
from galen.prescribing import Prescription
from galen.values.units import counted

from ..models import SUPPLIED, Dispensing, DispensingLine
from ..rules import Check, Tone
from .policies import current

GIVEN = PreparedQuery(
    select(
        DispensingLine.drug,
        DispensingLine.supplied,
        DispensingLine.unit,
        Product.generic,
        Product.form,
        Product.strength,
        Dispensing.dispensed_at,
        Site.name,
        Prescription.number,
    )
    .join(Dispensing, Dispensing.id == DispensingLine.dispensing_id)
    .join(Product, Product.id == DispensingLine.product_id)
    .join(Site, Site.id == Dispensing.site_id)
    .join(Prescription, Prescription.id == Dispensing.prescription_id)
    .where(
        Dispensing.patient_id == bindparam("patient_id"),
        Dispensing.prescription_id != bindparam("prescription_id"),
        Dispensing.status.in_(SUPPLIED),
        Dispensing.dispensed_at > bindparam("since"),
        DispensingLine.supplied > 0,
        Product.generic == any_(bindparam("generics", type_=ARRAY(Text))),
    )
    .order_by(Dispensing.dispensed_at)
)
TITLE = N_("Given already: %(drug)s, on %(day)s")


async def look_back(ctx: Context, dispensing: Dispensing, known: Mapping[UUID, Product], but: set[UUID]) -> list[Check]:
    """For each medicine that another prescription brought the patient lately, what, when and where.

    Repeats of a prescription have a rule of their own, and so has what is in `but`: products whose refill was reckoned.
    """
    days = (await current(ctx)).look_back_days
    return await given_after(ctx, dispensing, known, ctx.now - timedelta(days=days), but) if days else []


async def given_since(ctx: Context, dispensing: Dispensing, known: Mapping[UUID, Product]) -> list[Check]:
    """The same for what was given since it was verified: nobody has answered that."""
    since = dispensing.verified_at
    return await given_after(ctx, dispensing, known, since, set()) if since and not dispensing.waiting else []


async def given_after(
    ctx: Context, dispensing: Dispensing, known: Mapping[UUID, Product], since: datetime, but: set[UUID]
) -> list[Check]:
    lines = [line for line in dispensing.wanted if line.product_id in known]
    generics = {line.product_id: known[line.product_id].generic for line in lines}
    if not generics or dispensing.part > 1:
        return []
    about = {"patient_id": dispensing.patient_id, "prescription_id": dispensing.prescription_id, "since": since}
    with ctx.flush_later():  # this one itself is left out
        rows = await GIVEN.all(ctx, generics=sorted(set(generics.values())), **about)
    before = [EarlierSupply(*row) for row in rows]
    found = []
    for id, generic in generics.items():
        of_line = [given for given in before if given.generic == generic]
        if last := [given for given in of_line if id not in but or not given.is_of(known[id])]:
            found.append(asked(ctx, id, last[-1]))
    return found


class EarlierSupply(NamedTuple):
    """One line of an earlier supply."""

    drug: str
    units: Decimal
    unit: str
    generic: str
    form: str
    strength: str
    at: datetime
    place: str
    prescription: str

    def is_of(self, product: Product) -> bool:
        """The same medicine of whatever brand: a refill is reckoned from it."""
        return self.form == product.form and same_strength(self.strength, product.strength)


def asked(ctx: Context, product_id: UUID, given: EarlierSupply) -> Check:
    about = {"drug": given.drug, "day": formats.day(given.at.astimezone(ctx.zone))}
    detail = _(
        "%(amount)s at %(place)s, on prescription %(number)s.",
        amount=counted(given.units, given.unit),
        place=given.place,
        number=given.prescription,
    )
    return Check(f"look-back:{product_id}", Tone.ASK, _(TITLE, **about), detail, kept=TITLE % about)
