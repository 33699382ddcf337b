"""Charge accounts: opened with a limit by authority, bought on, paid off oldest first."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from galen.core.context import Context
from galen.core.errors import Conflict, Invalid, NotFound
from galen.core.gate import requires
from galen.core.numbers import next_number
from galen.core.web.formats import money
from galen.i18n import gettext as _
from galen.patients import Patient
from galen.values import like

from ..account_schemas import (
    AccountClosingDraft,
    AccountPage,
    AccountPaymentDraft,
    Accounts,
    ChargeAccountChange,
    ChargeAccountDraft,
    MemberDraft,
)
from ..accounts import AccountMember, AccountStatus, ChargeAccount
from ..models import Method, Payment
from ..schemas import PaymentDraft
from .charging import numbered, refuse_other_currency
from .paying import moved, settled
from .statements import account_age, account_statement
from .tills import till_for

MOST = 200


class NothingOwed(Conflict):
    message = "Nothing is owed on this account."


class MemberAlready(Conflict):
    message, constraint = "This patient is on the account already.", "account_member_account_id_patient_id_key"


@requires("credit.read")
async def charge_accounts(ctx: Context, q: str = "", show: str = "open") -> Accounts:
    """Charge accounts with what is owed on them by age, those that owe most first; `show` "all" has the closed ones."""
    query = select(ChargeAccount).options(selectinload(ChargeAccount.members))
    if q.strip():
        holding = like.within(q.strip())
        query = query.where(ChargeAccount.holder.ilike(holding) | ChargeAccount.number.ilike(holding))
    if show != "all":
        query = query.where((ChargeAccount.status == AccountStatus.OPEN) | (ChargeAccount.balance != 0))
    ordered = query.order_by(ChargeAccount.balance.desc(), ChargeAccount.holder, ChargeAccount.id)
    ordered = ordered.limit(MOST + 1).execution_options(populate_existing=True)  # the database keeps the balance
    found = list(await ctx.db.scalars(ordered))
    listed = Accounts(await account_age(ctx, found[:MOST]))
    listed.more = len(found) > MOST
    return listed


@requires("credit.read")
async def account_record(ctx: Context, account_id: UUID) -> ChargeAccount:
    """One account as it is, for a client."""
    return await ctx.get(ChargeAccount, account_id)


@requires("credit.read")
async def charge_account(ctx: Context, account_id: UUID, since: str = "", until: str = "") -> AccountPage:
    """One account: whose it is, what is owed by age, and the statement of a period (this month at first)."""
    account = await ctx.get(ChargeAccount, account_id)
    members = await ctx.get_many(Patient, {member.patient_id for member in account.members})
    paid = select(Payment).where(Payment.charge_account_id == account.id, Payment.invoice_id.is_(None))
    return AccountPage(
        account=account,
        members=sorted(members.values(), key=lambda patient: (patient.family, patient.given)),
        buckets=(await account_age(ctx, [account]))[0].buckets,
        payments=list(await ctx.db.scalars(paid.order_by(Payment.id.desc()).limit(12))),
        statement=await account_statement(ctx, account, since, until),
    )


@requires("credit.manage")
async def open_account(ctx: Context, draft: ChargeAccountDraft) -> ChargeAccount:
    """Open an account with a limit; whoever does so has the authority."""
    if draft.mails_statement and not draft.email:
        raise Invalid("email", _("Write the address to which the statement goes every month."))
    if draft.patient_id:
        await ctx.get(Patient, draft.patient_id)
    account = draft.into(
        ChargeAccount,
        number=f"A{await next_number(ctx, 'charge account'):05}",
        email=draft.email or "",
        currency=ctx.organization.currency,
        limit_set_by=ctx.actor.name,
        balance=Decimal(0),
        opened_at=ctx.now,
    )
    if draft.patient_id:
        account.members.append(AccountMember(account_id=account.id, patient_id=draft.patient_id))
    return ctx.add(account)


@requires("credit.manage")
async def change_account(ctx: Context, account_id: UUID, draft: ChargeAccountChange) -> ChargeAccount:
    """Another limit, name or address."""
    account = await ctx.get(ChargeAccount, account_id, lock=True)
    if draft.mails_statement and not draft.email:
        raise Invalid("email", _("Write the address to which the statement goes every month."))
    if draft.credit_limit != account.credit_limit:
        account.limit_set_by = ctx.actor.name
    account.holder, account.credit_limit, account.email = draft.holder, draft.credit_limit, draft.email or ""
    account.address, account.mails_statement = draft.address, draft.mails_statement
    return account


@requires("credit.manage")
async def add_member(ctx: Context, account_id: UUID, draft: MemberDraft) -> ChargeAccount:
    """Let a patient's purchases be put on the account."""
    account = await ctx.get(ChargeAccount, account_id, lock=True)
    patient = await ctx.get(Patient, draft.patient_id)
    if patient.id in {member.patient_id for member in account.members}:
        raise MemberAlready
    account.members.append(AccountMember(account_id=account.id, patient_id=patient.id))
    ctx.flash(_("%(name)s may buy on this account.", name=patient.name))
    return account


@requires("credit.manage")
async def remove_member(ctx: Context, account_id: UUID, patient_id: UUID) -> ChargeAccount:
    """Let nothing more of a patient be put on the account; what stands on it stays."""
    account = await ctx.get(ChargeAccount, account_id, lock=True)
    member = next((member for member in account.members if member.patient_id == patient_id), None)
    if member is None:
        raise NotFound(thing=AccountMember.thing())
    account.members.remove(member)
    return account


@requires("credit.manage")
async def close_account(ctx: Context, account_id: UUID, draft: AccountClosingDraft) -> ChargeAccount:
    """Nothing more is put on it; what is owed is still paid."""
    account = await ctx.get(ChargeAccount, account_id, lock=True)
    account.status, account.ended_because = AccountStatus.CLOSED, draft.reason
    return account


@requires("credit.manage")
async def reopen_account(ctx: Context, account_id: UUID) -> ChargeAccount:
    """Let purchases be put on it again."""
    account = await ctx.get(ChargeAccount, account_id, lock=True)
    account.status, account.ended_because = AccountStatus.OPEN, ""
    return account


@requires("payment.take")
async def pay_account(ctx: Context, account_id: UUID, draft: AccountPaymentDraft) -> Payment:
    """Take money against an account; it settles the oldest purchases first. Cash is rounded as at the till."""
    account = await ctx.get(ChargeAccount, account_id, lock=True, without_parts=True)
    refuse_other_currency(draft.currency, account.currency, "amount")
    if draft.method in (Method.ACCOUNT, Method.INSURANCE):
        raise Invalid("method", _("An account is paid in cash, by card, by transfer or with a voucher."))
    if account.balance <= 0:
        raise NothingOwed
    said = PaymentDraft.model_construct(
        method=draft.method, amount=draft.amount, tendered=draft.tendered, terminal_reference=draft.terminal_reference
    )
    taken, tendered = settled(account.balance_money, said)
    amount = account.balance_money - taken.outstanding
    till_session_id = await till_for(ctx, ctx.here.id, draft.method)
    serial, number = await numbered(ctx, "receipt", "R")
    payment = ctx.add(
        Payment(
            charge_account_id=account.id,
            site_id=ctx.here.id,
            serial=serial,
            number=number,
            method=draft.method,
            amount=amount.amount,
            rounding=taken.rounding.amount,
            tendered=tendered.amount if tendered is not None else None,
            change=taken.change.amount,
            currency=account.currency,
            terminal_reference=draft.terminal_reference,
            till_session_id=till_session_id,
            at=ctx.now,
            day=ctx.today,
            taken_by=ctx.actor.name,
        )
    )
    moved(ctx, payment, "account payment")
    spoken = money(ctx)
    if taken.change:
        ctx.flash(_("%(paid)s is taken. Give %(change)s change.", paid=spoken(amount), change=spoken(taken.change)))
    else:
        ctx.flash(_("%(paid)s is taken: receipt %(number)s.", paid=spoken(amount), number=number))
    return payment


async def accounts_of(ctx: Context, patient_id: UUID | None) -> list[ChargeAccount]:
    """The open accounts on which a patient's purchases may be put, for whoever may see them."""
    if patient_id is None or not ctx.actor.may("credit.read"):
        return []
    mine = select(AccountMember.account_id).where(AccountMember.patient_id == patient_id)
    query = select(ChargeAccount).where(ChargeAccount.id.in_(mine), ChargeAccount.status == AccountStatus.OPEN)
    return list(await ctx.db.scalars(query.options(selectinload(ChargeAccount.members)).order_by(ChargeAccount.number)))


@requires("credit.read")
async def account_options(ctx: Context, q: str = "") -> list[dict[str, Any]]:
    """Open accounts to choose from, by holder or number."""
    holding = like.within(q.strip())
    query = select(ChargeAccount).options(selectinload(ChargeAccount.members))
    named = ChargeAccount.holder.ilike(holding) | ChargeAccount.number.ilike(holding)
    query = query.where(ChargeAccount.status == AccountStatus.OPEN, named).order_by(ChargeAccount.holder).limit(12)
    return [
        {"id": account.id, "holder": account.holder, "number": account.number, "left": account.left}
        for account in await ctx.db.scalars(query)
    ]
