"""Records of a person: who they are, what must be known before treating them, who pays."""

from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.actor import Actor
from galen.core.record import Record, check, ddl, link, parts, ref
from galen.core.state import State

from .days import possible
from .rules import Birth

# Entries are put in at once: a search would have to read through those that wait.
GIN: dict[str, Any] = {"postgresql_using": "gin", "postgresql_with": {"fastupdate": "off"}}


class Sex(Enum):
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class AllergyState(Enum):
    """Known, none known, and not asked are three different things."""

    NOT_ASKED = "not asked"
    NONE_KNOWN = "none known"
    KNOWN = "known"


class Patient(Record):
    """A person under care. Opening one is audited."""

    sensitive = True
    redacted = frozenset({"words", "pieces"})  # made from what stands there anyway
    __table_args__ = (
        Index("patient_search_idx", text('search COLLATE "C"')),
        Index("patient_given_search_idx", text('given_search COLLATE "C"')),
        Index("patient_pieces_idx", text("string_to_array(pieces, ' ')"), **GIN),
        check("born_known IN ('day', 'month', 'year')", "born_known"),
        check(possible("born"), "born"),
        check(f"{possible('deceased_on')} AND deceased_on >= born", "deceased_on"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    family: Mapped[str]
    given: Mapped[str] = mapped_column(default="")
    preferred: Mapped[str] = mapped_column(default="")
    former: Mapped[str] = mapped_column(default="", server_default="")  # maiden and other earlier names
    prefix: Mapped[str] = mapped_column(default="")  # Dr, Mx
    suffix: Mapped[str] = mapped_column(default="")  # Jr, III
    search: Mapped[str]  # "family given", folded
    given_search: Mapped[str]
    words: Mapped[str] = mapped_column(default="", server_default="")  # all that they are found by, and the pieces
    pieces: Mapped[str] = mapped_column(default="", server_default="")  # of it: see `keys`
    sex: Mapped[Sex] = mapped_column(default=Sex.UNKNOWN)  # of the body: what doses and warnings look at
    gender: Mapped[str] = mapped_column(default="")  # in the person's words, where it is another
    born: Mapped[date | None] = mapped_column(index=True)  # the earliest day it can have been
    born_known: Mapped[str] = mapped_column(default="day")  # day, month or year
    phone: Mapped[str] = mapped_column(default="")
    phone_e164: Mapped[str | None] = mapped_column(index=True)
    email: Mapped[str] = mapped_column(default="")
    street: Mapped[str] = mapped_column(default="")
    suburb: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="en")
    label_large: Mapped[bool] = mapped_column(default=False)
    contact: Mapped[dict[str, Any]] = mapped_column(default=dict)  # channel: allowed; one not named was not asked
    telecoms: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # further numbers and addresses: `Telecom`
    contact_persons: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # relatives and carers: `ContactPerson`
    allergy_state: Mapped[AllergyState] = mapped_column(default=AllergyState.NOT_ASKED)
    deceased_on: Mapped[date | None]
    archived_at: Mapped[datetime | None]
    registered_at: Mapped[datetime]

    allergies: Mapped[list["Allergy"]] = parts(back_populates="patient", order_by="Allergy.id")

    @property
    def name(self) -> str:
        """FAMILY, Given: as it stands on every page about a person."""
        return ", ".join(filter(None, (self.family.upper(), self.given)))

    @property
    def spoken_name(self) -> str:
        return " ".join(filter(None, (self.preferred or self.given, self.family)))

    @property
    def birth(self) -> Birth | None:
        """The date of birth, as exactly as it is known."""
        if self.born is None:
            return None
        return Birth.known_to(self.born, self.born_known)

    @property
    def has_no_known_allergies(self) -> bool:
        """The person was asked, and knows of none."""
        return self.allergy_state is AllergyState.NONE_KNOWN

    @property
    def allergies_not_asked(self) -> bool:
        return self.allergy_state is AllergyState.NOT_ASKED

    @property
    def initials(self) -> str:
        """For a waiting-room display: no full name."""
        return f"{self.given[:1]}. {self.family[:1]}."

    @classmethod
    def visible_to(cls, actor: Actor) -> Any:
        return cls.id == actor.patient_id if actor.kind == "patient" else super().visible_to(actor)


ddl(Patient, "CREATE SEQUENCE patient_number OWNED BY patient.number")


class Identifier(Record):
    """A number given by someone else (Medicare, IHI …): encrypted, found by its exact value only (PAT-5).

    `system` is the issuer's address where the number came from elsewhere: of kinds like `mrn` every house has its own.
    """

    sensitive = True
    redacted = frozenset({"last"})
    __table_args__ = (UniqueConstraint("patient_id", "kind"),)

    patient_id: Mapped[UUID] = ref("patient")
    kind: Mapped[str]
    system: Mapped[str] = mapped_column(default="")
    sealed: Mapped[bytes] = mapped_column(BYTEA)
    mark: Mapped[bytes] = mapped_column(BYTEA, index=True)
    last: Mapped[str] = mapped_column(index=True)  # the last four characters, for recognising it
    fault: Mapped[str] = mapped_column(default="")  # the check it does not pass, when it came from elsewhere

    @property
    def masked(self) -> str:
        return f"•••• {self.last}"


class AllergyStatus(State):
    ACTIVE = "active", "resolved entered_in_error"
    RESOLVED = "resolved", "active entered_in_error"
    ENTERED_IN_ERROR = "entered_in_error", "active resolved"  # only to undo it: see `settle_allergy`


class Allergy(Record):
    """A substance, or a class of them, that this person must not be given."""

    __allow_unmapped__ = True
    __table_args__ = (check(possible("noted_on"), "noted_on"),)
    checked_as: Any = None  # what the safety check takes it for, once asked; "" where it understands nothing of it

    patient_id: Mapped[UUID] = ref("patient")
    substance: Mapped[str]
    kind: Mapped[str] = mapped_column(default="medicine")  # medicine, food, environment, other
    code: Mapped[str] = mapped_column(default="")
    system: Mapped[str] = mapped_column(default="")
    reaction: Mapped[str] = mapped_column(default="")
    severity: Mapped[str] = mapped_column(default="")  # mild, moderate, severe, or not known
    noted_on: Mapped[date | None]
    recorded_at: Mapped[datetime | None]  # when it was written down here
    recorded_by: Mapped[str] = mapped_column(default="", server_default="")
    status: Mapped[AllergyStatus] = mapped_column(default=AllergyStatus.ACTIVE)

    patient: Mapped[Patient] = link(back_populates="allergies")

    @property
    def active(self) -> bool:
        """It counts today: neither resolved nor entered in error."""
        return self.status is AllergyStatus.ACTIVE

    @property
    def struck(self) -> bool:
        """It was entered in error."""
        return self.status is AllergyStatus.ENTERED_IN_ERROR


class Condition(Record):
    """A problem that lasts: diagnosed, perhaps over."""

    __table_args__ = (
        check("until >= since", "order"),
        check(possible("since"), "since"),
        check(possible("until"), "until"),
    )

    patient_id: Mapped[UUID] = ref("patient")
    code: Mapped[str] = mapped_column(default="")
    system: Mapped[str] = mapped_column(default="")
    text: Mapped[str]
    since: Mapped[date | None]
    until: Mapped[date | None]
    recorded_at: Mapped[datetime | None]  # when it was written down here
    entered_in_error: Mapped[bool] = mapped_column(default=False)


class CurrentMedicine(Record):
    """Something the person takes, whoever prescribed it."""

    __table_args__ = (
        check("until >= since", "order"),
        check(possible("since"), "since"),
        check(possible("until"), "until"),
    )

    patient_id: Mapped[UUID] = ref("patient")
    text: Mapped[str]
    ingredient: Mapped[str] = mapped_column(default="")
    code: Mapped[str] = mapped_column(default="")
    system: Mapped[str] = mapped_column(default="")
    directions: Mapped[str] = mapped_column(default="")
    reported: Mapped[bool] = mapped_column(default=False)  # the person says so, or somebody of theirs: nobody's order
    since: Mapped[date | None]
    until: Mapped[date | None]
    recorded_at: Mapped[datetime | None]  # when it was written down here
    reason_stopped: Mapped[str] = mapped_column(default="")
    entered_in_error: Mapped[bool] = mapped_column(default=False)


class Immunisation(Record):
    """A vaccine given."""

    __table_args__ = (check(possible("given_on"), "given_on"),)

    patient_id: Mapped[UUID] = ref("patient")
    vaccine: Mapped[str]
    code: Mapped[str] = mapped_column(default="")
    system: Mapped[str] = mapped_column(default="")
    given_on: Mapped[date | None]
    recorded_at: Mapped[datetime | None]  # when it was written down here
    batch: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="completed")


class Coverage(Record):
    """Who pays: payer, plan, member number, from when to when, in which order (PAT-4)."""

    __table_args__ = (
        check("valid_until >= valid_from", "order"),
        check(possible("valid_from"), "valid_from"),
        check(possible("valid_until"), "valid_until"),
    )

    patient_id: Mapped[UUID] = ref("patient")
    payer: Mapped[str]
    plan: Mapped[str] = mapped_column(default="")
    member: Mapped[str]
    group: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    priority: Mapped[int] = mapped_column(default=1)
    ended: Mapped[bool] = mapped_column(default=False)  # taken off the record; what it paid stays

    def valid_on(self, day: date) -> bool:
        return not self.ended and (self.valid_from or day) <= day <= (self.valid_until or day)
