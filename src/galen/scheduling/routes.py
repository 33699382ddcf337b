"""Where the verbs of scheduling are found, as pages and as JSON."""

from galen.core.schemas import Slice
from galen.core.web import delete, get, patch, post, put
from galen.i18n import N_

from . import booking, booking_form, desk, roster, service, undoing
from .calendar import calendar_page
from .schemas import (
    AppointmentView,
    AvailabilityView,
    FeesView,
    LeaveView,
    PractitionerCard,
    PractitionerView,
    SlotView,
)
from .slots import free_slots

ONE, DOCTOR = "/appointments/{appointment_id}", "/practitioners/{practitioner_id}"
SLOTS = list[SlotView]
MOVES = "appointment-booked, appointment-moved, appointment-cancelled, appointment-arrived, appointment-missed"

routes = [
    get("/calendar", calendar_page, html="calendar.html", nav="Calendar", icon="calendar", order=20),
    get("/appointments", service.appointments, json=Slice[AppointmentView]),
    get("/appointments", desk.day_list_page, html="day_list.html"),
    post("/appointments", booking.book, json=AppointmentView, redirect="/appointments/{id}"),
    get("/appointments/new", booking_form.new_appointment, html="new_appointment.html"),
    get("/appointments/availabilities", free_slots, json=SLOTS),
    get("/appointments/doctor/{practitioner_id}", service.day_list, json=list[AppointmentView]),
    get(ONE, desk.find_appointment, json=AppointmentView),
    get(ONE, desk.appointment, html="appointment.html", panel_area="appointment"),
    patch(ONE, service.amend, json=AppointmentView, redirect=ONE,
        says=N_("The appointment is changed.")),
    put(f"{ONE}/slot", booking.reschedule, json=AppointmentView, html="moved.html"),
    put(f"{ONE}/time", booking.reschedule, redirect=ONE),
    put(f"{ONE}/cancellation", service.cancel, json=AppointmentView, redirect=ONE),
    put(f"{ONE}/absence", service.no_show, json=AppointmentView, redirect=ONE),
    put(f"{ONE}/departure", service.left, json=AppointmentView, redirect=ONE),
    post(f"{ONE}/reversal", undoing.undo, json=AppointmentView, redirect="back", status=200),
    get("/patients/{patient_id}/appointments", service.of_patient, json=list[AppointmentView],
        html="of_patient.html", panel="patient", title="Appointments", refresh=MOVES),
    get("", service.on_timeline, panel="timeline"),
    post("/slots/bulk", roster.add_slots, json=list[AvailabilityView]),
    post(f"{DOCTOR}/availabilities", roster.offer_hours, json=list[AvailabilityView], redirect=DOCTOR,
        says=N_("The hours are offered.")),
    get("/slots", free_slots, json=SLOTS),
    delete("/availabilities/{availability_id}", roster.remove_availability, json=AvailabilityView,
           redirect="/practitioners/{practitioner_id}",
        says=N_("The hours are removed.")),
    get("/practitioners", roster.practitioners, json=list[PractitionerCard]),
    get("/practitioners", desk.roster, html="practitioners.html", nav="Practitioners", icon="stethoscope", order=80),
    get("/practitioners/new", desk.new_practitioner, html="new_practitioner.html"),
    put("/practitioners/fees", roster.set_fees, json=FeesView, redirect="/practitioners",
        says=N_("The fees are saved.")),
    post("/practitioners", roster.add_practitioner, json=PractitionerView, redirect="/practitioners/{id}",
        says=N_("%(name)s can be booked once there are hours.")),
    get(DOCTOR, roster.practitioner, json=PractitionerView),
    get(DOCTOR, desk.profile, html="practitioner.html"),
    patch(DOCTOR, roster.edit_practitioner, json=PractitionerView, redirect=DOCTOR,
        says=N_("The profile of %(name)s is changed.")),
    get(f"{DOCTOR}/availabilities", roster.availabilities, json=list[AvailabilityView]),
    get(f"{DOCTOR}/leaves", roster.leaves, json=list[LeaveView]),
    post(f"{DOCTOR}/leaves", roster.add_leave, json=LeaveView, redirect=DOCTOR,
        says=N_("The leave is recorded."), undo="scheduling.remove_leave"),
    delete("/leaves/{leave_id}", roster.remove_leave, json=LeaveView, redirect="/practitioners/{practitioner_id}",
        says=N_("The leave is removed.")),
    get("/home/own-day", desk.own_day, html="own_day.html", panel="home", title="Today", refresh=MOVES, order=40),
    get("/home/own-appointments", desk.own_appointments, html="own_appointments.html", panel="home",
        title="Your appointments", refresh=MOVES, order=10),
]  # fmt: skip
