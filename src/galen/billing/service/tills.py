"""One's own till: opened with a counted float, moved, counted blind, closed for good."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from galen.core.context import Context
from galen.core.errors import Conflict, Invalid, NotFound
from galen.core.gate import requires
from galen.core.numbers import next_number
from galen.core.web.formats import money as spoken_in
from galen.i18n import gettext as _
from galen.organizations import Site
from galen.values.money import Money, total

from ..models import LedgerAccount, Method, Payment, Transaction
from ..notes_and_coins import counted, payable, pieces
from ..till_schemas import CashMovementDraft, MyTill, TillClosingDraft, TillCountDraft, TillOpeningDraft, TillReport
from ..tills import CashFor, CashMovement, Drawer, TillPolicy, TillSession, TillState, ZReport
from .books import by_method, enter
from .charging import refuse_other_currency
from .drawers import drawers_now, left_in

AGAINST = {CashFor.SAFE: LedgerAccount.SAFE, CashFor.SUNDRY: LedgerAccount.SUNDRY}


class DrawerTaken(Conflict):
    message = "Somebody has a till open at this drawer. It must be counted and closed first."
    constraint = "till_session_drawer_open_idx"


class TillOpenAlready(Conflict):
    message = "You have a till open already. Count and close it before you open another."
    constraint = "till_session_person_open_idx"


class DrawerRetired(Conflict):
    message = "This drawer is no longer used. Choose another one."


class TillNeeded(Conflict):
    message = "Cash is only taken and given back here with a till open. Open your till at this site first."


class TillNotOpen(Conflict):
    message = "This till has been counted or closed and takes no more money. Nothing was changed."
    constraint = "till_session_open"


class NotEnoughCash(Conflict):
    message = "There is not so much cash in your till. Pay some in first, or take a smaller amount."
    constraint = "till_session_cash_check"


class NotCounted(Conflict):
    message = "Count the cash in the till first, then close it."


class ClosedTwice(Conflict):
    message = "This till is closed already; its report stands as it is. Corrections are made in a new till."
    constraint = "z_report_till_session_id_key"


async def till_for(ctx: Context, site_id: UUID, method: Method, leaving: Money | None = None) -> UUID | None:
    """The till of who acts that money at a site goes into, or comes out of; none where nobody needs one."""
    query = (
        select(TillSession.id, TillSession.status, TillSession.cash)
        .join(Drawer, Drawer.id == TillSession.drawer_id)
        .where(
            TillSession.account_id == ctx.actor.id, TillSession.status != TillState.CLOSED, Drawer.site_id == site_id
        )
    )
    till = (await ctx.db.execute(query)).one_or_none()
    if method is not Method.CASH:
        return till.id if till and till.status is TillState.OPEN else None
    if till is None:
        needed = select(TillPolicy.cash_needs_till).where(TillPolicy.site_id == site_id)
        if await ctx.db.scalar(needed):
            raise TillNeeded
        return None
    if till.status is not TillState.OPEN:
        raise TillNotOpen
    if leaving and leaving.amount > till.cash:
        raise NotEnoughCash
    return UUID(str(till.id))


async def opened(ctx: Context, session_id: UUID, *, lock: bool = False) -> TillSession:
    """One's own till, or anybody's for who manages tills; locked, it is as it stands now and nothing moves in it."""
    await ctx.flush()
    query = select(TillSession).where(TillSession.id == session_id).execution_options(populate_existing=True)
    session = await ctx.db.scalar(query.with_for_update() if lock else query)
    if session is None or (session.account_id != ctx.actor.id and not ctx.actor.may("till.manage")):
        raise NotFound(thing=TillSession.thing())
    return session


@requires("payment.take")
async def my_till(ctx: Context) -> MyTill:
    """One's own till so far, or the drawers of this site at which one may be opened."""
    mine = select(TillSession.id).where(TillSession.account_id == ctx.actor.id, TillSession.status != TillState.CLOSED)
    session_id = await ctx.db.scalar(mine)
    report = await report_of(ctx, await opened(ctx, session_id)) if session_id else None
    drawers = [] if report else await drawers_now(ctx, ctx.here.id)
    return MyTill(
        report=report,
        free=[drawer for drawer in drawers if not drawer.session],
        taken=[drawer for drawer in drawers if drawer.session],
        pieces=pieces(report.session.currency if report else ctx.organization.currency),
    )


@requires("payment.take")
async def open_till(ctx: Context, draft: TillOpeningDraft) -> TillSession:
    """Begin at a drawer with the float that was counted into it: what the last till left in, or from the safe."""
    drawer = await ctx.get(Drawer, draft.drawer_id, lock=True)
    if drawer.site_id != ctx.here.id:
        raise NotFound(thing=Drawer.thing())
    if drawer.retired:
        raise DrawerRetired
    await refuse_second(ctx, drawer)
    opening = said(ctx, draft.amount, draft.currency)
    left = await left_in(ctx, drawer.id, opening.currency)
    if left and opening != left and len(draft.reason) < 3:
        problem = _("%(left)s was left in this drawer. Count it again, or write why it is not so.", left=left)
        raise Invalid("reason", problem)
    session = ctx.add(
        TillSession(
            drawer_id=drawer.id,
            account_id=ctx.actor.id,
            cashier=ctx.actor.name,
            currency=opening.currency,
            opening_float=opening.amount,
            opening_reason=draft.reason if left and opening != left else "",
            cash=opening.amount,
            opened_at=ctx.now,
        )
    )
    from_safe = left or opening
    sides = {
        LedgerAccount.CASH: opening,
        LedgerAccount.SAFE: -from_safe,
        LedgerAccount.OVER_SHORT: from_safe - opening,
    }
    book(ctx, session, drawer, "float", session.id, sides)
    ctx.flash(_("The till at %(drawer)s is open with %(amount)s.", drawer=drawer.name, amount=shown(ctx, opening)))
    return session


async def refuse_second(ctx: Context, drawer: Drawer) -> None:
    """A sentence for who comes second; that nobody does is a rule of the database."""
    busy = select(TillSession.account_id).where(
        TillSession.status != TillState.CLOSED,
        (TillSession.drawer_id == drawer.id) | (TillSession.account_id == ctx.actor.id),
    )
    if people := set(await ctx.db.scalars(busy)):
        raise TillOpenAlready if ctx.actor.id in people else DrawerTaken


@requires("till.move")
async def move_cash(ctx: Context, session_id: UUID, draft: CashMovementDraft) -> CashMovement:
    """Put cash into a till or take it out, with the reason and who allowed it; never more than is there."""
    session = await opened(ctx, session_id, lock=True)
    if not session.is_open:
        raise TillNotOpen
    amount = said(ctx, draft.amount, draft.currency)
    moved = amount if draft.direction == "in" else -amount
    if session.cash + moved.amount < 0:
        raise NotEnoughCash
    drawer = await ctx.get(Drawer, session.drawer_id)
    movement = ctx.add(
        CashMovement(
            till_session_id=session.id,
            purpose=draft.purpose,
            amount=moved.amount,
            currency=moved.currency,
            reason=draft.reason,
            authority=draft.authority,
            at=ctx.now,
            made_by=ctx.actor.name,
        )
    )
    sides = {LedgerAccount.CASH: moved, AGAINST[draft.purpose]: -moved}
    book(ctx, session, drawer, f"paid {draft.direction}", movement.id, sides)
    if draft.direction == "in":
        ctx.flash(_("%(amount)s paid in.", amount=shown(ctx, amount)))
    else:
        ctx.flash(_("%(amount)s paid out.", amount=shown(ctx, amount)))
    return movement


@requires("payment.take")
async def till_report(ctx: Context, session_id: UUID) -> TillReport:
    """A till so far (X), or as it was closed (Z)."""
    return await report_of(ctx, await opened(ctx, session_id))


async def report_of(ctx: Context, session: TillSession) -> TillReport:
    """What went through a till; what should be in it, after the count, or to a manager of somebody else's till."""
    drawer = await ctx.get(Drawer, session.drawer_id)
    lines = await by_method(ctx, session.currency, Payment.till_session_id == session.id)
    moves = await ctx.list_by(CashMovement, CashMovement.till_session_id, session.id)
    others = session.account_id != ctx.actor.id and ctx.actor.may("till.manage")
    told = others or not session.is_open
    return TillReport(
        session=session,
        drawer=drawer,
        site=await ctx.get(Site, drawer.site_id),
        lines=[line for line in lines if told or line.method is not Method.CASH],
        cash_receipts=sum(line.count for line in lines if line.method is Method.CASH),
        movements=moves,
        paid_in=total((move.amount_money for move in moves if move.amount > 0), session.currency),
        paid_out=-total((move.amount_money for move in moves if move.amount < 0), session.currency),
        expected=session.money(session.cash) if told else None,
        z=await ctx.find_by(ZReport, ZReport.till_session_id, session.id),
    )


@requires("payment.take")
async def count_till(ctx: Context, session_id: UUID, draft: TillCountDraft) -> TillSession:
    """Send the count of notes and coins, blind; after it no money moves. Counting again is kept beside the first."""
    session = await opened(ctx, session_id, lock=True)
    if session.status is TillState.CLOSED:
        raise ClosedTwice
    if not draft.pieces and draft.other is None:
        problem = _("Write how many there are of each note and coin. An empty drawer is counted with 0.")
        raise Invalid("other", problem)
    said_pieces = [(piece.piece, piece.number) for piece in draft.pieces]
    try:
        sum_of_it = counted(said_pieces, draft.other or Decimal(0), session.currency)
    except ValueError as error:
        raise Invalid("other", str(error)) from None
    count = {
        "at": ctx.now.isoformat(),
        "by": ctx.actor.name,
        "pieces": [{"piece": str(piece), "number": number} for piece, number in said_pieces if number],
        "other": str(draft.other or 0),
        "total": str(sum_of_it.amount),
    }
    session.counts = [*session.counts, count]
    session.counted = sum_of_it.amount
    if session.is_open:
        session.status = TillState.COUNTED
    ctx.flash(_("Counted: %(amount)s. Now close the till.", amount=shown(ctx, sum_of_it)))
    return session


@requires("payment.take")
async def close_session(ctx: Context, session_id: UUID, draft: TillClosingDraft) -> ZReport:
    """Close a counted till for good: its numbered report, over and short into the books, the next float left in."""
    session = await opened(ctx, session_id, lock=True)
    if session.status is TillState.CLOSED:
        raise ClosedTwice
    if session.counted is None:
        raise NotCounted
    report = await report_of(ctx, session)
    there, expected = report.counted, session.money(session.cash)
    left = said(ctx, draft.amount, draft.currency)
    if left > there:
        raise Invalid("amount", _("Only %(amount)s was counted.", amount=there))
    tolerance = await tolerance_at(ctx, report.site.id)
    off = there - expected
    if abs(off.amount) > tolerance and len(draft.reason) < 3:
        if off.amount > 0:
            problem = _("The till is %(amount)s over. Count it again, or write why.", amount=off)
        else:
            problem = _("The till is %(amount)s short. Count it again, or write why.", amount=-off)
        raise Invalid("reason", problem)
    session.status = TillState.CLOSED
    z = ctx.add(
        ZReport(
            till_session_id=session.id,
            drawer_id=session.drawer_id,
            number=await next_number(ctx, f"z {session.drawer_id}"),
            account_id=session.account_id,
            cashier=session.cashier,
            closed_by=ctx.actor.name,
            opened_at=session.opened_at,
            closed_at=ctx.now,
            day=ctx.now.astimezone(report.site.tz).date(),
            currency=session.currency,
            opening_float=session.opening_float,
            paid_in=report.paid_in.amount,
            paid_out=report.paid_out.amount,
            totals=[
                {
                    "method": line.method.value,
                    "count": line.count,
                    "taken": str(line.taken.amount),
                    "refunded": str(line.refunded.amount),
                    "rounding": str(line.rounding.amount),
                    "total": str(line.total.amount),
                }
                for line in report.lines
            ],
            pieces=session.counts[-1]["pieces"],
            times_counted=len(session.counts),
            expected=expected.amount,
            counted=there.amount,
            difference=off.amount,
            tolerance=tolerance,
            reason=draft.reason,
            left_in=left.amount,
        )
    )
    sides = {LedgerAccount.CASH: -expected, LedgerAccount.OVER_SHORT: -off, LedgerAccount.SAFE: there}
    book(ctx, session, report.drawer, "close", z.id, sides)
    ctx.flash(_("The till is closed: Z report %(number)s at %(drawer)s.", number=z.number, drawer=report.drawer.name))
    return z


async def tolerance_at(ctx: Context, site_id: UUID) -> Decimal:
    """Up to which difference no reason is asked for at a site."""
    return await ctx.db.scalar(select(TillPolicy.tolerance).where(TillPolicy.site_id == site_id)) or Decimal(0)


def said(ctx: Context, amount: Decimal, currency: str) -> Money:
    """An amount of cash that was written, in the organisation's money."""
    refuse_other_currency(currency, ctx.organization.currency, "amount")
    try:
        return payable(amount, ctx.organization.currency)
    except ValueError as error:
        raise Invalid("amount", str(error)) from None


def shown(ctx: Context, amount: Money) -> str:
    return spoken_in(ctx)(amount)


def book(
    ctx: Context, session: TillSession, drawer: Drawer, kind: str, reference_id: UUID, sides: dict[LedgerAccount, Money]
) -> None:
    """Enter what happened in a till in the books."""
    entry = Transaction(site_id=drawer.site_id, till_session_id=session.id, kind=kind, reference_id=reference_id)
    enter(ctx, entry, sides, session.currency)
