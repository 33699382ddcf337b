"""The packs of a dispensing: which batch is to be picked, and whether the pack in hand is the right one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from galen import inventory, medicines, patients
from galen.core.context import Context
from galen.core.errors import Invalid
from galen.core.gate import requires
from galen.i18n import formats, label
from galen.i18n import gettext as _
from galen.inventory import Batch, BatchStatus, StockLevel
from galen.medicines import Product, Scan, of_code, scan_of
from galen.patients import BannerView
from galen.prescribing import Prescription

from ..changes import ChangeKind, WhyChanged
from ..desk import PackLine, Packs
from ..models import Dispensing, DispensingLine, DispensingStatus, PackRule
from ..packs import PackCheck, PackOutcome
from ..refusals import NoOtherBatch, NotAtPacks
from ..rules import outlast
from ..schemas import BatchInHandDraft, ScanDraft, UnscannedDraft
from .changes import line_of, noted, other_brand, same
from .policies import current
from .queue import claimed


@dataclass
class OnShelf:
    """One batch as it lies here, and how many units no line has been promised yet."""

    batch_id: UUID
    number: str
    expires: date | None
    left: Decimal

    def lasts(self, until: date | None) -> bool:
        return until is None or self.expires is None or self.expires >= until


Plan = dict[UUID, list[OnShelf]]


async def pack_plan(ctx: Context, dispensing: Dispensing, instead: Mapping[UUID, UUID] | None = None) -> Plan:
    """For each line the batches that would be taken now, as `issue_stock` takes them: first expired first.

    `instead` names another product for a line.
    """
    product_of = {line.id: line.product_id for line in dispensing.wanted} | dict(instead or {})
    products = set(product_of.values())
    query = (
        select(StockLevel.product_id, Batch.id, Batch.number, Batch.expires, func.sum(StockLevel.quantity))
        .join(Batch, Batch.id == StockLevel.batch_id)
        .where(StockLevel.site_id == ctx.here.id, StockLevel.product_id.in_(products), StockLevel.quantity > 0)
        .where(Batch.status == BatchStatus.OK, Batch.expires.is_(None) | (Batch.expires >= ctx.today))
        .group_by(StockLevel.product_id, Batch.id, Batch.number, Batch.expires)
        .order_by(Batch.expires.nulls_last(), Batch.id)
    )
    shelves: dict[UUID, list[OnShelf]] = {product: [] for product in products}
    for product, batch, number, expires, units in await ctx.db.execute(query):
        shelves[product].append(OnShelf(batch, number, expires, units))
    ordered = sorted(dispensing.wanted, key=lambda line: (product_of[line.id], line.id))
    return {line.id: promised(line, shelves[product_of[line.id]], outlast(ctx.today, line.days)) for line in ordered}


def promised(line: DispensingLine, shelf: list[OnShelf], lasting: date | None) -> list[OnShelf]:
    """The batches of one line; what ends before the course is left while the others suffice."""
    good = [batch for batch in shelf if batch.lasts(lasting)]
    enough = sum((batch.left for batch in good), Decimal(0)) >= line.quantity
    missing, found = line.quantity, []
    for batch in good if enough else shelf:
        if missing > 0 and batch.left > 0:
            units = min(batch.left, missing)
            missing, batch.left = missing - units, batch.left - units
            found.append(batch)
    return found


async def packs_of(ctx: Context, dispensing: Dispensing) -> list[PackCheck]:
    """Every pack that was held against it in this round, in their order."""
    query = select(PackCheck).where(PackCheck.dispensing_id == dispensing.id, PackCheck.round == dispensing.round)
    return list(await ctx.db.scalars(query.order_by(PackCheck.position)))


async def latest_packs(ctx: Context, dispensing: Dispensing) -> dict[UUID, PackCheck]:
    """For each line the one that counts."""
    return latest(await packs_of(ctx, dispensing))


def latest(packs: Iterable[PackCheck]) -> dict[UUID, PackCheck]:
    return {pack.dispensing_line_id: pack for pack in packs if pack.dispensing_line_id}


def confirmed(line: DispensingLine, pack: PackCheck | None, needed: bool = True) -> bool:
    """Its pack was found right; where none is needed, at least none was found wrong."""
    if pack is None:
        return not needed
    return pack.confirms and pack.product_id in (None, line.product_id)


async def at_packs(ctx: Context, dispensing_id: UUID) -> tuple[Dispensing, list[PackCheck]]:
    """Open it for a pack, held until the end: nobody dispenses it meanwhile."""
    dispensing = await claimed(ctx, dispensing_id)
    if dispensing.status is not DispensingStatus.VERIFIED:
        raise NotAtPacks(status=label(dispensing.status))
    return dispensing, await packs_of(ctx, dispensing)


def note(
    ctx: Context, dispensing: Dispensing, line: DispensingLine | None, packs: list[PackCheck], **said: Any
) -> PackCheck:
    """Write down what was found."""
    about = {"dispensing_id": dispensing.id, "patient_id": dispensing.patient_id, "round": dispensing.round}
    by = {"by": ctx.actor.id, "by_name": ctx.actor.name, "at": ctx.now}
    first = {"code": "", "batch": "", "product": "", "expires": None, "reason": "", "note": ""}
    place = 1 + max((pack.position for pack in packs), default=1000 * (dispensing.round - 1))
    line_id = line.id if line else None
    return ctx.add(PackCheck(position=place, dispensing_line_id=line_id, **about, **by, **(first | said)))


@requires("dispensing.prepare")
async def check_pack(ctx: Context, dispensing_id: UUID, draft: ScanDraft) -> PackCheck:
    """Hold a scanned pack against the lines: right, wrong, or right with another batch. Both are kept."""
    dispensing, packs = await at_packs(ctx, dispensing_id)
    scan, product = scan_of(ctx, draft.code), await of_code(ctx, draft.code)
    before = latest(packs)
    open_lines = [line for line in dispensing.wanted if not confirmed(line, before.get(line.id))]
    code = (scan.gtin if scan else "") or draft.code.strip()
    said: dict[str, Any] = {"code": code, "batch": scan.lot if scan else "", "expires": scan.expires if scan else None}
    if product is None:
        return note(ctx, dispensing, only(open_lines), packs, outcome=PackOutcome.UNKNOWN_CODE, **said)
    said |= {"product_id": product.id, "product": product.label}
    lines = [*open_lines, *(line for line in dispensing.wanted if line not in open_lines)]
    if line := next((line for line in lines if line.product_id == product.id), None):
        outcome, batch = await of_batch(ctx, dispensing, line, product, scan)
        return note(ctx, dispensing, line, packs, outcome=outcome, **said | of(batch))
    known = await medicines.products(ctx, [line.product_id for line in lines])
    alike = [line for line in lines if line.product_id in known and known[line.product_id].generic == product.generic]
    if line := next((line for line in alike if same(known[line.product_id], product)), None):
        outcome, batch = await of_brand(ctx, dispensing, line, known | {product.id: product}, product, scan)
        return note(ctx, dispensing, line, packs, outcome=outcome, **said | of(batch))
    line = next(iter(alike), None) or only(open_lines or lines)
    outcome = unlike(known[alike[0].product_id], product) if alike else PackOutcome.WRONG_PRODUCT
    return note(ctx, dispensing, line, packs, outcome=outcome, **said)


def of(batch: Batch | None) -> dict[str, Any]:
    """What is kept of the batch that was found."""
    return {"batch_id": batch.id, "batch": batch.number, "expires": batch.expires} if batch else {}


async def of_brand(
    ctx: Context,
    dispensing: Dispensing,
    line: DispensingLine,
    known: Mapping[UUID, Product],
    product: Product,
    scan: Scan | None,
) -> tuple[PackOutcome, Batch | None]:
    """An equivalent brand that is here and may go out is given instead, unless the prescriber allows no other."""
    rx = await ctx.get(Prescription, dispensing.prescription_id)
    asked = next(asked for asked in rx.lines if asked.id == line.line_id)
    allowed = asked.substitution or product.id == asked.product_id
    outcome, batch = await of_batch(ctx, dispensing, line, product, scan)
    good = outcome in (PackOutcome.MATCH, PackOutcome.OTHER_BATCH)
    if good and not (allowed and (await pack_plan(ctx, dispensing, {line.id: product.id}))[line.id]):
        return PackOutcome.OTHER_BRAND, None
    if good:
        other_brand(ctx, dispensing, line, asked, known, product.id, WhyChanged.AT_HAND)
    return (PackOutcome.BRAND_TAKEN if outcome is PackOutcome.MATCH else outcome), batch


def only(lines: list[DispensingLine]) -> DispensingLine | None:
    """The one that must be meant, where there is but one."""
    return lines[0] if len(lines) == 1 else None


def unlike(wanted: Product, product: Product) -> PackOutcome:
    """In what another product of the same substance differs."""
    if not medicines.same_strength(wanted.strength, product.strength):
        return PackOutcome.WRONG_STRENGTH
    if wanted.form != product.form:
        return PackOutcome.WRONG_FORM
    return PackOutcome.WRONG_PRODUCT


async def of_batch(
    ctx: Context, dispensing: Dispensing, line: DispensingLine, product: Product, scan: Scan | None
) -> tuple[PackOutcome, Batch | None]:
    """Whether the batch in hand may go out, and is the one to pick. A code without a batch confirms the medicine."""
    if scan and scan.expires and scan.expires < ctx.today:
        return PackOutcome.EXPIRED, None
    if not scan or not scan.lot:
        return PackOutcome.MATCH, None
    query = select(Batch).where(Batch.product_id == product.id, func.upper(Batch.number) == scan.lot.upper())
    query = query.where((Batch.returned == "") | (Batch.status != BatchStatus.QUARANTINED))  # that pack is not this one
    named = list(await ctx.db.scalars(query.order_by(Batch.id).execution_options(populate_existing=True)))
    for status, outcome in STOPS.items():  # whichever expiry was written down with it
        if stopped := next((batch for batch in named if batch.status is status), None):
            return outcome, stopped
    named = [batch for batch in named if not scan.expires or batch.expires in (None, scan.expires)]
    if not named:
        return PackOutcome.UNKNOWN_BATCH, None
    plan = (await pack_plan(ctx, dispensing, {line.id: product.id}))[line.id]
    picked = [batch for batch in named if batch.id in {shelf.batch_id for shelf in plan}]
    here = [batch for batch in named if await units_here(ctx, batch)]
    batch = next(iter(picked or here or named))
    if batch.expires and batch.expires < ctx.today:
        return PackOutcome.EXPIRED, batch
    if picked:
        return PackOutcome.MATCH, batch
    return (PackOutcome.OTHER_BATCH if here else PackOutcome.NOT_HERE), batch


STOPS = {BatchStatus.RECALLED: PackOutcome.RECALLED, BatchStatus.QUARANTINED: PackOutcome.QUARANTINED}


async def units_here(ctx: Context, batch: Batch) -> Decimal:
    query = select(func.sum(StockLevel.quantity))
    found = await ctx.db.scalar(query.where(StockLevel.site_id == ctx.here.id, StockLevel.batch_id == batch.id))
    return found or Decimal(0)


@requires("dispensing.prepare")
async def take_batch(ctx: Context, dispensing_id: UUID, draft: BatchInHandDraft) -> PackCheck:
    """Give the batch in hand instead of the one to pick; with a reason where that one should go first."""
    dispensing, packs = await at_packs(ctx, dispensing_id)
    line = line_of(dispensing, draft.line_id)
    pack = latest(packs).get(line.id)
    if pack is None or pack.outcome is not PackOutcome.OTHER_BATCH or pack.batch_id is None:
        raise NoOtherBatch
    plan = (await pack_plan(ctx, dispensing))[line.id]
    if draft.reason is None and out_of_order(ctx, line, pack, plan):
        first = plan[0].number if plan else ""
        raise Invalid("reason", _("Say why it goes out before batch %(batch)s, which should go first.", batch=first))
    reason = draft.reason.value if draft.reason else ""
    if reason and plan:
        noted(ctx, dispensing, line, ChangeKind.BATCH, plan[0].number, pack.batch, reason, draft.note)
    said = {name: getattr(pack, name) for name in ("product_id", "product", "code", "batch_id", "batch", "expires")}
    return note(ctx, dispensing, line, packs, outcome=PackOutcome.TAKEN, reason=reason, note=draft.note, **said)


def out_of_order(ctx: Context, line: DispensingLine, pack: PackCheck, plan: list[OnShelf]) -> bool:
    """Whether it leaves something behind that expires earlier, or ends before the course does."""
    lasting = outlast(ctx.today, line.days)
    short = bool(lasting and pack.expires and pack.expires < lasting)
    return short or any(shelf.expires != pack.expires for shelf in plan)


@requires("dispensing.prepare")
async def confirm_unscanned(ctx: Context, dispensing_id: UUID, draft: UnscannedDraft) -> PackCheck:
    """Confirm a line by a reason instead of a scan; after a wrong pack only with words of one's own."""
    dispensing, packs = await at_packs(ctx, dispensing_id)
    line = line_of(dispensing, draft.line_id)
    pack = latest(packs).get(line.id)
    if pack and not pack.confirms and len(draft.note) < 3:
        problem = _(
            "The last pack scanned for this line was wrong. Write what you did with it, and what you give instead."
        )
        raise Invalid("note", problem)
    said = {"product_id": line.product_id, "product": line.drug, "reason": draft.reason.value, "note": draft.note}
    return note(ctx, dispensing, line, packs, outcome=PackOutcome.NOT_SCANNED, **said)


@requires("dispensing.prepare")
async def scan_pack(ctx: Context, dispensing_id: UUID, draft: ScanDraft) -> Packs:
    """The same on the page, which stays while it is told: the next scan may be on its way."""
    pack = await check_pack(ctx, dispensing_id, draft)
    await ctx.flush()
    dispensing = await ctx.get(Dispensing, pack.dispensing_id)
    return await packs_shown(ctx, dispensing, await patients.banner(ctx, dispensing.patient_id))


async def packs_shown(ctx: Context, dispensing: Dispensing, banner: BannerView) -> Packs:
    """The packs as the workstation shows them."""
    packs = await packs_of(ctx, dispensing)
    needed = (await current(ctx)).pack_rule is not PackRule.NEVER if dispensing.ready else dispensing.packs_needed
    plan = await pack_plan(ctx, dispensing) if dispensing.ready and ctx.site else {}
    counts = latest(packs)
    lines = [
        PackLine(line, in_words(plan.get(line.id, [])), pack := counts.get(line.id), confirmed(line, pack))
        for line in dispensing.wanted
    ]
    wanted = [line.product_id for line in dispensing.wanted]
    there = await inventory.on_hand(ctx, wanted) if dispensing.ready and ctx.site else {}
    short = any(there.get(line.product_id, Decimal(0)) < line.quantity for line in dispensing.wanted)
    return Packs(dispensing.id, banner, lines, needed, packs[-1] if packs else None, short)


def in_words(shelves: list[OnShelf]) -> str:
    """The batches to pick, with the day each expires."""
    return "; ".join(
        _("batch %(batch)s, expires %(day)s", batch=shelf.number, day=formats.day(shelf.expires))
        if shelf.expires
        else _("batch %(batch)s", batch=shelf.number)
        for shelf in shelves
    )
