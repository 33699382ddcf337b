from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field, model_validator

from galen.core.schemas import Draft, View
from galen.patients import BannerView

from .knowledge import Kind, Severity
from .rules import Tier


class Reason(StrEnum):
    """Why somebody goes on despite a warning: the code that is kept."""

    BENEFIT = "benefit"
    TOLERATED = "tolerated"
    DOSE = "dose"
    MONITORING = "monitoring"
    APART = "apart"
    DOUBTFUL = "doubtful"
    OTHER = "other"


REASONS = {
    Reason.BENEFIT: "Benefit outweighs the risk",
    Reason.TOLERATED: "Tolerated before",
    Reason.DOSE: "Dose adjusted",
    Reason.MONITORING: "Monitoring arranged",
    Reason.APART: "Given apart in time",
    Reason.DOUBTFUL: "Allergy doubtful or disproved",
    Reason.OTHER: "Other (say which)",
}
"""The words of each code."""


class Override(Draft):
    """The answer to one warning: which one, why it is right to go on, and what else is to be said."""

    key: str = Field(min_length=1, max_length=400)
    reason: Reason
    comment: str = Field("", max_length=500)

    @model_validator(mode="after")
    def said(self) -> "Override":
        if self.reason is Reason.OTHER and len(self.comment) < 3:
            raise ValueError("Write which other reason there is to go on.")
        return self


class Before(View):
    """An answer to the same warning for the same patient: who went on, when and why."""

    at: datetime
    on: date  # the same moment as a day where the organisation is
    by_name: str
    reason: Reason
    comment: str
    severity: Severity

    @property
    def words(self) -> str:
        why = REASONS[self.reason] + (f" ({self.comment})" if self.comment else "")
        return f"Answered before by {self.by_name} on {self.on.day} {self.on:%B %Y}: {why}."


class Subject(View):
    """A medicine that an alert is about. `current` when the patient takes it already."""

    name: str
    product_id: UUID | None = None
    current: bool = False


class Alert(View):
    """One warning: what may happen, because of what, what to do, and who says so."""

    key: str
    kind: Kind
    severity: Severity
    tier: Tier
    rule: str
    subjects: list[Subject]
    ingredients: list[str]
    allergy: str
    mechanism: str
    effect: str
    management: str
    source: str
    version: str
    alternatives: list[str]
    fact: str = ""  # what in the patient or the dose it is about
    also: list[str] = []  # who else grades this, and how: "DDInter 2.0: major"
    before: Before | None = None  # answered already, for this patient

    @property
    def because(self) -> str:
        """What meets what, in words; and what somebody answered before."""
        return self._met + (f" {self.before.words}" if self.before else "")

    @property
    def _met(self) -> str:
        names = [f"{one.name} (taken already)" if one.current else one.name for one in self.subjects]
        if self.allergy:
            return f"of {' and '.join(names)} and the recorded allergy to {self.allergy}. {self.mechanism}"
        if self.fact:
            return f"of {', '.join(names)} and {self.fact}. {self.mechanism}"
        together = " together" if len(names) > 1 else ""
        return f"of {' and '.join(filter(None, (', '.join(names[:-1]), names[-1])))}{together}. {self.mechanism}"


class Report(View):
    """What was found, and what could not be checked. No alerts means safe only where `complete` is true."""

    alerts: list[Alert] = []
    known: int = 0
    total: int = 0
    unknown: list[str] = []
    unchecked_allergies: list[str] = []
    unchecked: list[str] = []  # of medicines that are known: doses, kidneys, ages that nobody could look at
    allergies_asked: bool = False
    for_patient: bool = False
    version: str = ""
    failed: bool = False
    complete: bool = False

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """The coded reasons to go on, for a field."""
        return [(code.value, words) for code, words in REASONS.items()]

    @property
    def interrupting(self) -> list[Alert]:
        """The alerts that stop the work until somebody answers."""
        return [alert for alert in self.alerts if alert.tier is Tier.INTERRUPTS]


class InteractionsDraft(Draft):
    """Medicines by name, barcode or id, as many as wished, and perhaps for whom."""

    medicines: list[str] = Field(default_factory=list, max_length=40)
    text: str = Field("", max_length=4000, description="Medicines, one on each line")
    patient_id: UUID | None = None

    @property
    def written(self) -> list[str]:
        return [line.strip() for line in [*self.medicines, *self.text.splitlines()] if line.strip()][:40]


class Checked(Report):
    """A report with what was perhaps meant by names that are not known."""

    suggestions: dict[str, list[str]] = {}
    banner: BannerView | None = Field(None, exclude=True)
