"""The record of the queue: one token for each patient who is here."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.record import Record, check, link, ref
from galen.core.state import State
from galen.patients import Patient
from galen.scheduling import Appointment, Practitioner


class TokenStatus(State):
    WAITING = "waiting", "called in_room left"
    CALLED = "called", "called waiting in_room skipped no_show left"
    IN_ROOM = "in_room", "done left"
    DONE = "done"
    SKIPPED = "skipped", "waiting called in_room no_show left"
    NO_SHOW = "no_show", "waiting called skipped"
    LEFT = "left", "waiting called skipped"  # these two only to undo it: see `awaited`


PRESENT = "status IN ('waiting', 'called', 'in_room', 'skipped')"


class Token(Record):
    """A place in today's queue of a site. Its number starts at 1 each local day and is never given twice."""

    __table_args__ = (
        UniqueConstraint("site_id", "day", "number"),
        UniqueConstraint("appointment_id"),
        Index("token_present_idx", "site_id", "day", "patient_id", unique=True, postgresql_where=text(PRESENT)),
        check("number > 0", "number"),
    )

    site_id: Mapped[UUID] = ref("site", index=False)
    day: Mapped[date]  # on the site's calendar
    number: Mapped[int]
    patient_id: Mapped[UUID] = ref("patient")
    appointment_id: Mapped[UUID | None] = ref("appointment", nullable=True, index=False)
    practitioner_id: Mapped[UUID | None] = ref("practitioner", nullable=True)  # nothing: whoever is free
    status: Mapped[TokenStatus] = mapped_column(default=TokenStatus.WAITING)
    checked_in_at: Mapped[datetime]
    due: Mapped[datetime]  # the booked time, or the arrival when that was later: the order of the queue
    called_at: Mapped[datetime | None]
    calls: Mapped[int] = mapped_column(default=0)
    called_by: Mapped[UUID | None] = ref("account", nullable=True)  # whose place is where they call to next time, too
    room: Mapped[str] = mapped_column(default="")
    entered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    patient: Mapped[Patient] = link()
    practitioner: Mapped[Practitioner | None] = link()
    booking: Mapped[Appointment | None] = link()  # nothing, too, for those who may not see it

    @property
    def label(self) -> str:
        """What the ticket and the display show."""
        return f"{self.number:03}"

    @property
    def waiting(self) -> bool:
        return self.status is TokenStatus.WAITING

    @property
    def over(self) -> bool:
        """Seen, gone, or never found."""
        return self.status in (TokenStatus.DONE, TokenStatus.LEFT, TokenStatus.NO_SHOW)

    @property
    def called_into(self) -> str:
        """The room into which the patient is called, while they are on the way."""
        return self.room if self.status is TokenStatus.CALLED else ""
