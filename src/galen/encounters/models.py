"""Records of a visit: measurements, diagnoses and notes, and the codes of diagnoses."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Computed, Index, UniqueConstraint, and_, or_, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.actor import Actor
from galen.core.record import SHARED, Record, check, link, quantity, ref
from galen.core.state import State
from galen.patients import possible_at
from galen.scheduling import Practitioner


class IcdCode(Record):
    """One code of ICD-10-CM (NCHS), shared by all. `place` is the order: diagnoses before groups, short before long."""

    __table_args__ = (
        Index("icd_code_words_idx", "words", postgresql_using="gin"),
        Index("icd_code_prefix_idx", text('code COLLATE "C"')),
        {"schema": SHARED},
    )
    audited, open_to = False, "everyone"

    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    billable: Mapped[bool]
    place: Mapped[int] = mapped_column(unique=True)
    search: Mapped[str]  # title and the terms it includes, folded
    words: Mapped[Any] = mapped_column(TSVECTOR, Computed("to_tsvector('simple', search)", persisted=True))


class VisitStatus(State):
    OPEN = "open", "completed cancelled"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Visit(Record):
    """A patient with a doctor, from entering the room to the end. Complete, it is sealed.

    One that took place elsewhere, and came with an import, names where and with whom instead of our doctor and site.
    """

    editable_in = {VisitStatus.OPEN}
    __table_args__ = (
        check("elsewhere <> '' OR (practitioner_id IS NOT NULL AND site_id IS NOT NULL)", "place"),
        check(f"{possible_at('started_at')} AND {possible_at('ended_at')}", "times"),
        Index("visit_token_key", "token_id", unique=True, postgresql_where=text("status <> 'cancelled'")),
        Index("visit_appointment_key", "appointment_id", unique=True, postgresql_where=text("status <> 'cancelled'")),
    )

    patient_id: Mapped[UUID] = ref("patient")
    practitioner_id: Mapped[UUID] = ref("practitioner", nullable=True)  # none only elsewhere
    site_id: Mapped[UUID] = ref("site", nullable=True, index=False)
    elsewhere: Mapped[str] = mapped_column(default="", server_default="")
    appointment_id: Mapped[UUID | None] = ref("appointment", nullable=True, index=False)
    token_id: Mapped[UUID | None] = ref("token", nullable=True, index=False)
    status: Mapped[VisitStatus] = mapped_column(default=VisitStatus.OPEN)
    reason: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]

    practitioner: Mapped[Practitioner] = link()


class Kept(State):
    """What was written stays; what was wrong is marked, not removed."""

    RECORDED = "recorded", "entered_in_error"
    ENTERED_IN_ERROR = "entered_in_error"


class Vitals(Record):
    """One set of measurements in /min, mmHg, °C, %, kg, cm and µmol/L, with what was flagged at that age."""

    editable_in = set()
    open_fields = (
        "visit_id", "confirmed_at", "confirmed_by", "confirmed_because", "struck_at", "struck_by",
    )  # fmt: skip
    __table_args__ = (
        Index("vitals_patient_id_taken_at_idx", "patient_id", "taken_at"),
        check("diastolic < systolic", "pressures"),
        check("(confirmed_at IS NULL) = (confirmed_by = '')", "confirmed"),
        check("struck_at IS NULL OR status = 'entered_in_error'", "struck"),
        check(possible_at("taken_at"), "taken_at"),
    )

    patient_id: Mapped[UUID] = ref("patient", index=False)
    visit_id: Mapped[UUID | None] = ref("visit", nullable=True)
    site_id: Mapped[UUID | None] = ref("site", nullable=True, index=False)  # measured there before the visit began
    taken_at: Mapped[datetime]
    by_name: Mapped[str] = mapped_column(default="")
    heart_rate: Mapped[Decimal | None] = quantity()
    breathing_rate: Mapped[Decimal | None] = quantity()
    systolic: Mapped[Decimal | None] = quantity()
    diastolic: Mapped[Decimal | None] = quantity()
    temperature: Mapped[Decimal | None] = quantity()
    oxygen: Mapped[Decimal | None] = quantity()
    weight: Mapped[Decimal | None] = quantity()
    height: Mapped[Decimal | None] = quantity()
    creatinine: Mapped[Decimal | None] = quantity()
    bmi: Mapped[Decimal | None] = quantity()  # kg/m², from this weight and the last known height
    egfr: Mapped[Decimal | None] = quantity()  # mL/min/1.73 m² (CKD-EPI 2021)
    flags: Mapped[dict[str, Any]] = mapped_column(default=dict)  # measure: low, high, critical_low, critical_high
    doubts: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # measure: what would be usual
    confirmed_at: Mapped[datetime | None]  # what was hard to believe was measured again
    confirmed_by: Mapped[str] = mapped_column(default="", server_default="")
    confirmed_because: Mapped[str] = mapped_column(default="", server_default="")
    status: Mapped[Kept] = mapped_column(default=Kept.RECORDED)
    struck_at: Mapped[datetime | None]
    struck_by: Mapped[str] = mapped_column(default="", server_default="")

    @property
    def struck(self) -> bool:
        """It was entered in error."""
        return self.status is Kept.ENTERED_IN_ERROR

    @classmethod
    def believed(cls, measure: str) -> ColumnElement[bool]:
        """Recorded, and either never in doubt or confirmed: what doses, indices and later values are reckoned with."""
        sure = or_(~cls.doubts.has_key(measure), cls.confirmed_at.is_not(None))
        return and_(cls.status == Kept.RECORDED, getattr(cls, measure).is_not(None), sure)


class Diagnosis(Record):
    """What the doctor found, as a code of ICD-10-CM with its title as it stood that day."""

    editable_in = set()
    open_fields = ("struck_at", "struck_by")
    __table_args__ = (check("struck_at IS NULL OR status = 'entered_in_error'", "struck"),)

    patient_id: Mapped[UUID] = ref("patient")
    visit_id: Mapped[UUID] = ref("visit")
    code: Mapped[str]
    title: Mapped[str]
    remark: Mapped[str] = mapped_column(default="")
    noted_at: Mapped[datetime]
    by_name: Mapped[str]
    status: Mapped[Kept] = mapped_column(default=Kept.RECORDED)
    struck_at: Mapped[datetime | None]
    struck_by: Mapped[str] = mapped_column(default="", server_default="")


class NoteStatus(State):
    DRAFT = "draft", "signed"
    SIGNED = "signed"


class Note(Record):
    """What the doctor wrote. Signed, it stays as it is; an amendment is a note that names the one it amends (ENC-3)."""

    editable_in = {NoteStatus.DRAFT}
    __table_args__ = (
        Index("note_draft_key", "visit_id", "author_id", unique=True, postgresql_where=text("status = 'draft'")),
        check("status <> 'signed' OR signed_at IS NOT NULL", "signed"),
    )

    patient_id: Mapped[UUID] = ref("patient")
    visit_id: Mapped[UUID] = ref("visit")
    amends_id: Mapped[UUID | None] = ref("note", nullable=True)
    author_id: Mapped[UUID]
    author_name: Mapped[str]
    text: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")  # why it was amended
    status: Mapped[NoteStatus] = mapped_column(default=NoteStatus.DRAFT)
    written_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]

    @property
    def signed(self) -> bool:
        return self.status is NoteStatus.SIGNED

    @property
    def unfinished(self) -> str:
        """What the author goes on writing: nothing once it is signed."""
        return "" if self.signed else self.text

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        seen = super().visible_to(actor)
        return and_(seen, cls.status == NoteStatus.SIGNED) if actor.kind == "patient" else seen


class NoteTemplate(Record):
    """Wording for notes: the whole organisation's, or with an owner that clinician's own (ENC-5).

    Who sees which is asked by its verbs: a criterion of the record would stand in every query that a doctor makes.
    """

    open_to = "staff"
    __table_args__ = (
        Index(
            "note_template_name_key", text("lower(name)"), text("coalesce(owner_id::text, '')"), unique=True,
            postgresql_where=text("archived_at IS NULL"),
        ),
        check("name <> '' AND text <> ''", "words"),
    )  # fmt: skip

    owner_id: Mapped[UUID | None]
    name: Mapped[str]
    text: Mapped[str]
    codes: Mapped[list[str]] = mapped_column(default=list)  # beginnings of ICD-10-CM codes for which it is offered
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
    archived_at: Mapped[datetime | None]

    @property
    def shared(self) -> bool:
        """It is offered to everybody in the organisation."""
        return self.owner_id is None


class TemplateStar(Record):
    """A template that somebody wants to find first."""

    open_to = "staff"
    __table_args__ = (UniqueConstraint("account_id", "template_id"),)

    account_id: Mapped[UUID]
    template_id: Mapped[UUID] = ref("note_template")
