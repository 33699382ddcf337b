"""What is kept of a supply: its lines, the batches given, and how this organisation dispenses."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Enum as Choice
from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from galen.billing import Invoice
from galen.core.audit import APPEND_ONLY
from galen.core.record import Record, check, ddl, link, parts, quantity, ref
from galen.core.state import State
from galen.i18n import gettext as _
from galen.patients import Patient
from galen.prescribing import Prescription
from galen.values.units import counted, plain

from .interventions import WaitsFor
from .rules import PRICE_STEP


class DispensingStatus(State):
    """Undone before hand-over, a dispensing is verified as before; reversed afterwards, it has ended.

    Asked: the prescriber answers first. Sent back: the same, and the pharmacy will not dispense it as it is.
    """

    WAITING = "waiting", "verified held asked sent_back refused cancelled"
    HELD = "held", "waiting asked sent_back refused cancelled"
    ASKED = "asked", "waiting sent_back refused cancelled"
    SENT_BACK = "sent_back", "waiting refused cancelled"
    VERIFIED = "verified", "verified dispensed waiting held asked sent_back refused cancelled"
    DISPENSED = "dispensed", "collected verified reversed"
    COLLECTED = "collected", "reversed"
    REVERSED = "reversed"
    REFUSED = "refused", "waiting cancelled"
    CANCELLED = "cancelled"

    @property
    def stage(self) -> str:
        """What the pharmacy calls it, where that is another word."""
        words = {
            "dispensed": _("Ready to collect"),
            "verified": _("Verified"),
            "held": _("Held"),
            "asked": _("Prescriber asked"),
            "sent_back": _("Sent back"),
            "refused": _("Refused"),
        }
        return words.get(self.value, "")

    @property
    def tone(self) -> str:
        """The tone of what needs somebody's eye; nothing where the usual one does."""
        return {"asked": "caution", "sent_back": "caution", "refused": "danger"}.get(self.value, "")


STATUS = Choice(
    DispensingStatus,
    name="status",  # of its constraint
    native_enum=False,
    create_constraint=True,
    length=32,
    values_callable=lambda states: [state.value for state in states],
)


WITH_PRESCRIBER = (DispensingStatus.ASKED, DispensingStatus.SENT_BACK)
OPEN = (DispensingStatus.WAITING, DispensingStatus.HELD, DispensingStatus.VERIFIED, *WITH_PRESCRIBER)
SUPPLIED = (DispensingStatus.DISPENSED, DispensingStatus.COLLECTED)


class Counselling(Enum):
    GIVEN = "given"
    DECLINED = "declined"
    NOT_OFFERED = "not offered"


class CollectedBy(Enum):
    PATIENT = "patient"
    OTHER = "somebody else"


class Dispensing(Record):
    """One supply of one prescription, from the queue to the patient's hands. What is owed is a part of its own."""

    redacted = frozenset({"collector_document"})
    __table_args__ = (
        Index(
            "dispensing_supply_key",
            "prescription_id",
            "supply",
            "part",
            unique=True,
            postgresql_where=text("status NOT IN ('reversed', 'cancelled')"),
        ),
        Index("dispensing_queue_idx", "status", "queued_at"),
        check("supply >= 1 AND part >= 1", "supply"),
        check(
            "NOT two_persons OR prepared_by IS NULL OR (verified_by IS NOT NULL AND prepared_by <> verified_by)",
            "two_persons",
        ),
        check("status NOT IN ('verified', 'dispensed', 'collected') OR verified_by IS NOT NULL", "verified"),
        check(
            "status NOT IN ('dispensed', 'collected') "
            "OR (prepared_by IS NOT NULL AND dispensed_at IS NOT NULL AND site_id IS NOT NULL)",
            "dispensed",
        ),
        check("status <> 'collected' OR counselling IS NOT NULL", "counselled"),
        check(
            "status <> 'held' OR (held_because <> '' AND wake_on IS NOT NULL AND held_for IS NOT NULL)",
            "held",
        ),
        check("status <> 'collected' OR collected_by IS NOT NULL", "collected_by"),
        check("collected_by IS NULL OR collected_by <> 'somebody else' OR collector <> ''", "named"),
        check("status <> 'collected' OR NOT controlled OR (collector <> '' AND collector_document <> '')", "collector"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    prescription_id: Mapped[UUID] = ref("prescription")
    patient_id: Mapped[UUID] = ref("patient")
    site_id: Mapped[UUID | None] = ref("site", nullable=True)  # the pharmacy that took it; before that, any may
    supply: Mapped[int]  # 1 is the original, 2 the first repeat
    part: Mapped[int] = mapped_column(default=1)  # 2 and above: what was owed
    last: Mapped[bool] = mapped_column(default=False)  # no repeats are left after it
    round: Mapped[int] = mapped_column(default=1)  # 2 and above: dispensed again after it was undone
    owes_id: Mapped[UUID | None] = ref("dispensing", nullable=True)  # the part in which it fell short
    status: Mapped[DispensingStatus] = mapped_column(STATUS, default=DispensingStatus.WAITING)
    queued_at: Mapped[datetime]
    controlled: Mapped[bool] = mapped_column(default=False)
    two_persons: Mapped[bool] = mapped_column(default=False)  # who verifies may not be who prepares
    packs_needed: Mapped[bool] = mapped_column(
        default=False
    )  # it was dispensed where every line is confirmed by a scan
    taken_by: Mapped[UUID | None]
    taken_name: Mapped[str] = mapped_column(default="")
    taken_at: Mapped[datetime | None]
    verified_by: Mapped[UUID | None]
    verified_name: Mapped[str] = mapped_column(default="")
    verified_at: Mapped[datetime | None]
    answers: Mapped[list[dict[str, Any]]] = mapped_column(
        default=list
    )  # why the pharmacist went on, warning by warning
    knowledge: Mapped[str] = mapped_column(default="")  # version of the safety knowledge that was asked
    prepared_by: Mapped[UUID | None]
    prepared_name: Mapped[str] = mapped_column(default="")
    dispensed_at: Mapped[datetime | None]
    invoice_id: Mapped[UUID | None] = ref("invoice", nullable=True, index=False)
    labelled: Mapped[int] = mapped_column(default=0)  # how often its labels were printed since it was dispensed
    held_because: Mapped[str] = mapped_column(default="")
    held_for: Mapped[WaitsFor | None]
    wake_on: Mapped[date | None]
    collected_at: Mapped[datetime | None]
    handed_by: Mapped[str] = mapped_column(default="")
    collected_by: Mapped[CollectedBy | None]
    collector: Mapped[str] = mapped_column(default="")
    collector_document: Mapped[str] = mapped_column(default="")
    counselling: Mapped[Counselling | None]
    counselling_note: Mapped[str] = mapped_column(default="")
    ended_because: Mapped[str] = mapped_column(default="")

    patient: Mapped[Patient] = link()
    prescription: Mapped[Prescription] = link()
    invoice: Mapped[Invoice | None] = link()
    lines: Mapped[list["DispensingLine"]] = parts(back_populates="dispensing", order_by="DispensingLine.position")
    items: Mapped[list["DispensedItem"]] = parts(back_populates="dispensing", order_by="DispensedItem.position")

    @property
    def medicines(self) -> str:
        """What it is about, in one line."""
        return "; ".join(line.drug for line in self.lines)

    @property
    def wanted(self) -> list["DispensingLine"]:
        """The lines that the pharmacy has not refused."""
        return [line for line in self.lines if not line.refused]

    @property
    def given(self) -> list["DispensedItem"]:
        """What was taken from the shelf, without what was undone."""
        return [item for item in self.items if item.round == self.round]

    @property
    def owed(self) -> list["DispensingLine"]:
        """The lines that fell short."""
        return [line for line in self.lines if line.owed] if self.status in SUPPLIED else []

    def given_of(self, line: "DispensingLine") -> list["DispensedItem"]:
        """What was taken from the shelf for one line."""
        return [item for item in self.given if item.dispensing_line_id == line.id]

    @property
    def of(self) -> str:
        """Original, repeat 2, and which part of it."""
        if self.supply == 1:
            return _("Original, owed part") if self.part > 1 else _("Original")
        number = self.supply - 1
        if self.part > 1:
            return _("Repeat %(number)s, owed part", number=number)
        return _("Repeat %(number)s", number=number)

    @property
    def open(self) -> bool:
        """There is still work to do before it is dispensed."""
        return self.status in OPEN

    @property
    def waiting(self) -> bool:
        """A pharmacist has to verify it."""
        return self.status is DispensingStatus.WAITING

    @property
    def ready(self) -> bool:
        """Verified: it can be dispensed."""
        return self.status is DispensingStatus.VERIFIED

    @property
    def held(self) -> bool:
        """Put aside until its day."""
        return self.status is DispensingStatus.HELD

    @property
    def with_prescriber(self) -> bool:
        """It waits for the prescriber's answer."""
        return self.status in WITH_PRESCRIBER

    @property
    def refused(self) -> bool:
        """The pharmacy does not dispense it."""
        return self.status is DispensingStatus.REFUSED

    @property
    def supplied(self) -> bool:
        """It was taken from the shelf, and that stands."""
        return self.status in SUPPLIED

    @property
    def to_collect(self) -> bool:
        """Ready for the patient."""
        return self.status is DispensingStatus.DISPENSED

    @property
    def collected(self) -> bool:
        """The patient has it."""
        return self.status is DispensingStatus.COLLECTED

    @property
    def left_the_shelf(self) -> bool:
        """It was dispensed, whatever became of it."""
        return self.supplied or self.status is DispensingStatus.REVERSED

    @property
    def ended_words(self) -> str:
        """Why it ended; a reason that Galen gave, in the reader's language."""
        return _(self.ended_because) if self.ended_because else ""


class DispensingLine(Record):
    """One medicine of a supply: what is to be given this time, and what was."""

    part_of = "dispensing"
    __table_args__ = (
        check("quantity > 0", "quantity"),
        check("supplied BETWEEN 0 AND quantity", "supplied"),
        check("NOT refused OR supplied = 0", "refused"),
    )

    dispensing_id: Mapped[UUID] = ref("dispensing")
    line_id: Mapped[UUID] = ref("line", index=False)  # of the prescription
    position: Mapped[int]
    product_id: Mapped[UUID] = ref("product")
    drug: Mapped[str]
    directions: Mapped[str]
    quantity: Mapped[Decimal] = quantity()
    unit: Mapped[str] = mapped_column(default="")
    days: Mapped[int | None]  # how long the quantity lasts
    substituted: Mapped[bool] = mapped_column(default=False)  # another brand than the one prescribed
    refused: Mapped[bool] = mapped_column(default=False)  # by the pharmacy: not given, not owed
    supplied: Mapped[Decimal] = mapped_column(default=Decimal(0))
    unit_price: Mapped[Decimal | None]  # that of the first part holds for what was owed

    dispensing: Mapped[Dispensing] = link(back_populates="lines")

    @property
    def owed(self) -> Decimal:
        """What is still to come, in units."""
        return Decimal(0) if self.refused else self.quantity - self.supplied

    def count(self, number: Decimal) -> str:
        """So many of its units, in words."""
        return counted(number, self.unit)

    @property
    def amount(self) -> str:
        """What is to be given: 21 capsules."""
        return counted(self.quantity, self.unit)

    @property
    def given(self) -> str:
        """What was given: 16 tablets."""
        return counted(self.supplied, self.unit)

    @property
    def owing(self) -> str:
        """What is still to come: 14 tablets; nothing when nothing is."""
        return counted(self.owed, self.unit) if self.owed else ""

    def price(self, now: Decimal) -> Decimal:
        """The price of one unit: the one agreed when it was first dispensed, else today's."""
        return (now if self.unit_price is None else self.unit_price).quantize(PRICE_STEP)


class DispensedItem(Record):
    """So many units of one batch for one patient: what a recall looks for. Never changed.

    It is with the patient when its round is the dispensing's own and that has been collected.
    """

    append_only = True
    __table_args__ = (check("quantity > 0", "quantity"),)

    dispensing_id: Mapped[UUID] = ref("dispensing")
    round: Mapped[int]
    position: Mapped[int]  # as it was taken from the shelf
    dispensing_line_id: Mapped[UUID] = ref("dispensing_line", index=False)
    patient_id: Mapped[UUID] = ref("patient")
    product_id: Mapped[UUID] = ref("product", index=False)
    batch_id: Mapped[UUID] = ref("batch")
    batch: Mapped[str]
    expires: Mapped[date | None]
    quantity: Mapped[Decimal] = quantity()
    short_dated: Mapped[bool] = mapped_column(default=False)  # expires before the course ends

    dispensing: Mapped[Dispensing] = link(back_populates="items")


ddl(DispensedItem, APPEND_ONLY.format(table="dispensed_item"))


class PackRule(Enum):
    """Where no line goes out before its pack was scanned, or a reason was given why not."""

    NEVER = "never"
    DESK = "at the workstation"  # not for programs, which may have scanned in their own way
    ALWAYS = "always"


class DispensingPolicy(Record):
    """How this organisation dispenses: one row, made when it is first changed. Patients read when a refill is due."""

    open_to = "everyone"
    __table_args__ = (
        check("one", "one"),
        check("refill_at > 0 AND refill_at <= 1 AND refill_controlled_at > 0 AND refill_controlled_at <= 1", "refill"),
        check("answer_hours > 0 AND look_back_days >= 0", "terms"),
        check("refill_ahead >= 0 AND refill_apart > 0 AND refill_look_back BETWEEN 0 AND 730", "refill_days"),
        check("remind_days BETWEEN 1 AND collect_days AND collect_days <= 180", "collect_days"),
    )

    one: Mapped[bool] = mapped_column(default=True, unique=True)
    two_persons_always: Mapped[bool] = mapped_column(default=False)  # not only for controlled medicines
    two_persons_schedules: Mapped[str] = mapped_column(default="")  # of these, too: "S4, S3"
    pack_rule: Mapped[PackRule] = mapped_column(default=PackRule.DESK)
    refill_at: Mapped[Decimal] = mapped_column(default=Decimal("0.80"))  # the share of the last supply to be used up
    refill_controlled_at: Mapped[Decimal] = mapped_column(default=Decimal("0.85"))
    refill_controlled_strict: Mapped[bool] = mapped_column(default=True)  # a repeat before its day: no reason helps
    refill_ahead: Mapped[int | None]  # at most so many days before everything supplied runs out
    refill_apart: Mapped[int | None]  # least days between two supplies
    refill_look_back: Mapped[int] = mapped_column(default=180)  # days in which early supplies add up
    remind_days: Mapped[int] = mapped_column(default=3)  # a bag that waits: when its patient is reminded
    collect_days: Mapped[int] = mapped_column(default=10)  # and how long it waits in all
    resale_of_returns: Mapped[bool] = mapped_column(default=False)  # what never left our hands may be sold again
    answer_hours: Mapped[int] = mapped_column(default=24)  # after which a question to a prescriber is overdue
    look_back_days: Mapped[int] = mapped_column(default=14)  # the same medicine counts as given twice; 0: never

    def wants_two(self, schedules: Iterable[str]) -> bool:
        """Whether who verifies such medicines may not be who prepares them, controlled or not."""
        named = {schedule.strip().upper() for schedule in self.two_persons_schedules.split(",")} - {""}
        return self.two_persons_always or not named.isdisjoint(schedules)

    @property
    def refill_percent(self) -> str:
        return plain(self.refill_at * 100)

    @property
    def refill_controlled_percent(self) -> str:
        return plain(self.refill_controlled_at * 100)
