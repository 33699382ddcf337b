"""What is kept of a prescription: its lines, its signature, and the warnings that were answered."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, Index, and_
from sqlalchemy import Enum as Choice
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.actor import Actor
from galen.core.record import Record, check, link, parts, quantity, ref
from galen.core.state import State
from galen.i18n import gettext as _
from galen.i18n import ngettext
from galen.safety import NOT_CHECKED, REASONS, SafetyReport
from galen.scheduling import Practitioner
from galen.values.units import counted


class PrescriptionStatus(State):
    """Supplied and brought back again, a prescription may be open once more."""

    DRAFT = "draft", "signed cancelled"
    SIGNED = "signed", "partly_dispensed dispensed cancelled expired"
    PARTLY_DISPENSED = "partly_dispensed", "partly_dispensed signed dispensed cancelled expired"
    DISPENSED = "dispensed", "signed partly_dispensed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


STATUS = Choice(
    PrescriptionStatus,
    name="status",  # of its constraint
    native_enum=False,
    create_constraint=True,
    length=32,
    values_callable=lambda states: [state.value for state in states],
)


class Meaning(Enum):
    """What a signature says (21 CFR 11.50)."""

    AUTHORSHIP = "authorship"
    RESPONSIBILITY = "responsibility"


class Reason(Enum):
    """Why an alert that interrupts was not followed: the codes of `safety`, and one for what was not checked."""

    BENEFIT = "benefit"
    TOLERATED = "tolerated"
    DOSE = "dose"
    MONITORING = "monitoring"
    APART = "apart"
    DOUBTFUL = "doubtful"
    OTHER = "other"
    ACKNOWLEDGED = "acknowledged"

    @property
    def words(self) -> str:
        """The reason as a person reads it."""
        return _(REASONS.get(self.value, NOT_CHECKED))


class Prescription(Record):
    """One or more medicines for one person, sealed by the prescriber's signature."""

    editable_in = {PrescriptionStatus.DRAFT}
    open_fields = ("printed", "cancelled_at", "cancelled_by", "cancelled_because")
    __table_args__ = (
        Index("prescription_status_written_at_idx", "status", "written_at"),
        check("status IN ('draft', 'cancelled') OR (content_hash <> '' AND signed_at IS NOT NULL)", "signed"),
        check("signer_id IS NULL OR signer_id = prescriber_id", "own_signature"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    patient_id: Mapped[UUID] = ref("patient")
    practitioner_id: Mapped[UUID] = ref("practitioner")
    prescriber_id: Mapped[UUID] = mapped_column(index=True)  # the account that drafted it, and alone may sign it
    site_id: Mapped[UUID | None] = ref("site", nullable=True, index=False)
    visit_id: Mapped[UUID | None] = ref("visit", nullable=True)
    origin_id: Mapped[UUID | None] = ref("prescription", nullable=True, index=False)  # the one it renews
    status: Mapped[PrescriptionStatus] = mapped_column(STATUS, default=PrescriptionStatus.DRAFT)
    written_at: Mapped[datetime]
    remark: Mapped[str] = mapped_column(default="")
    not_before: Mapped[date | None]  # do not fill before this day
    valid_until: Mapped[date | None]  # the last day on which it may be supplied
    knowledge: Mapped[str] = mapped_column(default="")  # version of the safety knowledge that was asked at signing
    for_whom: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the patient as named on the day of signing
    by_whom: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the prescriber, with the country's identifiers
    signer_id: Mapped[UUID | None]
    signer_name: Mapped[str] = mapped_column(default="")
    signed_at: Mapped[datetime | None]
    meaning: Mapped[Meaning | None]
    content_hash: Mapped[str] = mapped_column(default="")  # SHA-256 over the exact signed content, hexadecimal
    signature: Mapped[bytes | None] = mapped_column(BYTEA)  # Ed25519 over that hash, by the organisation's key
    printed: Mapped[int] = mapped_column(default=0)
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[str] = mapped_column(default="")
    cancelled_because: Mapped[str] = mapped_column(default="")

    lines: Mapped[list["Line"]] = parts(back_populates="prescription", order_by="Line.position")
    overrides: Mapped[list["Override"]] = parts(back_populates="prescription", order_by="Override.id")
    practitioner: Mapped[Practitioner] = link()
    if TYPE_CHECKING:
        report: SafetyReport | None  # what the safety check said when it was last asked; not kept
    else:
        report = None

    @property
    def draft(self) -> bool:
        """Not signed yet, and not given up."""
        return self.status is PrescriptionStatus.DRAFT

    @property
    def cancelled(self) -> bool:
        """Withdrawn by its prescriber."""
        return self.status is PrescriptionStatus.CANCELLED

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        seen = super().visible_to(actor)
        return and_(seen, cls.status != PrescriptionStatus.DRAFT) if actor.kind == "patient" else seen


class Line(Record):
    """One medicine: what, how to take it, how much, how often again."""

    part_of = "prescription"
    __table_args__ = (
        check("quantity > 0", "quantity"),
        check("repeats >= 0", "repeats"),
    )

    prescription_id: Mapped[UUID] = ref("prescription")
    position: Mapped[int]
    product_id: Mapped[UUID] = ref("product")
    drug: Mapped[str]  # name, strength and form as they stood when it was written
    schedule: Mapped[str] = mapped_column(default="")  # the country's poison schedule: S4, S8, CII …
    typed: Mapped[str]  # as the prescriber wrote it: "1 tab bd pc"
    directions: Mapped[str]  # what the patient reads
    dose: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the same, structured
    quantity: Mapped[Decimal] = quantity()
    unit: Mapped[str] = mapped_column(default="")
    repeats: Mapped[int] = mapped_column(default=0)
    interval_days: Mapped[int | None]  # least days between two supplies
    substitution: Mapped[bool] = mapped_column(default=True)  # another brand may be supplied
    indication: Mapped[str] = mapped_column(default="")

    prescription: Mapped[Prescription] = link(back_populates="lines")

    @property
    def supply(self) -> str:
        """How much, as people say it."""
        return counted(self.quantity, self.unit)

    @property
    def again(self) -> str:
        """How often it may be supplied again, and how far apart."""
        if not self.repeats:
            return _("no repeats")
        if not self.interval_days:
            return ngettext("%(num)s repeat", "%(num)s repeats", self.repeats)
        return ngettext(
            "%(num)s repeat, at least %(days)s days apart",
            "%(num)s repeats, at least %(days)s days apart",
            self.repeats,
            days=self.interval_days,
        )


class Override(Record):
    """An alert that the prescriber saw and did not follow, and why (SAF-5). Shown again at dispensing."""

    part_of = "prescription"

    prescription_id: Mapped[UUID] = ref("prescription")
    key: Mapped[str]
    severity: Mapped[str]
    effect: Mapped[str]
    reason: Mapped[Reason]
    comment: Mapped[str] = mapped_column(default="")
    by_id: Mapped[UUID]
    by_name: Mapped[str]
    at: Mapped[datetime]

    prescription: Mapped[Prescription] = link(back_populates="overrides")

    @property
    def warning(self) -> str:
        """What was warned of, in the reader's language where Galen knows the sentence; kept in English."""
        return _(self.effect) if self.effect else ""
