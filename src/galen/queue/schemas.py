"""What the queue is told, and what is seen of it."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from galen.core.schemas import Draft, RecordView, View

from .models import TokenStatus


class CheckInDraft(Draft):
    appointment_id: UUID


class WalkInDraft(Draft):
    """Someone without an appointment; without a practitioner they wait for whoever is free."""

    patient_id: UUID
    practitioner_id: UUID | None = None


class CallDraft(Draft):
    """Whose list to call from (a doctor: the own one), and into which room (otherwise the one their hours name)."""

    practitioner_id: UUID | None = None
    room: str = Field("", max_length=40)


class StatusDraft(Draft):
    """What happened to a token, as clients say it."""

    status: Literal["waiting", "called", "skipped", "no_show", "left", "done"]


class TokenView(RecordView):
    site_id: UUID
    day: date
    number: int
    label: str
    patient_id: UUID
    appointment_id: UUID | None
    practitioner_id: UUID | None
    status: TokenStatus
    checked_in_at: datetime
    due: datetime
    called_at: datetime | None
    room: str
    entered_at: datetime | None
    ended_at: datetime | None


class CalledView(View):
    """What a waiting room may read: a number and where to go."""

    label: str
    room: str


class BoardView(View):
    """The waiting-room display: nobody's name, only numbers."""

    site: str
    called: list[CalledView]
    waiting: list[str]
