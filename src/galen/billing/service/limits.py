"""Whether something may be put on a charge account: whose it is, and up to which limit."""

from uuid import UUID

from galen.core.context import Context
from galen.core.errors import Conflict, Forbidden, Invalid
from galen.core.web.formats import money
from galen.i18n import gettext as _
from galen.values.money import Money

from ..accounts import ChargeAccount
from ..models import Invoice, Method
from ..schemas import PaymentDraft


class ChargeAccountClosed(Conflict):
    message = "This charge account is closed. Take another way of paying."


class NotOnAccount(Conflict):
    message = "This patient does not belong to the charge account. Add the patient to it, or choose another account."


class BeyondLimit(Forbidden):
    message = (
        "Only {left} can still be put on this account. Take the rest another way, or ask whoever may go beyond the "
        "limit (the permission “credit.manage”) to write why."
    )


class LimitReached(Conflict):
    message = "Something else was put on this charge account meanwhile, and its limit is reached. Look at it again."
    constraint = "charge_account_limit"


async def chargeable(ctx: Context, invoice: Invoice, draft: PaymentDraft, amount: Money) -> UUID | None:
    """The account that this is put on, held until the end; the database asks for the limit once more."""
    if draft.method is not Method.ACCOUNT:
        return None
    if draft.charge_account_id is None:
        raise Invalid("charge_account_id", _("Choose the charge account."))
    account = await ctx.get(ChargeAccount, draft.charge_account_id, lock=True)
    if not account.is_open:
        raise ChargeAccountClosed
    if invoice.patient_id and invoice.patient_id not in {member.patient_id for member in account.members}:
        raise NotOnAccount
    if account.balance + amount.amount > account.credit_limit:
        if not (draft.over_limit and ctx.actor.may("credit.manage")):
            raise BeyondLimit(left=money(ctx)(account.left), permission="credit.manage")
        if len(draft.over_limit) < 3:
            raise Invalid("over_limit", _("Write why, in three letters or more."))
    else:
        draft.over_limit = ""
    return account.id
