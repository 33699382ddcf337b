"""What was answered before: a warning that somebody went past with a reason is shown again, and not shouted."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from galen.core.context import Context

from .knowledge import RANK, Severity
from .models import AlertGiven, Place
from .rules import Tier
from .schemas import Alert, Before, OverrideReason, SafetyReport, WarningAnswer

HOLDS = timedelta(days=90)  # how long an answer holds; then the question is asked again


async def remember(
    ctx: Context, patient_id: UUID, report: SafetyReport, answers: Iterable[WarningAnswer], place: Place
) -> None:
    """Keep which warnings were given at signing or verifying, and the reasons to go on. Part of the caller's verb."""
    said = {answer.key: answer for answer in answers}
    for alert in report.alerts:
        if alert.tier is Tier.LISTED:
            continue
        answer = said.get(alert.key)
        ctx.add(
            AlertGiven(
                patient_id=patient_id,
                place=place,
                key=alert.key,
                rule=alert.rule,
                kind=alert.kind.value,
                severity=alert.severity.value,
                tier=alert.tier.value,
                reason=answer.reason.value if answer else "",
                comment=answer.comment if answer else "",
                by_id=ctx.actor.id,
                by_name=ctx.actor.name,
                at=ctx.now,
                knowledge=report.version,
            )
        )


def answered(rows: Iterable[tuple[str, str, str]]) -> list[WarningAnswer]:
    """Answers kept elsewhere (key, code, comment), without those that are no answer to a warning."""
    codes = set(OverrideReason)
    return [
        WarningAnswer.model_construct(key=key, reason=OverrideReason(code), comment=comment)
        for key, code, comment in rows
        if code in codes
    ]


async def quieter(ctx: Context, patient_id: UUID, report: SafetyReport, place: Place) -> SafetyReport:
    """The same report; what was answered here within 90 days only shows, with who said what and when.

    It interrupts again where it has become worse, and a contraindication always does.
    """
    keys = [alert.key for alert in report.interrupting]
    if not keys:
        return report
    found = await ctx.db.scalars(
        select(AlertGiven)
        .where(
            AlertGiven.patient_id == patient_id,
            AlertGiven.place == place,
            AlertGiven.key.in_(keys),
            AlertGiven.reason != "",
            AlertGiven.at > ctx.now - HOLDS,
        )
        .order_by(AlertGiven.at)
    )
    last = {given.key: given for given in found}
    alerts = [
        _with(alert, given, given.at.astimezone(ctx.zone).date()) if (given := last.get(alert.key)) else alert
        for alert in report.alerts
    ]
    return report.model_copy(update={"alerts": alerts})


def _with(alert: Alert, given: AlertGiven, on: date) -> Alert:
    before = Before(
        at=given.at,
        on=on,
        by_name=given.by_name,
        reason=OverrideReason(given.reason),
        comment=given.comment,
        severity=Severity(given.severity),
    )
    holds = alert.severity is not Severity.CONTRAINDICATED and RANK[alert.severity] >= RANK[before.severity]
    return alert.model_copy(update={"before": before, "tier": Tier.SHOWS if holds else alert.tier})
