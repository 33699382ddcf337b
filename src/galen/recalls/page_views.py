"""What the pages of recalls are given to show."""

from dataclasses import dataclass, field
from uuid import UUID

from galen.core.schemas import Slice
from galen.i18n import N_, label
from galen.i18n import gettext as _
from galen.medicines import Product
from galen.patients import BannerView, Patient

from .models import (
    MEANINGS,
    ContactState,
    ContactWay,
    Recall,
    RecallCall,
    RecallClass,
    RecallContact,
    RecallDepth,
    RecallMatch,
    RecallReturn,
    ReturnFate,
)
from .schemas import (
    BagLine,
    NoticeProposal,
    PlaceLine,
    RecallFigures,
    RecallTransferLine,
    RecipientLine,
    SoldLine,
    SourceLine,
)

FIGURE_WORDS = {
    "patients": N_("Patients who received it"),
    "reached": N_("Reached"),
    "percent": N_("Reached, in percent"),
    "unreachable": N_("Cannot be reached"),
    "sent": N_("Sent a message, no answer"),
    "failed": N_("Message did not arrive"),
    "given": N_("Units with patients"),
    "returned": N_("Units brought back"),
    "on_shelf": N_("Units blocked on the shelf"),
    "destroyed": N_("Units destroyed"),
}


@dataclass(frozen=True, slots=True)
class RecallLine:
    """One recall in a list, with how far its patients are."""

    recall: Recall
    patients: int
    reached: int
    undecided: int


@dataclass(frozen=True, slots=True)
class RecallList:
    slice: Slice[Recall]
    lines: list[RecallLine]
    status: str


@dataclass(frozen=True, slots=True)
class RecallForm:
    """The form of a new recall, of a medicine when one comes from its page."""

    products: list[Product] = field(default_factory=list)

    @property
    def meant(self) -> list[tuple[UUID, str]]:
        return [(product.id, product.label) for product in self.products]

    @property
    def class_options(self) -> list[tuple[str, str]]:
        return [(kind.value, kind.words) for kind in RecallClass]

    @property
    def depth_options(self) -> list[tuple[str, str]]:
        return [(kind.value, kind.words) for kind in RecallDepth]


@dataclass(frozen=True, slots=True)
class NoticesPage:
    """Notices that were read, what may concern us first."""

    proposals: list[NoticeProposal] = field(default_factory=list)
    count: int = 0
    ours: int = 0
    form: RecallForm = field(default_factory=RecallForm)

    @property
    def single(self) -> bool:
        """The form of a recall is shown for one notice at a time."""
        return self.count == 1

    @property
    def more(self) -> bool:
        return self.count > len(self.proposals)


@dataclass(frozen=True, slots=True)
class RecallPage:
    """One recall as it stands: figures, matches, and where its batches went."""

    recall: Recall
    products: list[Product]
    figures: RecallFigures
    matches: list[RecallMatch]
    places: list[PlaceLine]
    bags: list[BagLine]
    transfers: list[RecallTransferLine]
    sources: list[SourceLine]
    sales: list[SoldLine]
    recipients: list[RecipientLine]
    more: bool  # than these received some of it

    @property
    def undecided(self) -> int:
        return sum(match.undecided for match in self.matches)

    @property
    def to_block(self) -> bool:
        """Whether something that is meant is not blocked yet."""
        return self.recall.draft or any(not match.blocked and not match.undecided for match in self.meant)

    @property
    def meant(self) -> list[RecallMatch]:
        return [match for match in self.matches if match.answer.value == "confirmed"]

    @property
    def product_names(self) -> str:
        return "; ".join(product.label for product in self.products)

    @property
    def frozen(self) -> list[tuple[str, object]]:
        """The figures that were signed, in words."""
        kept = self.recall.figures or {}
        return [
            (_(words), str(kept.get(name, ""))) for name, words in FIGURE_WORDS.items() if kept.get(name) is not None
        ]

    @property
    def meanings(self) -> list[tuple[str, str]]:
        return [(meaning, _(meaning)) for meaning in MEANINGS]

    @property
    def percent(self) -> str:
        return _("nobody to tell") if self.figures.percent is None else f"{self.figures.percent} %"


@dataclass(frozen=True, slots=True)
class MatchesPage:
    recall: Recall
    matches: list[RecallMatch]

    @property
    def undecided(self) -> int:
        return sum(match.undecided for match in self.matches)


@dataclass(frozen=True, slots=True)
class ContactsPage:
    """The work list: whom to call, who is reached."""

    recall: Recall
    slice: Slice[RecallContact]
    figures: RecallFigures
    state: str
    q: str

    @property
    def states(self) -> list[tuple[str, str]]:
        return [("left", _("Still to reach")), *((state.value, state.word) for state in ContactState)]


@dataclass(frozen=True, slots=True)
class ContactPage:
    """One patient of a recall: what they have, how they were told, what they brought back."""

    recall: Recall
    contact: RecallContact
    banner: BannerView
    patient: Patient
    given: list[tuple[Product, UUID, str]]
    calls: list[RecallCall]
    returns: list[RecallReturn]

    @property
    def patient_id(self) -> UUID:
        return self.contact.patient_id

    @property
    def ways(self) -> list[tuple[str, str]]:
        return [(way.value, label(way).capitalize()) for way in (ContactWay.CALL, ContactWay.VISIT, ContactWay.LETTER)]

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        return [
            ("reached", _("Reached: they know")),
            ("no answer", _("No answer: try again")),
            ("unreachable", _("Cannot be reached")),
        ]

    @property
    def fates(self) -> list[tuple[str, str]]:
        return [(fate.value, label(fate).capitalize()) for fate in ReturnFate]

    @property
    def batches(self) -> list[tuple[str, str]]:
        return [(str(batch_id), f"{product.name}, {number}") for product, batch_id, number in self.given]
