"""Another brand, quantity, number of days or batch than prescribed, before it is dispensed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil
from uuid import UUID

from sqlalchemy import select

from galen import inventory, medicines, patients
from galen.core.context import Context
from galen.core.gate import requires
from galen.i18n import formats, label
from galen.i18n import gettext as _
from galen.medicines import Product
from galen.patients import BannerView
from galen.prescribing import Line, Prescription
from galen.values.units import counted

from ..changes import ChangeKind, DispensingChange, WhyChanged
from ..drafts import ChangeDraft
from ..events import DispensingMoved
from ..models import Dispensing, DispensingLine, DispensingStatus
from ..refusals import (
    LineRefused,
    MoreThanPrescribed,
    NoSubstitution,
    NoSuchLine,
    NotEquivalent,
    NothingChanged,
    NotToChange,
)
from ..rules import days_of, is_controlled
from .queue import claimed, let_go

OPEN_TO_CHANGE = (DispensingStatus.WAITING, DispensingStatus.VERIFIED)


@requires("dispensing.prepare")
async def change(ctx: Context, dispensing_id: UUID, draft: ChangeDraft) -> DispensingChange:
    """Change one line before it is dispensed. Another quantity or number of days is to be verified anew."""
    dispensing = await claimed(ctx, dispensing_id)
    if dispensing.status not in OPEN_TO_CHANGE:
        raise NotToChange(status=label(dispensing.status))
    line = line_of(dispensing, draft.line_id)
    if line.refused:
        raise LineRefused(drug=line.drug)
    rx = await ctx.get(Prescription, dispensing.prescription_id)
    asked = next(asked for asked in rx.lines if asked.id == line.line_id)
    made = []
    if draft.product_id and draft.product_id != line.product_id:
        known = await medicines.products(ctx, [line.product_id, draft.product_id])
        made.append(other_brand(ctx, dispensing, line, asked, known, draft.product_id, draft.reason, draft.note))
    if draft.quantity and draft.quantity != line.quantity:
        made.append(await other_quantity(ctx, dispensing, line, asked, draft))
    if draft.days and draft.days != line.days:
        told = str(line.days or ""), str(draft.days)
        made.append(noted(ctx, dispensing, line, ChangeKind.DAYS, *told, draft.reason.value, draft.note))
        line.days = draft.days
    if not made:
        raise NothingChanged
    if dispensing.ready and any(change.kind is not ChangeKind.BRAND for change in made):
        dispensing.status = DispensingStatus.WAITING
        let_go(dispensing)
    ctx.emit(DispensingMoved(dispensing.id))
    return made[0]


def other_brand(
    ctx: Context,
    dispensing: Dispensing,
    line: DispensingLine,
    asked: Line,
    known: Mapping[UUID, Product],
    product_id: UUID,
    reason: WhyChanged,
    note: str = "",
) -> DispensingChange:
    """Another product of the same medicine, where the prescriber allows one; what was written is never forbidden."""
    other, before = known.get(product_id), known[line.product_id]
    if not asked.substitution and product_id != asked.product_id:
        raise NoSubstitution(drug=line.drug)
    if other is None or not same(before, other):
        raise NotEquivalent(drug=line.drug, other=other.label if other else _("That"))
    after = other.label if other.label != before.label else _("%(product)s, another pack", product=other.label)
    line.product_id, line.drug, line.substituted = product_id, other.name, product_id != asked.product_id
    return noted(ctx, dispensing, line, ChangeKind.BRAND, before.label, after, reason.value, note)


async def other_quantity(
    ctx: Context, dispensing: Dispensing, line: DispensingLine, asked: Line, draft: ChangeDraft
) -> DispensingChange:
    """Less than prescribed is not owed. More only as a whole pack or as agreed; never of a controlled one."""
    product = (await medicines.products(ctx, [line.product_id]))[line.product_id]
    before, line.quantity = line.amount, draft.quantity or line.quantity
    if line.quantity > most(asked, product, draft.reason):
        raise MoreThanPrescribed(most=asked.supply, drug=line.drug)
    if not draft.days:
        line.days = days_of(line.quantity, line.unit, asked.dose)
    return noted(ctx, dispensing, line, ChangeKind.QUANTITY, before, line.amount, draft.reason.value, draft.note)


def most(asked: Line, product: Product, reason: WhyChanged) -> Decimal:
    """The most that may be given of a line for this reason."""
    if is_controlled([asked.schedule]):
        return asked.quantity
    if reason is WhyChanged.WHOLE_PACK:
        return ceil(asked.quantity / product.pack_size) * product.pack_size
    return asked.quantity * 2 if reason is WhyChanged.AGREED else asked.quantity


def noted(
    ctx: Context,
    dispensing: Dispensing,
    line: DispensingLine,
    kind: ChangeKind,
    before: str,
    after: str,
    reason: str,
    note: str,
) -> DispensingChange:
    """Write down what was, what is now, and why."""
    return ctx.add(
        DispensingChange(
            dispensing_id=dispensing.id,
            dispensing_line_id=line.id,
            patient_id=dispensing.patient_id,
            kind=kind,
            drug=line.drug,
            before=before,
            after=after,
            reason=reason,
            note=note,
            by=ctx.actor.id,
            by_name=ctx.actor.name,
            at=ctx.now,
        )
    )


def line_of(dispensing: Dispensing, line_id: UUID) -> DispensingLine:
    """The line named, by its own id or the prescription's."""
    for line in dispensing.lines:
        if line_id in (line.id, line.line_id):
            return line
    raise NoSuchLine


def same(product: Product, other: Product) -> bool:
    """The same substances in the same strength and form, counted in the same unit, and rated equivalent where rated."""
    alike = (product.generic, product.form, product.unit) == (other.generic, other.form, other.unit)
    strength = medicines.same_strength(product.strength, other.strength)
    return alike and strength and medicines.rated_equal(product.te_code, other.te_code)


async def changes_of(ctx: Context, dispensing: Dispensing) -> list[DispensingChange]:
    """What was changed of it, in its order."""
    query = select(DispensingChange).where(DispensingChange.dispensing_id == dispensing.id)
    return list(await ctx.db.scalars(query.order_by(DispensingChange.id).limit(200)))


@dataclass(frozen=True)
class EquivalentProduct:
    """An equivalent product: what it is called, what a pack costs, and how much of it is here."""

    product: Product
    here: Decimal

    @property
    def there(self) -> str:
        return counted(self.here, self.product.unit)


@dataclass(frozen=True)
class ChangeableLine:
    """A line with the products that may be given for it."""

    line: DispensingLine
    fixed: bool  # the prescriber allows no other brand
    choices: list[EquivalentProduct] = field(default_factory=list)

    @property
    def options(self) -> list[tuple[str, str]]:
        """The same for a field to choose from: what it is, what a pack costs, how much is here."""
        return [
            (
                str(choice.product.id),
                _(
                    "%(product)s, pack of %(pack)s at %(price)s; here: %(there)s",
                    product=choice.product.label,
                    pack=counted(choice.product.pack_size, choice.product.unit),
                    price=formats.money(choice.product.price, choice.product.currency),
                    there=choice.there,
                ),
            )
            for choice in self.choices
        ]


@dataclass(frozen=True)
class Changes:
    """The page on which a dispensing is changed."""

    dispensing: Dispensing
    banner: BannerView
    lines: list[ChangeableLine]
    made: list[DispensingChange]

    @property
    def reasons(self) -> list[tuple[str, str]]:
        return [(reason.value, reason.words) for reason in WhyChanged if reason is not WhyChanged.AT_HAND]

    @property
    def open(self) -> bool:
        """It may still be changed."""
        return self.dispensing.status in OPEN_TO_CHANGE


@requires("dispensing.read")
async def changing(ctx: Context, dispensing_id: UUID) -> Changes:
    """What may be changed of a dispensing, and what was."""
    dispensing = await ctx.get(Dispensing, dispensing_id)
    rx = await ctx.get(Prescription, dispensing.prescription_id)
    allowed = {line.id for line in rx.lines if line.substitution}
    known = await medicines.products(ctx, [line.product_id for line in dispensing.lines])
    wanted = {product.generic for product in known.values()}
    query = select(Product).where(Product.generic.in_(wanted), Product.archived_at.is_(None))
    others = list(await ctx.db.scalars(query.order_by(Product.sort, Product.brand, Product.id).limit(300)))
    there = await inventory.on_hand(ctx, [other.id for other in others]) if ctx.site else {}
    lines = []
    for line in dispensing.wanted:
        alike = [other for other in others if line.product_id in known and same(known[line.product_id], other)]
        choices = [EquivalentProduct(other, there.get(other.id, Decimal(0))) for other in alike]
        lines.append(ChangeableLine(line, line.line_id not in allowed, choices if line.line_id in allowed else []))
    return Changes(
        dispensing, await patients.banner(ctx, dispensing.patient_id), lines, await changes_of(ctx, dispensing)
    )


@requires("dispensing.read")
async def changed(ctx: Context, dispensing_id: UUID) -> list[DispensingChange]:
    """What was changed of a dispensing before it was given."""
    return await changes_of(ctx, await ctx.get(Dispensing, dispensing_id))
