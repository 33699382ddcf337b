"""Two names, and how bad they are together: for the command line, tables of pairs and measurements. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import reading
from .knowledge import RANK, Knowledge, Severity
from .rules import CheckResult, Circumstances, RegimenDrug, Tier, check
from .rules.coverage import read
from .rules.duplicates import duplicates
from .rules.interactions import pairs


@dataclass(frozen=True, slots=True)
class PairVerdict:
    """What is known of two names. `severity` is None where nothing is known to interact; that is no promise."""

    a: str
    b: str
    severity: Severity | None
    interrupts: bool
    source: str
    known: bool
    rules: tuple[str, ...] = ()


def verdict(a: str, b: str, knowledge: Knowledge) -> PairVerdict:
    """The worst that is known of two names; `known` says whether both were understood in full."""
    seen = read([drug(a, knowledge), drug(b, knowledge)], Circumstances(()), knowledge)
    alerts = [*pairs(seen.situation, knowledge), *duplicates(seen.situation, knowledge)]
    worst = min(alerts, key=lambda alert: (RANK[alert.severity], alert.kind, alert.rule), default=None)
    return PairVerdict(
        a=a,
        b=b,
        severity=worst.severity if worst else None,
        interrupts=any(alert.tier is Tier.INTERRUPTS for alert in alerts),
        source="; ".join((worst.source, *worst.also)) if worst else "",
        known=not seen.unknown,
        rules=tuple(sorted({alert.rule for alert in alerts})),
    )


def drug(text: str, knowledge: Knowledge) -> RegimenDrug:
    return RegimenDrug(text, reading.ingredients(text, knowledge), reading.route(text))


def among(names: Sequence[str], knowledge: Knowledge) -> CheckResult:
    """Everything that is known of these medicines together, for nobody in particular."""
    return check([drug(name, knowledge) for name in names], Circumstances(()), knowledge)
