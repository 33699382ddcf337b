"""The report of a till on paper: X while it is open, Z once it is closed; A4 or the till's 80 mm roll."""

from pathlib import Path
from typing import Any
from uuid import UUID

from galen.core.context import Context
from galen.core.gate import requires
from galen.core.web.formats import money, when
from galen.i18n import gettext as _
from galen.i18n import label
from galen.organizations import country_of
from galen.pdf import pdf

from .service import till_report
from .till_schemas import TillReport

PAPER = Path(__file__).parent / "papers" / "till.typ"


@requires("payment.take")
async def print_till_report(ctx: Context, session_id: UUID, roll: bool = False) -> bytes:
    """The report of a till as PDF; `roll` is for the till's 80 mm paper."""
    return await pdf(PAPER, till_paper(ctx, await till_report(ctx, session_id), roll))


def till_paper(ctx: Context, report: TillReport, roll: bool) -> dict[str, Any]:
    """What stands on the paper, in words."""
    spoken, at, session, z = money(ctx), when(ctx), report.session, report.z
    about = [
        (_("Opened"), at(session.opened_at, report.site)),
        (_("Cashier"), session.cashier),
        *([(_("Closed"), at(z.closed_at, report.site)), (_("Closed by"), z.closed_by)] if z else []),
    ]
    sums = [
        (_("Float"), spoken(session.float_money)),
        *(
            (_("%(method)s (%(count)s)", method=label(line.method).capitalize(), count=line.count), spoken(line.total))
            for line in report.lines
        ),
        *([] if report.expected else [(_("Cash receipts"), str(report.cash_receipts))]),
        (_("Paid in"), spoken(report.paid_in)),
        (_("Paid out"), spoken(report.paid_out)),
    ]
    if z:
        sums += [
            (_("Cash expected"), spoken(z.expected_money)),
            (_("Cash counted"), spoken(z.counted_money)),
            (_("Over or short"), spoken(z.difference_money)),
            (_("Left in the drawer"), spoken(z.left_money)),
            (_("To the safe"), spoken(z.removed_money)),
        ]
    moves = [(f"{move.reason} ({move.authority})", spoken(move.amount_money)) for move in report.movements]
    return {
        "paper": country_of(ctx.organization.country).paper,
        "roll": roll,
        "title": _("Z report %(number)s", number=z.number) if z else _("X report"),
        "place": [ctx.organization.name, report.site.name, report.drawer.name],
        "about": about,
        "sums": sums,
        "moves": moves,
        "pieces": [(f"{spoken(piece['piece'])} × {piece['number']}") for piece in z.pieces] if z else [],
        "reason": z.reason if z else "",
        "words": {"moves": _("Paid in and out"), "pieces": _("Counted"), "reason": _("Why it differs")},
        "printed": _("Printed %(at)s by %(who)s", at=at(ctx.now, report.site), who=ctx.actor.name),
        "signed": _("Signed"),
    }
