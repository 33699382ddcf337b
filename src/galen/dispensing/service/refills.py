"""What the refill engine is asked with: what this patient was supplied before, and how this organisation dispenses."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, bindparam, func, select

from galen import medicines, patients
from galen.core.context import Context
from galen.core.fast.prepared_query import PreparedQuery
from galen.core.gate import requires
from galen.i18n import N_, formats
from galen.i18n import gettext as _
from galen.medicines import Product
from galen.prescribing import Fill, Line, Prescription, RefillAnswer, RefillRule, RefillTerms, RefillVerdict, refill

from ..models import SUPPLIED, Dispensing, DispensingLine, DispensingPolicy
from ..rules import Check, Tone, is_controlled
from ..shelf_schemas import NextSuppliesView, NextSupplyView
from .policies import current

EARLY = N_("Too early: %(drug)s is due %(day)s")
EARLY_USED = N_("Too early: %(drug)s is due %(day)s, %(percent)s %% used")
NEVER = N_("Too early: %(drug)s would be due after the prescription has ended")
NO_REASON = N_("No reason helps: a repeat of it is not supplied before its day.")

SUPPLIES = PreparedQuery(
    select(
        Product.generic,
        Product.form,
        Product.strength,
        Dispensing.dispensed_at,
        DispensingLine.days,
        DispensingLine.quantity,
        DispensingLine.supplied,
    )
    .join(Dispensing, Dispensing.id == DispensingLine.dispensing_id)
    .join(Product, Product.id == DispensingLine.product_id)
    .where(
        Dispensing.patient_id == bindparam("patient_id"),
        Dispensing.status.in_(SUPPLIED),
        Dispensing.id != bindparam("but"),
        Product.generic == any_(bindparam("generics", type_=ARRAY(Text))),
        Dispensing.dispensed_at > bindparam("since"),
        DispensingLine.supplied > 0,
    )
    .order_by(Dispensing.dispensed_at)
)
NOBODY = UUID(int=0)
LONG_AGO = 1100  # days: nothing lasts longer, and no look-back goes so far


async def fills_of(
    ctx: Context, patient_id: UUID, products: Iterable[Product], but: UUID = NOBODY
) -> dict[UUID, list[Fill]]:
    """When each medicine was supplied to this patient before, of whatever brand and on whatever prescription.

    What was given in parts counts by its share, so that nothing is counted twice.
    """
    wanted = {product.id: product for product in products}
    generics = sorted({product.generic for product in wanted.values()})
    with ctx.flush_later():  # a dispensing that was claimed just now is left out anyway
        before = await SUPPLIES.all(
            ctx, patient_id=patient_id, but=but, generics=generics, since=ctx.now - timedelta(days=LONG_AGO)
        )
    found: dict[UUID, list[Fill]] = {id: [] for id in wanted}
    for generic, form, strength, at, days, quantity, supplied in before:
        fill = Fill(at.astimezone(ctx.zone).date(), days and int(days * supplied / quantity))
        for id, product in wanted.items():
            if (product.generic, product.form) == (generic, form) and medicines.same_strength(
                product.strength, strength
            ):
                found[id].append(fill)
    return found


def rule_of(policy: DispensingPolicy, schedule: str) -> RefillRule:
    """What this organisation asks before a refill of such a medicine."""
    controlled = is_controlled([schedule])
    return RefillRule(
        share=policy.refill_controlled_at if controlled else policy.refill_at,
        ahead=policy.refill_ahead,
        apart=policy.refill_apart,
        look_back=policy.refill_look_back,
        strict=controlled and policy.refill_controlled_strict,
    )


def terms_of(ctx: Context, rx: Prescription, line: Line) -> RefillTerms:
    """What the prescription says of one medicine."""
    written = (rx.signed_at or rx.written_at).astimezone(ctx.zone).date()
    return RefillTerms(
        country=ctx.organization.country,
        schedule=line.schedule,
        written=written,
        not_before=rx.not_before,
        until=rx.valid_until,
        repeats=line.repeats,
        interval=line.interval_days,
    )


async def refills(ctx: Context, dispensing: Dispensing, rx: Prescription, known: dict[UUID, Product]) -> list[Check]:
    """For each medicine whether it is due again, as the pharmacist's screen says it. What was owed is always due."""
    if dispensing.part > 1:
        return []
    lines = [line for line in dispensing.wanted if line.product_id in known]
    fills = await fills_of(ctx, dispensing.patient_id, [known[line.product_id] for line in lines], dispensing.id)
    policy, of_line = await current(ctx), {line.id: line for line in rx.lines}
    found = []
    for line in lines:
        asked = of_line[line.line_id]
        rule, terms = rule_of(policy, asked.schedule), terms_of(ctx, rx, asked)
        answer = refill(fills[line.product_id], rule, terms, dispensing.supply, ctx.today)
        if check := check_of(line, answer, rx, ctx.today):
            found.append(check)
    return found


def check_of(line: DispensingLine, answer: RefillAnswer, rx: Prescription, today: date) -> Check | None:
    """The answer as a check. What the prescription itself says of its days and repeats is a check of its own."""
    key, drug = f"too-soon:{line.product_id}", line.drug
    if answer.verdict is RefillVerdict.OVER and not (rx.valid_until and today > rx.valid_until):
        return Check(key, Tone.STOP, _("%(drug)s: its schedule allows no more supply", drug=drug), answer.sums)
    if not answer.known or answer.verdict not in (RefillVerdict.DUE, RefillVerdict.EARLY):
        return None
    about = {"drug": drug, "day": formats.day(answer.earliest) if answer.earliest else ""}
    if answer.due:
        return Check(key, Tone.OK, _("%(drug)s: due since %(day)s", **about), answer.sums)
    message = NEVER if answer.earliest is None else EARLY if answer.used is None else EARLY_USED
    if message is EARLY_USED:
        about["percent"] = str(answer.used)
    if not answer.reason_helps:
        return Check(key, Tone.STOP, _(message, **about), f"{answer.sums} {_(NO_REASON)}")
    return Check(key, Tone.ASK, _(message, **about), answer.sums, kept=message % about)


@requires("prescription.read")
async def next_supplies(ctx: Context, prescription_id: UUID) -> NextSuppliesView:
    """When each medicine of a prescription may be supplied next, for whoever may read it: staff and the patient."""
    rx = await ctx.get(Prescription, prescription_id)
    known = await medicines.products(ctx, [line.product_id for line in rx.lines])
    fills = await fills_of(ctx, rx.patient_id, known.values())
    policy, supplied = await current(ctx), await supplies_given(ctx, rx.id)
    return NextSuppliesView(
        banner=await patients.banner(ctx, rx.patient_id),
        prescription_id=rx.id,
        open=rx.status.value in ("signed", "partly_dispensed"),
        lines=[
            line_view(ctx, rx, line, fills[line.product_id], rule_of(policy, line.schedule), supplied)
            for line in rx.lines
            if line.product_id in known
        ],
    )


def line_view(
    ctx: Context, rx: Prescription, line: Line, fills: Collection[Fill], rule: RefillRule, supplied: int
) -> NextSupplyView:
    terms = terms_of(ctx, rx, line)
    answer = refill(list(fills), rule, terms, supplied + 1, ctx.today)
    return NextSupplyView(
        line_id=line.id,
        drug=line.drug,
        verdict=answer.verdict,
        earliest=answer.earliest,
        sums=answer.sums,
        used=answer.used,
        left=max(0, terms.supplies - supplied),
        until=terms.last_day,
    )


async def supplies_given(ctx: Context, prescription_id: UUID) -> int:
    """The highest supply of a prescription that was given and stands."""
    query = select(func.max(Dispensing.supply)).select_from(Dispensing)
    of_rx = query.where(Dispensing.prescription_id == prescription_id, Dispensing.status.in_(SUPPLIED))
    return await ctx.db.scalar(of_rx) or 0
