"""The verbs of analytics."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, select

from galen.billing import Invoice, InvoiceStatus
from galen.core.context import Context
from galen.core.gate import requires
from galen.core.web.formats import money
from galen.encounters import Visit, VisitStatus
from galen.i18n import N_, formats
from galen.i18n import gettext as _
from galen.patients import Patient
from galen.prescribing import Prescription
from galen.scheduling import Appointment, AppointmentStatus
from galen.values.money import Money
from galen.values.units import plain

LENGTH = 14
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class DayFigure:
    """One figure of today beside the same weekday last week."""

    word: str
    today: Any
    last_week: Any
    shown: str
    detail: str
    href: str = ""


@dataclass(frozen=True)
class DaysReport:
    """What a manager looks at first."""

    figures: list[DayFigure]
    visits: dict[str, Any]
    billed: dict[str, Any]


def local_day(ctx: Context, column: Any) -> ColumnElement[date]:
    """The clinic's day of a moment."""
    return func.date(func.timezone(str(ctx.zone), column))


async def per_day(ctx: Context, record: Any, day: Any, *where: Any, total: Any = None) -> dict[date, Decimal]:
    """How many, or how much, on each of the last days."""
    since = ctx.today - timedelta(days=LENGTH - 1)
    amount = func.count() if total is None else func.sum(total)
    query = select(day.label("day"), amount).select_from(record).where(day >= since, *where).group_by(day)
    return {row[0]: Decimal(row[1]) for row in await ctx.db.execute(query)}


async def daily(ctx: Context) -> dict[str, dict[date, Decimal]]:
    """Every figure by day."""
    visits = local_day(ctx, Visit.started_at)
    begins = local_day(ctx, func.lower(Appointment.during))
    missed = Appointment.status == AppointmentStatus.NO_SHOW
    return {
        N_("Appointments"): await per_day(ctx, Appointment, begins, Appointment.status != AppointmentStatus.CANCELLED),
        N_("Did not come"): await per_day(ctx, Appointment, begins, missed),
        N_("Visits"): await per_day(ctx, Visit, visits, Visit.status != VisitStatus.CANCELLED),
        N_("New patients"): await per_day(ctx, Patient, local_day(ctx, Patient.registered_at)),
        N_("Prescriptions"): await per_day(
            ctx, Prescription, local_day(ctx, Prescription.signed_at), Prescription.signed_at.is_not(None)
        ),
        N_("Billed"): await per_day(
            ctx, Invoice, Invoice.made_on, Invoice.status != InvoiceStatus.VOID, total=Invoice.total - Invoice.credited
        ),
    }


@requires("home.manager")
async def days_report(ctx: Context) -> DaysReport:
    """Today against the same weekday last week, and the last two weeks as charts."""
    counted = await daily(ctx)
    days = [ctx.today - timedelta(days=n) for n in reversed(range(LENGTH))]
    currency = ctx.organization.currency
    return DaysReport(
        figures=[figure(ctx, word, by_day) for word, by_day in counted.items()],
        visits=chart(days, {_("Visits"): counted["Visits"]}),
        billed=chart(days, {_("Billed"): counted["Billed"]}, currency),
    )


def figure(ctx: Context, word: str, by_day: dict[date, Decimal]) -> DayFigure:
    """Today's figure, and the one of a week ago beneath it; what was billed is money, the rest are numbers."""
    amounts = [by_day.get(day, Decimal(0)) for day in (ctx.today, ctx.today - WEEK)]
    billed, currency = word == "Billed", ctx.organization.currency
    spoken: Callable[[Any], str] = money(ctx) if billed else str
    today, last_week = [Money.rounded(amount, currency) if billed else int(amount) for amount in amounts]
    return DayFigure(
        word=_(word),
        today=today,
        last_week=last_week,
        shown=spoken(today),
        detail=_("last week %(figure)s", figure=spoken(last_week)),
        href=HREFS.get(word, ""),
    )


HREFS = {"Appointments": "/calendar", "Visits": "/queue", "Billed": "/invoices?show=all", "New patients": "/patients"}


def chart(days: Sequence[date], series: dict[str, dict[date, Decimal]], unit: str = "") -> dict[str, Any]:
    """The shape that a chart on a page reads."""
    return {
        "x": [formats.day_and_month(day) for day in days],
        "unit": unit,
        "series": [
            {"name": name, "values": [plain(by_day.get(day, Decimal(0))) for day in days]}
            for name, by_day in series.items()
        ],
    }


@requires("home.manager")
async def daily_summary(ctx: Context, day: date | None = None) -> dict[str, Any]:
    """One day's figures, for clients: counts, and what was billed."""
    asked = day or ctx.today
    counted = await daily(ctx)
    figures = {word.lower().replace(" ", "_"): plain(by_day.get(asked, Decimal(0))) for word, by_day in counted.items()}
    return {"day": asked.isoformat(), "currency": ctx.organization.currency, **figures}
