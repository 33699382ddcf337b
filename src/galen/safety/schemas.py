"""The answers of a check: warnings with their reasons, and what could not be looked at."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field, model_validator

from galen.core.schemas import Draft, View
from galen.i18n import N_, formats, ngettext
from galen.i18n import gettext as _
from galen.patients import BannerView

from .knowledge import RuleKind, Severity
from .rules import Tier


class OverrideReason(StrEnum):
    """Why somebody goes on despite a warning: the code that is kept."""

    BENEFIT = "benefit"
    TOLERATED = "tolerated"
    DOSE = "dose"
    MONITORING = "monitoring"
    APART = "apart"
    DOUBTFUL = "doubtful"
    OTHER = "other"


REASONS: dict[str, str] = {
    OverrideReason.BENEFIT: N_("Benefit outweighs the risk"),
    OverrideReason.TOLERATED: N_("Tolerated before"),
    OverrideReason.DOSE: N_("Dose adjusted"),
    OverrideReason.MONITORING: N_("Monitoring arranged"),
    OverrideReason.APART: N_("Given apart in time"),
    OverrideReason.DOUBTFUL: N_("Allergy doubtful or disproved"),
    OverrideReason.OTHER: N_("Other (say which)"),
}
"""The words of each code, in English."""
NOT_CHECKED = N_("Seen: this was not checked by Galen")


def said_why(comment: str) -> bool:
    """Whether a comment says anything in words."""
    return sum(letter.isalpha() for letter in comment) >= 3


class WarningAnswer(Draft):
    """The answer to one warning: which one, why it is right to go on, and what else is to be said."""

    key: str = Field(min_length=1, max_length=400)
    reason: OverrideReason
    comment: str = Field("", max_length=500)

    @model_validator(mode="after")
    def said(self) -> "WarningAnswer":
        if self.reason is OverrideReason.OTHER and len(self.comment) < 3:
            raise ValueError(_("Write which other reason there is to go on."))
        return self


class Before(View):
    """An answer to the same warning for the same patient: who went on, when and why."""

    at: datetime
    on: date  # the same moment as a day where the organisation is
    by_name: str
    reason: OverrideReason
    comment: str
    severity: Severity

    @property
    def words(self) -> str:
        """Who answered, when and why, in a sentence."""
        about = {"name": self.by_name, "day": formats.day(self.on), "reason": _(REASONS[self.reason])}
        if not self.comment:
            return _("Answered before by %(name)s on %(day)s: %(reason)s.", **about)
        return _("Answered before by %(name)s on %(day)s: %(reason)s (%(comment)s).", comment=self.comment, **about)


class Subject(View):
    """A medicine that an alert is about. `current` when the patient takes it already."""

    name: str
    product_id: UUID | None = None
    current: bool = False


class Alert(View):
    """One warning: what may happen, because of what, what to do, and who says so."""

    key: str
    kind: RuleKind
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
    history: str = ""  # the recorded reaction, when and by whom: "anaphylaxis to penicillins, recorded 2019 by …"
    comment_needed: bool = False  # going on needs a reason in one's own words, not only a chosen one
    before: Before | None = None  # answered already, for this patient
    kept: str = Field("", exclude=True)  # the effect in English, as it is kept with an answer

    @property
    def steps(self) -> list[str]:
        """What to do, where the rule says something."""
        return [self.management] if self.management else []

    @property
    def because(self) -> str:
        """What meets what, and how; and what somebody answered before."""
        return " ".join(filter(None, (self._met, self.mechanism, self.before.words if self.before else "")))

    @property
    def sources(self) -> str:
        """Who says so, and in which edition of the knowledge."""
        sources = "; ".join((self.source, *self.also))
        return _("%(sources)s; knowledge %(version)s", sources=sources, version=self.version)

    @property
    def _met(self) -> str:
        """The end of a sentence that begins with “Because”."""
        names = [
            _("%(name)s (taken already)", name=subject.name) if subject.current else subject.name
            for subject in self.subjects
        ]
        if self.allergy:
            medicines = enumerated(names)
            if self.history:
                return _(
                    "of %(medicines)s and the recorded allergy to %(allergy)s (%(history)s).",
                    medicines=medicines,
                    allergy=self.allergy,
                    history=self.history,
                )
            return _(
                "of %(medicines)s and the recorded allergy to %(allergy)s.", medicines=medicines, allergy=self.allergy
            )
        if self.fact:
            return _("of %(medicines)s and %(fact)s.", medicines=", ".join(names), fact=self.fact)
        if len(names) > 1:
            return _("of %(medicines)s together.", medicines=enumerated(names))
        return _("of %(medicines)s.", medicines=enumerated(names))


def enumerated(names: list[str]) -> str:
    """a, b and c."""
    if len(names) < 2:
        return "".join(names)
    return _("%(names)s and %(last)s", names=", ".join(names[:-1]), last=names[-1])


class SafetyReport(View):
    """What was found, and what could not be checked. No alerts means safe only where `complete` is true."""

    alerts: list[Alert] = []
    known: int = 0
    total: int = 0
    unknown: list[str] = []
    unchecked_allergies: list[str] = []
    unchecked: list[str] = []  # of medicines that are known: doses, kidneys, ages that nobody could look at
    unread: list[str] = []  # facts that are recorded and could not be read or checked
    measure: list[str] = []  # what should be measured again before a dose is reckoned with it
    allergies_asked: bool = False
    for_patient: bool = False
    version: str = ""
    failed: bool = False
    complete: bool = False

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """The coded reasons to go on, for a field."""
        return [(str(code), _(words)) for code, words in REASONS.items()]

    @property
    def interrupting(self) -> list[Alert]:
        """The alerts that stop the work until somebody answers."""
        return [alert for alert in self.alerts if alert.tier is Tier.INTERRUPTS]

    @property
    def showing(self) -> list[Alert]:
        """The alerts that are seen and stop nothing."""
        return [alert for alert in self.alerts if alert.tier is Tier.SHOWS]

    @property
    def listed(self) -> list[Alert]:
        """The alerts of little weight."""
        return [alert for alert in self.alerts if alert.tier is Tier.LISTED]

    @property
    def coverage(self) -> str:
        """How many of the medicines are known, and what was looked at."""
        known = {"known": self.known}
        if self.for_patient:
            return ngettext(
                "%(known)s of %(num)s medicine known, what is taken already included",
                "%(known)s of %(num)s medicines known, what is taken already included",
                self.total,
                **known,
            )
        return ngettext(
            "%(known)s of %(num)s medicine known, "
            "no patient chosen: allergies and medicines already taken were not looked at",
            "%(known)s of %(num)s medicines known, "
            "no patient chosen: allergies and medicines already taken were not looked at",
            self.total,
            **known,
        )

    @property
    def not_asked(self) -> bool:
        """A patient was named, and nobody has asked about allergies."""
        return self.for_patient and not self.allergies_asked

    @property
    def quiet(self) -> bool:
        """Something was asked about, and nothing is warned of."""
        return self.total > 0 and not self.alerts

    @property
    def empty(self) -> bool:
        """Nothing was asked about."""
        return not self.total and not self.failed

    @property
    def nothing_against(self) -> str:
        """What to say where nothing speaks against it, and how far that goes."""
        if self.for_patient and self.unchecked:
            return ngettext(
                "Nothing known speaks against this medicine for this patient, as far as it could be checked.",
                "Nothing known speaks against these medicines together for this patient, "
                "as far as it could be checked.",
                self.total,
            )
        if self.for_patient:
            return ngettext(
                "Nothing known speaks against this medicine for this patient.",
                "Nothing known speaks against these medicines together for this patient.",
                self.total,
            )
        if self.unchecked:
            return ngettext(
                "Nothing known speaks against this medicine, as far as it could be checked.",
                "Nothing known speaks against these medicines together, as far as it could be checked.",
                self.total,
            )
        return ngettext(
            "Nothing known speaks against this medicine.",
            "Nothing known speaks against these medicines together.",
            self.total,
        )

    @property
    def tone(self) -> str:
        """In which that is said: not as fine where something could not be checked."""
        return "info" if self.unchecked or self.measure else "ok"


class InteractionsDraft(Draft):
    """Medicines by name, barcode or id, as many as wished, and perhaps for whom."""

    medicines: list[str] = Field(default_factory=list, max_length=40)
    text: str = Field("", max_length=4000, description="Medicines, one on each line")
    patient_id: UUID | None = None

    @property
    def written(self) -> list[str]:
        return [line.strip() for line in [*self.medicines, *self.text.splitlines()] if line.strip()][:40]


class Checked(SafetyReport):
    """A report with what was perhaps meant by names that are not known."""

    suggestions: dict[str, list[str]] = {}
    banner: BannerView | None = Field(None, exclude=True)
    written: str = Field("", exclude=True)  # as it was asked, line by line

    @property
    def meant(self) -> list[tuple[str, list[str]]]:
        """Lines that are not known, each with names that are."""
        return [(line, names) for line, names in self.suggestions.items() if names]

    @property
    def patient_id(self) -> UUID | None:
        return self.banner.id if self.banner else None

    @property
    def patient_name(self) -> str:
        return f"{self.banner.family}, {self.banner.given}" if self.banner else ""
