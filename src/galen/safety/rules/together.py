"""One warning is told once, whatever number of lines it is about: all of them are named, and one answer covers them."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from ..knowledge import RuleKind
from .words import RegimenDrug, RuleAlert, order

PAIRED = {RuleKind.INTERACTION, RuleKind.DUPLICATE}


def together(alerts: Iterable[RuleAlert], loudness: Callable[[RuleAlert], object]) -> list[RuleAlert]:
    """Alerts that say the same of several medicines become one; of pairs, those that share a medicine.

    Its key is made of all that it is about: when a medicine joins them, or what it depends on changes, it is told anew.
    """
    alike: dict[object, list[RuleAlert]] = {}
    for alert in alerts:
        same = (
            alert.rule, alert.severity, loudness(alert), alert.allergy, alert.effect, alert.mechanism,
            alert.management, alert.fact, alert.on, alert.dose, alert.also,
        )  # fmt: skip
        groups = alike.setdefault(same, [])
        meeting = [group for group in groups if alert.kind not in PAIRED or _share(group, alert)]
        joined = _joined([*meeting, alert])
        if meeting:
            at = groups.index(meeting[0])
            groups[:] = [
                joined if n == at else group for n, group in enumerate(groups) if n == at or group not in meeting
            ]
        else:
            groups.append(joined)
    return [alert for groups in alike.values() for alert in groups]


def _share(group: RuleAlert, alert: RuleAlert) -> bool:
    return any(subject is other for subject in group.subjects for other in alert.subjects)


def _joined(alerts: list[RuleAlert]) -> RuleAlert:
    if len(alerts) == 1:
        return alerts[0]
    subjects: dict[int, RegimenDrug] = {id(subject): subject for alert in alerts for subject in alert.subjects}
    return replace(
        alerts[0],
        subjects=tuple(sorted(subjects.values(), key=order)),
        ingredients=tuple(sorted({name for alert in alerts for name in alert.ingredients})),
        alternatives=tuple(dict.fromkeys(name for alert in alerts for name in alert.alternatives)),
    )
