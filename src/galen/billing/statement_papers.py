"""Statements on paper and by mail, and the receipt for what was paid against a charge account."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from galen import notifications
from galen.core.context import Context
from galen.core.errors import Invalid
from galen.core.gate import requires
from galen.core.web.formats import day, money, when
from galen.i18n import gettext as _
from galen.i18n import label
from galen.notifications import Message
from galen.organizations import Site, country_of
from galen.pdf import pdf

from .account_schemas import Statement, StatementMailDraft
from .accounts import ChargeAccount
from .models import Payment
from .service.statements import account_statement, patient_statement

PAPERS = Path(__file__).parent / "papers"


@requires("credit.read")
async def print_account_statement(ctx: Context, account_id: UUID, since: str = "", until: str = "") -> bytes:
    """The statement of a charge account as PDF."""
    return await paper(ctx, await account_statement(ctx, await ctx.get(ChargeAccount, account_id), since, until))


@requires("invoice.read")
async def print_patient_statement(ctx: Context, patient_id: UUID, since: str = "", until: str = "") -> bytes:
    """The statement of a patient as PDF."""
    return await paper(ctx, await patient_statement(ctx, patient_id, since, until))


async def paper(ctx: Context, statement: Statement) -> bytes:
    spoken, said_day = money(ctx), day(ctx)
    return await pdf(
        PAPERS / "statement.typ",
        {
            "paper": "a4" if country_of(ctx.organization.country).paper != "us-letter" else "us-letter",
            "title": statement.title,
            "period": in_days(ctx, statement),
            "seller": [ctx.organization.name, *([(await ctx.get(Site, ctx.site.id)).address] if ctx.site else [])],
            "holder": statement.holder,
            "opening": spoken(statement.opening),
            "closing": spoken(statement.closing),
            "lines": [
                [said_day(line.day), line.number, line.what, spoken(line.amount), spoken(line.balance)]
                for line in statement.lines
            ],
            "ages": [[word, spoken(owed)] for word, owed in statement.ages],
            "printed": _("Printed %(at)s by %(who)s", at=when(ctx)(ctx.now), who=ctx.actor.name),
            "words": {
                "page": _("Page"),
                "head": [_("Day"), _("Number"), _("What"), _("Amount"), _("Balance")],
                "opening": _("Opening balance"),
                "closing": _("Closing balance"),
                "ages": _("Owed today, by age"),
            },
        },
    )


def in_days(ctx: Context, statement: Statement) -> str:
    return _("%(since)s to %(until)s", since=day(ctx)(statement.since), until=day(ctx)(statement.until))


def in_words(ctx: Context, statement: Statement) -> str:
    """A statement as the text of a mail."""
    spoken, said_day = money(ctx), day(ctx)
    rows = [f"{said_day(row.day)}  {row.number}  {row.what}  {spoken(row.amount)}" for row in statement.lines]
    ages = [f"{word}: {spoken(owed)}" for word, owed in statement.ages if owed]
    return "\n".join(
        [
            f"{ctx.organization.name}: {statement.title}, {in_days(ctx, statement)}",
            *statement.holder,
            "",
            _("Opening balance: %(amount)s", amount=spoken(statement.opening)),
            *rows,
            _("Closing balance: %(amount)s", amount=spoken(statement.closing)),
            *(["", _("Owed today, by age"), *ages] if ages else []),
        ]
    )


async def mailed(ctx: Context, statement: Statement, to: str | None, about: str) -> Message:
    address = to or statement.email
    if not address:
        raise Invalid("to", _("No address is known. Write one."))
    message = await notifications.send(
        ctx,
        channel="email",
        to=address,
        subject=_("Your statement from %(name)s", name=ctx.organization.name),
        text=in_words(ctx, statement),
        about=about,
        patient_id=statement.patient_id,
    )
    ctx.flash(_("The statement is on its way to %(address)s.", address=address))
    return message


@requires("credit.read")
async def mail_account_statement(ctx: Context, account_id: UUID, draft: StatementMailDraft) -> ChargeAccount:
    """Send the statement of a charge account by mail."""
    account = await ctx.get(ChargeAccount, account_id)
    statement = await account_statement(ctx, account, *period_of(draft))
    await mailed(ctx, statement, draft.to, f"statement {account.number}")
    return account


@requires("invoice.write")
async def mail_patient_statement(ctx: Context, patient_id: UUID, draft: StatementMailDraft) -> Statement:
    """Send the statement of a patient by mail."""
    statement = await patient_statement(ctx, patient_id, *period_of(draft))
    await mailed(ctx, statement, draft.to, "patient statement")
    return statement


def period_of(draft: StatementMailDraft) -> tuple[str, str]:
    return (draft.since.isoformat() if draft.since else "", draft.until.isoformat() if draft.until else "")


async def mail_monthly(ctx: Context) -> None:
    """The statements of last month to whoever wants them."""
    wanted = ChargeAccount.mails_statement & (ChargeAccount.email != "")
    query = select(ChargeAccount).where(wanted).options(selectinload(ChargeAccount.members)).order_by(ChargeAccount.id)
    for account in await ctx.db.scalars(query):
        await mail_month(ctx, account)


async def mail_month(ctx: Context, account: ChargeAccount) -> None:
    """One of them; once a month, however often it is asked for."""
    last = ctx.today.replace(day=1) - timedelta(days=1)
    about = f"monthly statement {account.number} {last:%Y-%m}"
    if await notifications.sent_since(ctx, ctx.now - timedelta(days=62), about):
        return
    statement = await account_statement(ctx, account, last.replace(day=1).isoformat(), last.isoformat())
    if statement.lines or statement.closing:
        await mailed(ctx, statement, None, about)


async def account_receipt(ctx: Context, payment: Payment, roll: bool) -> bytes:
    """What was paid against a charge account, on paper."""
    spoken, site = money(ctx), await ctx.get(Site, payment.site_id)
    account = await ctx.get(ChargeAccount, payment.charge_account_id, without_parts=True)  # type: ignore[arg-type]
    rows: list[list[str]] = [[label(payment.method).capitalize(), spoken(payment.amount_money)]]
    if payment.rounding:
        rows.append([_("Rounding"), spoken(payment.handled - payment.amount_money)])
    if payment.change:
        rows.append([_("Change given"), spoken(payment.change_money)])
    return await pdf(
        PAPERS / "sale.typ",
        {
            "roll": roll,
            "paper": "us-letter" if country_of(ctx.organization.country).paper == "us-letter" else "a4",
            "title": _("Refund") if payment.refund_of else _("Receipt"),
            "number": payment.number,
            "copy": "",
            "seller": [ctx.organization.name, site.name, site.address, site.phone],
            "about": [when(ctx)(payment.at, site), _("Account %(number)s", number=account.number)],
            "buyer": [account.holder],
            "lines": [],
            "sums": rows,
            "paid": [[_("Owed on the account"), spoken(account.balance_money)]],
            "printed": _("Served by %(who)s", who=payment.taken_by),
            "words": {"for": _("For")},
        },
    )
