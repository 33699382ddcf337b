"""Warnings as cards of CDS Hooks 2.0. Pure."""

from typing import Any
from uuid import UUID

from ..schemas import REASONS, Alert, SafetyReport

LONGEST = 139
INDICATOR = {"contraindicated": "critical", "major": "warning"}
SYSTEM = "urn:galen:safety:override-reason"


def card(alert: Alert, id: UUID) -> dict[str, Any]:
    """One warning: what may happen, because of what, what to do, and how to answer."""
    made: dict[str, Any] = {
        "uuid": str(id),
        "summary": shortened(f"{', '.join(drug.name for drug in alert.subjects)}: {alert.effect}"),
        "indicator": INDICATOR.get(alert.severity, "info"),
        "detail": detail(alert),
        "source": {"label": shortened(f"Galen: {alert.source}"), "topic": _coding("urn:galen:safety:rule", alert.rule)},
    }
    if alert.tier == "interrupts":
        made["overrideReasons"] = [_coding(SYSTEM, str(code)) | {"display": said} for code, said in REASONS.items()]
    if alert.alternatives:
        made["suggestions"] = [{"label": f"Consider {name} instead"} for name in alert.alternatives]
        made["selectionBehavior"] = "at-most-one"
    return made


def detail(alert: Alert) -> str:
    """Markdown, the version of the knowledge included."""
    why = f"**{alert.severity.capitalize()}** because {alert.because}"
    return f"{why}\n\n{alert.management}\n\n*Knowledge {alert.version}*"


def not_checked(report: SafetyReport) -> dict[str, Any] | None:
    """What could not be looked at, as a card of its own: unknown never looks like safe."""
    said = [f"Not known here: {', '.join(report.unknown)}."] if report.unknown else []
    said += (
        [f"Allergies not understood: {', '.join(report.unchecked_allergies)}."] if report.unchecked_allergies else []
    )
    said += [] if report.allergies_asked else ["Nothing was sent about allergies."]
    said += [f"{gap}." for gap in (*report.measure, *report.unchecked)]
    said += [f"Could not be read: {', '.join(report.unread)}."] if report.unread else []
    if report.failed:
        said = ["The check could not be done. Nothing here says that these medicines are safe."]
    if not said:
        return None
    known = f"{report.known} of {report.total} medicines known"
    return {
        "summary": shortened("The check failed" if report.failed else f"Not everything was checked: {known}"),
        "indicator": "critical" if report.failed else "warning" if report.unknown else "info",
        "detail": "\n".join(f"- {sentence}" for sentence in said),
        "source": {"label": f"Galen, knowledge {report.version}" if report.version else "Galen"},
    }


def shortened(text: str) -> str:
    """Fewer than 140 characters, as the standard asks."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def _coding(system: str, code: str) -> dict[str, str]:
    return {"system": system, "code": code}
