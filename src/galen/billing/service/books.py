"""The books: double entry beneath every document, the till, and what patients still owe."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select

from galen.core.context import Context
from galen.core.errors import Conflict, Invalid
from galen.core.gate import requires
from galen.core.numbers import Counter
from galen.i18n import N_
from galen.i18n import gettext as _
from galen.patients import Patient
from galen.values.money import Money, total

from ..accounts import ChargeAccount
from ..models import UNPAID, DayClose, Invoice, LedgerAccount, Method, Payment, Posting, Transaction
from ..schemas import AgeingLine, CloseDraft, Debtors, MethodLine, TillView

BUCKETS = ((30, N_("0 to 30 days")), (60, N_("31 to 60 days")), (90, N_("61 to 90 days")))
MOST = 200  # debtors in one list
OLDER = N_("over 90 days")


class Unbalanced(Conflict):
    message = "The entry in the books does not sum to nothing; nothing was booked."
    constraint = "transaction_balanced"


class NothingToClose(Conflict):
    message = "No payment has been taken here since the till was last closed."


def post(
    ctx: Context,
    invoice: Invoice,
    kind: str,
    reference_id: UUID,
    sides: Mapping[LedgerAccount, Money],
    site_id: UUID,
    day: date | None = None,
    till_session_id: UUID | None = None,
) -> None:
    """Enter what was done with an invoice in the books, on the site's day."""
    entry = Transaction(
        site_id=site_id, invoice_id=invoice.id, till_session_id=till_session_id, kind=kind, reference_id=reference_id
    )
    enter(ctx, entry, sides, invoice.currency, day, invoice.patient_id)


def enter(
    ctx: Context,
    entry: Transaction,
    sides: Mapping[LedgerAccount, Money],
    currency: str,
    day: date | None = None,
    patient_id: UUID | None = None,
) -> None:
    """Enter one transaction in the books: debits above nothing, credits below, together nothing."""
    entered = {account: money for account, money in sides.items() if money}
    if not entered:
        return
    if total(entered.values(), currency):
        raise Unbalanced
    entry.day, entry.at, entry.actor_id = ctx.today if day is None else day, ctx.now, ctx.actor.id
    entry.postings = [Posting(account=a, amount=m.amount, currency=currency) for a, m in entered.items()]
    ctx.add(entry)
    amounts = {account.value: str(money) for account, money in entered.items()}
    ctx.note_created(entry, patient_id, postings=amounts)


async def booked(ctx: Context, invoice: Invoice, *kinds: str) -> dict[LedgerAccount, Money]:
    """What the books say of an invoice, by account."""
    query = (
        select(Posting.account, func.sum(Posting.amount))
        .join(Transaction, Transaction.id == Posting.transaction_id)
        .where(Transaction.invoice_id == invoice.id, Transaction.kind.in_(kinds))
        .group_by(Posting.account)
    )
    return {account: invoice.money(amount) for account, amount in await ctx.db.execute(query)}


async def unbalanced(ctx: Context) -> list[UUID]:
    """Invoices whose receivable in the books is not what is due, and transactions that do not sum to nothing, and
    charge accounts whose balance is not what was put on them and paid: none."""
    receivable = (
        select(Transaction.invoice_id, func.sum(Posting.amount).label("amount"))
        .join(Posting, Posting.transaction_id == Transaction.id)
        .where(Posting.account == LedgerAccount.RECEIVABLE)
        .group_by(Transaction.invoice_id)
        .subquery()
    )
    due = Invoice.total - Invoice.credited - Invoice.paid
    astray = (
        select(Invoice.id)
        .outerjoin(receivable, receivable.c.invoice_id == Invoice.id)
        .where(func.coalesce(receivable.c.amount, 0) != due)
    )
    lopsided = select(Posting.transaction_id).group_by(Posting.transaction_id, Posting.currency)
    uneven = lopsided.having(func.sum(Posting.amount) != 0)
    moved = case((Payment.method == Method.ACCOUNT, Payment.amount), else_=-Payment.amount)
    put = select(func.coalesce(func.sum(moved), 0)).where(Payment.charge_account_id == ChargeAccount.id)
    adrift = select(ChargeAccount.id).where(ChargeAccount.balance != put.scalar_subquery())
    return [*await ctx.db.scalars(astray), *await ctx.db.scalars(uneven), *await ctx.db.scalars(adrift)]


@requires("ledger.read")
async def till(ctx: Context) -> TillView:
    """The till of this site since it was last closed: an X report."""
    return await since_last_close(ctx)


async def since_last_close(ctx: Context) -> TillView:
    place, currency = ctx.here, ctx.organization.currency
    closed = await ctx.db.scalar(select(func.max(DayClose.last_receipt)).where(DayClose.site_id == place.id)) or 0
    since = (Payment.site_id == place.id, Payment.serial > closed)
    receipts = select(func.min(Payment.serial), func.max(Payment.serial)).where(*since)
    first, last = (await ctx.db.execute(receipts)).one()
    lines = await by_method(ctx, currency, *since)
    loose = await by_method(ctx, currency, *since, Payment.till_session_id.is_(None), Payment.method == Method.CASH)
    history = select(DayClose).where(DayClose.site_id == place.id).order_by(DayClose.last_receipt.desc()).limit(10)
    cash, everything = cash_of(loose, currency), cash_of(lines, currency)
    return TillView(
        site=place.name,
        day=ctx.today,
        first_receipt=first or 0,
        last_receipt=last or 0,
        lines=lines,
        total=total((line.total for line in lines), currency),
        cash=cash,
        in_tills=everything - cash,
        closes=list(await ctx.db.scalars(history)),
    )


def cash_of(lines: list[MethodLine], currency: str) -> Money:
    """What changed hands in coins and notes."""
    return total((line.total for line in lines if line.method is Method.CASH), currency)


async def by_method(ctx: Context, currency: str, *which: ColumnElement[bool]) -> list[MethodLine]:
    """What these payments come to, method by method."""
    query = (
        select(
            Payment.method,
            func.count(),
            func.coalesce(func.sum(Payment.amount).filter(Payment.amount > 0), 0),
            func.coalesce(func.sum(Payment.amount).filter(Payment.amount < 0), 0),
            func.sum(Payment.rounding),
        )
        .where(*which)
        .group_by(Payment.method)
    )
    rows = {row[0]: row[1:] for row in await ctx.db.execute(query)}
    return [
        MethodLine(
            method=method,
            count=rows[method][0],
            taken=Money(rows[method][1], currency),
            refunded=Money(rows[method][2], currency),
            rounding=Money(rows[method][3], currency),
            total=Money(rows[method][1] + rows[method][2] + rows[method][3], currency),
        )
        for method in Method
        if method in rows
    ]


@requires("ledger.read")
async def close_till(ctx: Context, draft: CloseDraft) -> DayClose:
    """Close the till: the receipts since the last time, what should be there, what was counted. Cannot be undone."""
    series = select(Counter).where(Counter.name == f"receipt {ctx.here.id}").with_for_update()
    # Nobody takes a receipt number until this is done, so that none falls between two closes.
    await ctx.db.scalar(series)
    now = await since_last_close(ctx)
    if not now.lines:
        raise NothingToClose
    counted = Money.rounded(draft.counted, ctx.organization.currency)
    if counted != now.cash and len(draft.reason) < 3:
        difference = counted - now.cash
        if difference > Money.zero(difference.currency):
            problem = _("The till is %(amount)s over. Count it again, or write why.", amount=difference)
        else:
            problem = _("The till is %(amount)s short. Count it again, or write why.", amount=-difference)
        raise Invalid("reason", problem)
    close = ctx.add(
        DayClose(
            site_id=ctx.here.id,
            day=ctx.today,
            at=ctx.now,
            closed_by=ctx.actor.name,
            first_receipt=now.first_receipt,
            last_receipt=now.last_receipt,
            totals={line.method.value: {"count": line.count, "total": str(line.total.amount)} for line in now.lines},
            expected=now.cash.amount,
            counted=counted.amount,
            currency=counted.currency,
            reason=draft.reason,
        )
    )
    entry = Transaction(site_id=close.site_id, kind="close", reference_id=close.id)
    off = counted - now.cash
    enter(ctx, entry, {LedgerAccount.CASH: off, LedgerAccount.OVER_SHORT: -off}, counted.currency)
    return close


@requires("ledger.read")
async def ageing(ctx: Context) -> Debtors:
    """What each patient still owes, by how long ago it was charged: the two hundred largest debts."""
    due = func.sum(Invoice.total - Invoice.credited - Invoice.paid)
    ages: list[ColumnElement[bool]] = []
    youngest: date | None = None
    for days, _word in BUCKETS:
        oldest = ctx.today - timedelta(days=days)
        ages.append(Invoice.made_on >= oldest if youngest is None else Invoice.made_on.between(oldest, youngest))
        youngest = oldest - timedelta(days=1)
    ages.append(Invoice.made_on <= youngest)
    query = (
        select(Invoice.patient_id, Patient.family, Patient.given, func.count().over(), *map(due.filter, ages))
        .outerjoin(Patient, Patient.id == Invoice.patient_id)
        .where(Invoice.status.in_(UNPAID))
        .group_by(Invoice.patient_id, Patient.family, Patient.given)
        .order_by(due.desc(), Patient.family, Patient.given, Invoice.patient_id)
        .limit(MOST)
    )
    words, currency = [*(word for _, word in BUCKETS), OLDER], ctx.organization.currency
    owing = Debtors()
    for patient_id, family, given, owing.people, *amounts in await ctx.db.execute(query):
        name = f"{family.upper()}, {given}" if family else _("At the counter")
        buckets = {word: Money(amount or Decimal(0), currency) for word, amount in zip(words, amounts, strict=True)}
        owing.append(AgeingLine(patient_id=patient_id, name=name, buckets=buckets))
    return owing
