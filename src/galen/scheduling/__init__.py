"""Scheduling: who can be seen when and where, and who has an appointment. The database refuses to book twice."""

from .booking import book, quote, reschedule
from .events import (
    AppointmentArrived,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentMoved,
    AvailabilityChanged,
)
from .models import Appointment, AppointmentStatus, Availability, Kind, Leave, Practitioner, StandardFees
from .roster import (
    add_leave,
    add_practitioner,
    add_slots,
    edit_practitioner,
    practitioner_of_actor,
    practitioners,
    room_of,
    set_fees,
)
from .schemas import (
    AppointmentCancelDraft,
    AppointmentDraft,
    AppointmentView,
    FeesDraft,
    LeaveDraft,
    MoveDraft,
    PractitionerDraft,
    SlotsDraft,
)
from .service import arrive, begin, cancel, complete, held, left, miss, no_show, with_names
from .slots import Slot, free_slots
from .undoing import Standing, restore, standing

__all__ = [
    "Appointment",
    "AppointmentArrived",
    "AppointmentBooked",
    "AppointmentCancelDraft",
    "AppointmentCancelled",
    "AppointmentDraft",
    "AppointmentMissed",
    "AppointmentMoved",
    "AppointmentStatus",
    "AppointmentView",
    "Availability",
    "AvailabilityChanged",
    "FeesDraft",
    "Kind",
    "Leave",
    "LeaveDraft",
    "MoveDraft",
    "Practitioner",
    "PractitionerDraft",
    "Slot",
    "SlotsDraft",
    "StandardFees",
    "Standing",
    "add_leave",
    "add_practitioner",
    "add_slots",
    "arrive",
    "begin",
    "book",
    "cancel",
    "complete",
    "edit_practitioner",
    "free_slots",
    "held",
    "left",
    "miss",
    "no_show",
    "practitioner_of_actor",
    "practitioners",
    "quote",
    "reschedule",
    "restore",
    "room_of",
    "set_fees",
    "standing",
    "with_names",
]
