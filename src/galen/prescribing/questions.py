"""What a prescriber must answer before signing: alerts that interrupt, and medicines that nobody could check."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from galen.i18n import N_
from galen.i18n import gettext as _
from galen.safety import Alert, SafetyReport
from galen.values.search_key import search_key

from .schemas import EditorAnswerDraft

FAILED = N_("The safety check could not be done: nothing was checked.")
UNKNOWN = N_("%(name)s is not in the safety knowledge: it was not checked.")
CONSIDERED = 4  # alternatives that are named in a sentence


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """One thing to answer. `checked` is false where the knowledge had nothing to say: then it is only acknowledged."""

    key: str
    severity: str
    effect: str  # in the reader's language
    kept: str  # the same in English, as it is kept with the answer
    because: str = ""
    management: str = ""
    source: str = ""
    alternatives: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    checked: bool = True
    comment_needed: bool = False  # a chosen reason is not enough


class Offer(NamedTuple):
    """An alternative that one key takes: its name, the row that it replaces, and the key."""

    name: str
    row: int
    key: int

    @property
    def instead(self) -> str:
        """As the editor is asked for it."""
        return f"{self.row}:{self.name}"

    @property
    def shortcut(self) -> str:
        """A digit, as long as there are any."""
        return str(self.key) if self.key < 10 else ""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question as a page asks it: with the number of its answer, what was answered so far, and what one key takes."""

    number: int
    question: OpenQuestion
    answer: EditorAnswerDraft | None = None
    offers: tuple[Offer, ...] = ()

    @property
    def reason(self) -> str:
        return self.answer.reason if self.answer else ""

    @property
    def settled(self) -> bool:
        """Whether everything is said that must be said to go on."""
        return bool(self.reason and (self.comment.strip() or not self.question.comment_needed))

    @property
    def comment(self) -> str:
        return self.answer.comment if self.answer else ""

    @property
    def considered(self) -> str:
        """The first alternatives that no key takes."""
        taken = {offer.name for offer in self.offers}
        return ", ".join([name for name in self.question.alternatives if name not in taken][:CONSIDERED])

    @property
    def steps(self) -> bool:
        """Whether there is anything to do instead."""
        return bool(self.question.management or self.offers or self.considered)


def asked(report: SafetyReport, names: Sequence[str]) -> list[OpenQuestion]:
    """The questions of a report, for a prescription of medicines with these names."""
    if report.failed:
        return [OpenQuestion("failed", "unknown", _(FAILED), FAILED, checked=False)]
    unknown = dict.fromkeys(name for name in names if name in report.unknown)
    return [
        *(of_alert(alert) for alert in report.interrupting),
        *(
            OpenQuestion(
                key=f"unknown:{search_key(name)}",
                severity="unknown",
                effect=_(UNKNOWN, name=name),
                kept=UNKNOWN % {"name": name},
                checked=False,
            )
            for name in unknown
        ),
    ]


def of_alert(alert: Alert) -> OpenQuestion:
    return OpenQuestion(
        key=alert.key,
        severity=alert.severity.value,
        effect=alert.effect,
        kept=alert.kept,
        because=alert.because,
        management=alert.management,
        source=_("%(source)s, knowledge %(version)s", source=alert.source, version=alert.version),
        alternatives=tuple(alert.alternatives),
        products=tuple(str(subject.product_id) for subject in alert.subjects if subject.product_id),
        comment_needed=alert.comment_needed,
    )


def unanswered(questions: Iterable[OpenQuestion], answered: Iterable[str]) -> list[OpenQuestion]:
    """The questions to which nobody has given a reason."""
    known = set(answered)
    return [question for question in questions if question.key not in known]
