"""Statements: what was owed, what came and went, what is owed now and how old it is."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Select, Subquery, case, cast, func, literal, null, select, union_all

from galen.core.context import Context
from galen.core.errors import Invalid
from galen.core.gate import requires
from galen.i18n import N_, label
from galen.i18n import gettext as _
from galen.organizations import Site
from galen.patients import Patient
from galen.values.money import Money

from ..account_schemas import AGES, AccountAge, Statement, StatementLine
from ..accounts import ChargeAccount
from ..models import UNPAID, CreditNote, Invoice, Method, Payment
from ..rules import oldest_first

MOST = 500  # lines of one statement
LARGEST = 2000  # purchases of one account that are looked at for its ages
DAYS = (30, 60, 90)
WORDS = {
    "invoice": N_("Invoice"),
    "credit": N_("Credit note"),
    "paid": N_("Payment, %(method)s"),
    "refund": N_("Refund, %(method)s"),
    "put": N_("Put on the account"),
    "taken off": N_("Taken off the account"),
}


def period(ctx: Context, since: str, until: str) -> tuple[date, date]:
    """The days that were asked for; this month where nothing was."""
    try:
        first = date.fromisoformat(since) if since else ctx.today.replace(day=1)
        last = date.fromisoformat(until) if until else ctx.today
    except ValueError:
        raise Invalid("since", _("Write days as 2026-11-30.")) from None
    if last < first:
        raise Invalid("until", _("The last day comes before the first one."))
    return first, last


def ages(today: date, owed: Sequence[tuple[date, Decimal]], currency: str) -> dict[str, Money]:
    """What is owed, by how long ago it was charged."""
    places = [sum((today - day).days > limit for limit in DAYS) for day, _amount in owed]
    amounts = [
        sum((amount for (_day, amount), at in zip(owed, places, strict=True) if at == place), Decimal(0))
        for place in range(len(AGES))
    ]
    return {word: Money(amount, currency) for word, amount in zip(AGES, amounts, strict=True)}


async def account_age(ctx: Context, accounts: Sequence[ChargeAccount]) -> list[AccountAge]:
    """What is owed on each account by age, in two questions however many there are."""
    ids = [account.id for account in accounts if account.balance > 0]
    put = (Payment.charge_account_id.in_(ids), Payment.method == Method.ACCOUNT, Payment.amount > 0)
    newest = func.row_number().over(partition_by=Payment.charge_account_id, order_by=Payment.id.desc())
    ranked = select(
        Payment.charge_account_id.label("account"), Payment.day, Payment.amount, Payment.id, newest.label("n")
    )
    charges = ranked.where(*put).subquery()
    rows = select(charges.c.account, charges.c.day, charges.c.amount).where(charges.c.n <= LARGEST)
    bought: dict[UUID, list[tuple[date, Decimal]]] = {}
    if ids:
        for account_id, day, amount in await ctx.db.execute(rows.order_by(charges.c.id)):
            bought.setdefault(account_id, []).append((day, amount))
    aged = []
    for account in accounts:
        charged = bought.get(account.id, [])
        paid = sum((amount for _day, amount in charged), Decimal(0)) - max(account.balance, Decimal(0))
        left = oldest_first([amount for _day, amount in charged], paid)
        owed = [(day, amount) for (day, _amount), amount in zip(charged, left, strict=True)]
        aged.append(AccountAge(account, ages(ctx.today, owed, account.currency)))
    return aged


async def account_statement(ctx: Context, account: ChargeAccount, since: str = "", until: str = "") -> Statement:
    """What was put on an account and paid in a period."""
    put = Payment.method == Method.ACCOUNT
    kind = case((put & (Payment.amount > 0), "put"), (put, "taken off"), (Payment.amount > 0, "paid"), else_="refund")
    entries = select(
        Payment.day, Payment.at, Payment.id, Payment.number, kind.label("kind"), Payment.method, Payment.invoice_id,
        case((put, Payment.amount), else_=-Payment.amount).label("amount"),
    ).where(Payment.charge_account_id == account.id)  # fmt: skip
    people = [account.holder, account.address, _("Account %(number)s", number=account.number)]
    return Statement(
        title=_("Statement of account"),
        holder=[line for line in people if line],
        email=account.email,
        address=f"/charge-accounts/{account.id}",
        buckets=(await account_age(ctx, [account]))[0].buckets,
        **await lines_of(ctx, entries.subquery(), account.currency, *period(ctx, since, until)),
    )


def of_patient(patient_id: UUID) -> Select[Any]:
    """Everything that raised or lowered what a patient owes: invoices, credit notes, payments and refunds."""
    zone = select(Site.zone).where(Site.id == CreditNote.site_id).scalar_subquery()
    noted = cast(func.timezone(zone, CreditNote.at), Date)
    paid = case((Payment.amount > 0, "paid"), else_="refund")
    invoices = select(
        Invoice.made_on.label("day"), Invoice.made_at.label("at"), Invoice.id, Invoice.number,
        literal("invoice").label("kind"), null().label("method"), Invoice.id.label("invoice_id"),
        Invoice.total.label("amount"),
    ).where(Invoice.patient_id == patient_id)  # fmt: skip
    credits = select(
        noted, CreditNote.at, CreditNote.id, CreditNote.number, literal("credit"), null(), CreditNote.invoice_id,
        CreditNote.total,
    ).where(CreditNote.patient_id == patient_id)  # fmt: skip
    payments = select(
        Payment.day, Payment.at, Payment.id, Payment.number, paid, Payment.method, Payment.invoice_id, -Payment.amount
    ).where(Payment.patient_id == patient_id, Payment.invoice_id.is_not(None))
    return select(union_all(invoices, credits, payments).subquery())


@requires("invoice.read")
async def patient_statement(ctx: Context, patient_id: UUID, since: str = "", until: str = "") -> Statement:
    """What a patient owes: what stood before the period, invoices, payments and credits in it, what stands now."""
    patient = await ctx.get(Patient, patient_id)
    due = Invoice.total - Invoice.credited - Invoice.paid
    query = select(Invoice.made_on, func.sum(due)).where(Invoice.patient_id == patient.id, Invoice.status.in_(UNPAID))
    owed = [(day, amount) for day, amount in await ctx.db.execute(query.group_by(Invoice.made_on))]
    return Statement(
        title=_("Statement"),
        holder=[patient.spoken_name, _("Record %(number)s", number=patient.number)],
        email=patient.email,
        address=f"/patients/{patient.id}/statement",
        buckets=ages(ctx.today, owed, ctx.organization.currency),
        patient_id=patient.id,
        **await lines_of(ctx, of_patient(patient.id).subquery(), ctx.organization.currency, *period(ctx, since, until)),
    )


async def lines_of(ctx: Context, entries: Subquery, currency: str, since: date, until: date) -> dict[str, Any]:
    """The opening balance and the lines behind it, each with what is owed after it."""
    before = select(func.coalesce(func.sum(entries.c.amount), 0)).where(entries.c.day < since)
    inside = (
        select(entries).where(entries.c.day.between(since, until)).order_by(entries.c.day, entries.c.at, entries.c.id)
    )
    opening = Money(await ctx.db.scalar(before) or Decimal(0), currency)
    rows = list(await ctx.db.execute(inside.limit(MOST + 1)))
    lines, balance = [], opening
    for row in rows[:MOST]:
        amount = Money(row.amount, currency)
        balance += amount
        method = "" if row.method is None else label(Method(row.method))
        said = _(WORDS[row.kind], method=method) if "%" in WORDS[row.kind] else _(WORDS[row.kind])
        href = f"/invoices/{row.invoice_id}" if row.invoice_id else ""
        lines.append(StatementLine(row.day, row.number, said, amount, balance, href))
    more = len(rows) > MOST
    return {"since": since, "until": until, "opening": opening, "lines": lines, "more": more}
