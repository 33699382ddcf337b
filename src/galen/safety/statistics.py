"""Whether warnings are heard: shown, followed, overridden and why, rule by rule, for the pharmacist in charge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from pydantic import computed_field
from sqlalchemy import func, select

from galen.core.context import Context
from galen.core.gate import requires
from galen.core.schemas import View
from galen.i18n import formats, label, ngettext
from galen.i18n import gettext as _

from .hooks import CardGiven
from .knowledge import RANK, Knowledge, Severity
from .models import AlertGiven
from .schemas import NOT_CHECKED, REASONS
from .tables import knowledge_of

PERIODS = (7, 30, 90, 365)
ELSEWHERE = "other systems"
TIRING_AT, TIRING_FROM = 90, 10  # percent overridden, and among how many, before a rule is looked at
WORDS = {str(code): words for code, words in REASONS.items()} | {"acknowledged": NOT_CHECKED}


def words_of(code: str) -> str:
    """A kept code of a reason, as a person reads it."""
    return _(WORDS[code]) if code in WORDS else code


class Given(NamedTuple):
    """One warning to one person: its first day, and why somebody went on; `asked` when it interrupts."""

    rule: str
    kind: str
    severity: str
    place: str
    asked: bool
    reason: str
    day: date


class RuleCount(View):
    """How often one rule spoke, interrupted, and was overridden; what interrupted and was not was followed."""

    rule: str
    kind: str
    severity: str
    shown: int
    asked: int
    overridden: int
    reasons: dict[str, int]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def followed(self) -> int:
        return self.asked - self.overridden

    @computed_field  # type: ignore[prop-decorator]
    @property
    def percent(self) -> int | None:
        """Of what interrupted, how much was overridden."""
        return round(100 * self.overridden / self.asked) if self.asked else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def tiring(self) -> bool:
        """Nearly always overridden: people learn to pass it by, and others with it."""
        return self.asked >= TIRING_FROM and (self.percent or 0) >= TIRING_AT

    @property
    def said(self) -> str:
        """The reasons, the commonest first, in words."""
        return ", ".join(f"{words_of(code)} ({many})" for code, many in self.reasons.items())


class Statistics(View):
    """One period: totals, places, reasons, and every rule that spoke."""

    days: int
    since: date
    until: date
    shown: int
    asked: int
    overridden: int
    places: dict[str, int]
    reasons: dict[str, int]
    by_day: dict[str, list[int]]
    rules: list[RuleCount]
    knowledge: str
    ingredients: int
    strangers: int
    speaking: int

    @property
    def periods(self) -> tuple[int, ...]:
        return PERIODS

    @property
    def followed(self) -> int:
        return self.asked - self.overridden

    @property
    def reasons_in_words(self) -> list[tuple[str, int]]:
        return [(words_of(code), many) for code, many in self.reasons.items()]

    @property
    def nothing_shown(self) -> str:
        """What to say of a period without a warning."""
        return ngettext(
            "On this day nobody signed or verified anything that a warning speaks against. "
            "What is shown from now on is counted here.",
            "In these %(num)s days nobody signed or verified anything that a warning speaks against. "
            "What is shown from now on is counted here.",
            self.days,
        )

    @property
    def places_in_words(self) -> str:
        """Where warnings were shown, and how many."""
        return ", ".join(f"{label(place)}: {many}" for place, many in self.places.items())

    @property
    def percent(self) -> int | None:
        """Of what interrupted, how much was overridden."""
        return round(100 * self.overridden / self.asked) if self.asked else None

    @property
    def chart(self) -> dict[str, Any]:
        """Shown and overridden, day by day."""
        columns = list(zip(*self.by_day.values(), strict=True)) or [(), ()]
        names = (_("Shown"), _("Overridden"))
        series = [{"name": name, "values": [*values]} for name, values in zip(names, columns, strict=True)]
        return {"x": [formats.day_and_month(date.fromisoformat(day)) for day in self.by_day], "series": series}


@dataclass(frozen=True)
class WarningTally:
    """What a list of warnings comes to. Pure."""

    given: list[Given]

    def rules(self) -> list[RuleCount]:
        """The most overridden first, then the most shown."""
        found: dict[str, list[Given]] = {}
        for warning in self.given:
            found.setdefault(warning.rule, []).append(warning)
        counts = [self._rule(rule, rows) for rule, rows in found.items()]
        return sorted(counts, key=lambda count: (-count.overridden, -count.shown, count.rule))

    @staticmethod
    def _rule(rule: str, rows: list[Given]) -> RuleCount:
        worst = min((warning.severity for warning in rows), key=lambda name: RANK[Severity(name)])
        return RuleCount(
            rule=rule,
            kind=rows[0].kind,
            severity=worst,
            shown=len(rows),
            asked=sum(warning.asked for warning in rows),
            overridden=sum(bool(warning.reason) for warning in rows),
            reasons=_common(warning.reason for warning in rows),
        )

    def by_day(self, since: date, until: date) -> dict[str, list[int]]:
        days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
        shown = Counter(warning.day for warning in self.given)
        passed = Counter(warning.day for warning in self.given if warning.reason)
        return {day.isoformat(): [shown[day], passed[day]] for day in days}


def _common(words: Iterable[str]) -> dict[str, int]:
    return dict(Counter(word for word in words if word).most_common())


@requires("dispensing.verify")
async def statistics(ctx: Context, days: int = 30) -> Statistics:
    """Which warnings were shown, followed and overridden in the last days, and why."""
    days = min(max(days, 1), PERIODS[-1])
    since = ctx.today - timedelta(days=days - 1)
    start = datetime(since.year, since.month, since.day, tzinfo=ctx.zone).astimezone(UTC)
    given = [*await _given(ctx, start), *await _cards(ctx, start)]
    knowledge, tally = await knowledge_of(ctx), WarningTally(given)
    return Statistics(
        days=days,
        since=since,
        until=ctx.today,
        shown=len(given),
        asked=sum(warning.asked for warning in given),
        overridden=sum(bool(warning.reason) for warning in given),
        places=_common(warning.place for warning in given),
        reasons=_common(warning.reason for warning in given),
        by_day=tally.by_day(since, ctx.today),
        rules=tally.rules(),
        knowledge=knowledge.version,
        ingredients=len(knowledge.classes),
        strangers=len(knowledge.strangers),
        speaking=rules_in(knowledge),
    )


def rules_in(knowledge: Knowledge) -> int:
    """How many rules there are about pairs, threes, and persons."""
    persons = knowledge.persons
    about = {id(row[0]) for rows in (*persons.kidney.values(), *persons.ages.values()) for row in rows}
    about |= {id(row.rule) for rows in persons.pregnancy.values() for row in rows}
    about |= {id(rule) for rows in persons.lactation.values() for rule in rows}
    about |= {id(rule) for by in persons.conditions.values() for rows in by.values() for rule in rows}
    limits = sum(len(rows) for rows in persons.limits.values())
    return len(knowledge.pairs.rules) + len(knowledge.threes) + len(about) + limits


async def _given(ctx: Context, start: datetime) -> list[Given]:
    """Each warning once for each patient and place, however often the page was drawn."""
    rows = await ctx.db.execute(
        select(
            AlertGiven.rule,
            func.max(AlertGiven.kind),
            func.max(AlertGiven.severity),
            AlertGiven.place,
            func.bool_or(AlertGiven.tier == "interrupts"),
            func.max(AlertGiven.reason),
            func.min(AlertGiven.at),
        )
        .where(AlertGiven.at >= start)
        .group_by(AlertGiven.rule, AlertGiven.place, AlertGiven.patient_id, AlertGiven.key)
    )
    return [
        Given(rule, kind, severity, place.value, asked or bool(reason), reason, at.astimezone(ctx.zone).date())
        for rule, kind, severity, place, asked, reason, at in rows
    ]


async def _cards(ctx: Context, start: datetime) -> list[Given]:
    """Cards shown to other systems; one that asks for no answer counts as shown only."""
    rows = await ctx.db.scalars(select(CardGiven).where(CardGiven.at >= start))
    return [
        Given(
            card.rule,
            card.kind,
            card.severity,
            ELSEWHERE,
            bool(card.outcome),
            card.reason if card.outcome == "overridden" else "",
            card.at.astimezone(ctx.zone).date(),
        )
        for card in rows
    ]
