"""Where the verbs of the queue are found, as pages and as JSON."""

from galen.core.web import get, patch, post, put

from . import desk, service, undoing
from . import display as board
from .schemas import BoardView, TokenView

ONE = "/queue/{token_id}"
MOVES = "patient-checked-in, token-called, queue-moved"
SHOW = {"json": TokenView, "html": "moved.html"}

routes = [
    get("/queue", desk.queue, html="queue.html", nav="Queue", icon="armchair", order=15, count=service.waiting),
    get("/queue/today", service.today, json=list[TokenView]),
    post("/queue/checkin", service.check_in, json=TokenView, redirect="/queue/{id}/ticket"),
    get("/queue/walk-in", desk.new_walk_in, html="walk_in.html"),
    post("/queue/walk-in", service.walk_in, json=TokenView, redirect="/queue/{id}/ticket"),
    post("/queue/next", service.call_next, **SHOW),
    get(ONE, service.token, json=TokenView),
    get(f"{ONE}/ticket", desk.ticket, html="ticket.html"),
    patch(f"{ONE}/status", service.set_status, json=TokenView),
    post(f"{ONE}/call", service.call_chosen, **SHOW),
    put(f"{ONE}/call", service.recall, **SHOW),
    put(f"{ONE}/return", service.undo_call, **SHOW),
    put(f"{ONE}/deferral", service.skip, **SHOW),
    put(f"{ONE}/absence", service.no_show, **SHOW),
    put(f"{ONE}/departure", service.leave, **SHOW),
    put(f"{ONE}/completion", service.finish, **SHOW),
    post(f"{ONE}/reversal", undoing.undo, json=TokenView, redirect="back", status=200),
    post(f"{ONE}/check-in/reversal", undoing.undo_check_in, json=TokenView, redirect="/queue", status=200),
    get("/display/{organization}/{site_id}", board.display, json=BoardView, html="display.html"),
    get("/appointments/{appointment_id}/queue", desk.of_appointment, html="of_appointment.html", panel="appointment",
        title="Queue", refresh=MOVES),
    get("/home/arrivals", desk.arrivals, html="arrivals.html", panel="home", title="Expected today",
        refresh=f"{MOVES}, appointment-booked, appointment-moved, appointment-cancelled", order=10),
    get("/home/next-patient", desk.next_up, html="next_up.html", panel="home", title="Next patient", refresh=MOVES,
        order=10),
]  # fmt: skip
