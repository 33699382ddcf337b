"""Records of the calendar: who can be booked and when, and who has an appointment."""

from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Index, UniqueConstraint, false, select, text, true
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.actor import Actor
from galen.core.record import Record, amount, check, link, ref
from galen.core.state import State
from galen.organizations import Site
from galen.patients import Patient

from .rules import Pattern, Span


class Kind(Enum):
    IN_PERSON = "in_person"
    TELE = "teleconsultation"


BOOKABLE = (Kind.IN_PERSON,)
"""The kinds of visit that can take place here; hours may be kept for others already."""


class Practitioner(Record):
    """Someone patients are booked with, and the numbers under which they practise (AHPRA, HPI-I, NPI, DEA …)."""

    account_id: Mapped[UUID] = ref("account", unique=True)
    name: Mapped[str]
    specialty: Mapped[str] = mapped_column(default="General practice")
    registration: Mapped[str] = mapped_column(default="")  # AU: AHPRA, such as MED0001234567
    prescriber_number: Mapped[str] = mapped_column(default="")
    provider_number: Mapped[str] = mapped_column(default="")
    hpi_i: Mapped[str] = mapped_column(default="")
    npi: Mapped[str] = mapped_column(default="")
    dea: Mapped[str] = mapped_column(default="")
    fee_new: Mapped[Decimal | None] = amount()  # nothing: the organisation's
    fee_returning: Mapped[Decimal | None] = amount()
    active: Mapped[bool] = mapped_column(default=True)

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        return false() if actor.kind == "anonymous" else true()


class StandardFees(Record):
    """What the organisation asks for a consultation when the doctor has no fee of their own: one row."""

    open_to = "everyone"
    __table_args__ = (UniqueConstraint("sole"), check("sole", "sole"))

    sole: Mapped[bool] = mapped_column(default=True)
    fee_new: Mapped[Decimal] = amount()
    fee_returning: Mapped[Decimal] = amount()


class Availability(Record):
    """When someone can be booked at a site: weekly, or once on a day. Times are on the site's clock."""

    open_to = "everyone"
    __table_args__ = (
        check("(weekday IS NULL) <> (day IS NULL)", "weekly_or_once"),
        check("weekday BETWEEN 0 AND 6", "weekday"),
        check("minutes BETWEEN 1 AND 1440 AND pause BETWEEN 0 AND 1440", "minutes"),
        check("valid_until IS NULL OR valid_from IS NULL OR valid_until >= valid_from", "valid"),
    )

    practitioner_id: Mapped[UUID] = ref("practitioner")
    site_id: Mapped[UUID] = ref("site")
    weekday: Mapped[int | None]  # Monday is 0
    day: Mapped[date | None]
    start: Mapped[time]
    end: Mapped[time]  # not after the start: on the next day
    minutes: Mapped[int] = mapped_column(default=15)
    pause: Mapped[int] = mapped_column(default=0)  # minutes kept free after each slot
    kinds: Mapped[list[str]] = mapped_column(default=lambda: [kind.value for kind in Kind])
    room: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]

    def on(self, day: date) -> Pattern | None:
        """The hours of this day, if it offers any."""
        weekday = self.day.weekday() if self.day else self.weekday
        if weekday != day.weekday() or (self.day and self.day != day):
            return None
        if (self.valid_from and day < self.valid_from) or (self.valid_until and day > self.valid_until):
            return None
        return Pattern(day.weekday(), self.start, self.end, self.minutes, self.pause)

    def offers(self, days: Iterable[date]) -> bool:
        """Whether any of these days has such hours."""
        return any(self.on(day) for day in days)


class Leave(Record):
    """Time in which someone cannot be booked."""

    open_to = "everyone"
    __table_args__ = (check("ends > starts", "ends_after_start"),)

    practitioner_id: Mapped[UUID] = ref("practitioner")
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        return true() if actor.kind in ("staff", "system") else false()


class AppointmentStatus(State):
    BOOKED = "booked", "arrived in_progress completed cancelled no_show left"
    ARRIVED = "arrived", "booked in_progress completed cancelled no_show left"
    IN_PROGRESS = "in_progress", "completed cancelled left"
    COMPLETED = "completed"
    CANCELLED = "cancelled", "booked arrived"  # only to undo it: see `held`
    NO_SHOW = "no_show", "booked arrived"
    LEFT = "left", "arrived"

    @property
    def tone(self) -> str:
        """The colour of an appointment in the calendar: to come, here, or over."""
        tones = {AppointmentStatus.BOOKED: "info", AppointmentStatus.ARRIVED: "ok", AppointmentStatus.IN_PROGRESS: "ok"}
        return tones.get(self, "mute")


SAME_TIME: tuple[Any, str] = ("during", "&&")
LIVE = (AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.IN_PROGRESS)
HOLDS = "status IN ('booked', 'arrived', 'in_progress')"


def alone(column: str) -> tuple[Any, str]:
    """Equality for an exclusion constraint, said with ranges: needs no extension."""
    return text(f"galen.uuidrange({column}, {column}, '[]')"), "&&"


class Appointment(Record):
    """A patient's time with a practitioner. The database keeps both, and the room, from being in two places at once."""

    __table_args__ = (
        ExcludeConstraint(
            alone("practitioner_id"),
            SAME_TIME,
            where=text(f"{HOLDS} AND NOT overbooked"),
            name="appointment_practitioner_excl",
        ),
        ExcludeConstraint(alone("patient_id"), SAME_TIME, where=text(HOLDS), name="appointment_patient_excl"),
        ExcludeConstraint(
            alone("site_id"),
            alone("cast(md5(room) AS uuid)"),
            SAME_TIME,
            where=text(f"{HOLDS} AND room <> ''"),
            name="appointment_room_excl",
        ),
        check("NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)", "during"),
        check("NOT overbooked OR overbook_reason <> ''", "overbook_reason"),
        Index("appointment_starts_idx", text("lower(during)")),
    )

    patient_id: Mapped[UUID] = ref("patient")
    practitioner_id: Mapped[UUID] = ref("practitioner")
    site_id: Mapped[UUID] = ref("site")
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    kind: Mapped[Kind] = mapped_column(default=Kind.IN_PERSON)
    status: Mapped[AppointmentStatus] = mapped_column(default=AppointmentStatus.BOOKED)
    price: Mapped[Decimal] = amount()
    reason: Mapped[str] = mapped_column(default="")  # why the person comes
    room: Mapped[str] = mapped_column(default="")
    overbooked: Mapped[bool] = mapped_column(default=False)  # knowingly beside another one
    overbook_reason: Mapped[str] = mapped_column(default="")
    booked_at: Mapped[datetime]
    arrived_at: Mapped[datetime | None]
    ended_reason: Mapped[str] = mapped_column(default="")  # why it was cancelled

    patient: Mapped[Patient] = link()
    practitioner: Mapped[Practitioner] = link()
    site: Mapped[Site] = link()

    @property
    def starts(self) -> datetime:
        assert self.during.lower
        return self.during.lower

    @property
    def ends(self) -> datetime:
        assert self.during.upper
        return self.during.upper

    @property
    def span(self) -> Span:
        return Span(self.starts, self.ends)

    @property
    def still_booked(self) -> bool:
        """Nobody has come yet: it can be moved."""
        return self.status is AppointmentStatus.BOOKED

    @property
    def arrived(self) -> bool:
        """The person is here, and nobody has seen them yet."""
        return self.status is AppointmentStatus.ARRIVED

    @property
    def where(self) -> str:
        """Site and room."""
        return ", ".join(filter(None, (self.site.name, self.room)))

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """Patients see their own; doctors see theirs, unless they may read everybody's."""
        if actor.kind == "staff" and not actor.may("appointment.read_all"):
            own = select(Practitioner.id).where(Practitioner.account_id == actor.id)
            return cls.practitioner_id.in_(own)
        return super().visible_to(actor)
