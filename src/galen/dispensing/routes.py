"""Addresses of the pharmacy, and the panels in which a supply is shown."""

from galen.core.web import delete, get, post, put
from galen.i18n import N_

from .schemas import DeskView, DispensingView, GivenView, PolicyView, WorkQueue
from .service import (
    desk,
    dispense,
    dispensed,
    enqueue,
    find_dispensings,
    hand_over,
    hold,
    labels,
    of_patient,
    of_prescription,
    pharmacy,
    policy,
    release,
    resume,
    reverse,
    scan,
    set_policy,
    story,
    supplies,
    take,
    undo_supply,
    verify,
    waiting_count,
    worklist,
)

MOVED = "dispensing-moved"
DESK = "/dispensing/{dispensing_id}"
BACK = {"json": DispensingView, "redirect": "/dispensing/{id}"}

routes = [
    get(
        "/dispensing",
        worklist,
        json=WorkQueue,
        html="queue.html",
        nav="Dispensing",
        icon="pill",
        order=35,
        count=waiting_count,
    ),
    post("/dispensing", enqueue, **BACK, says=N_("Number %(number)s is in the work queue.")),
    post("/dispensing/scan", scan, redirect="/dispensing/{id}", idempotent=False),
    get("/dispensing/policy", policy, json=PolicyView, html="policy.html"),
    put("/dispensing/policy", set_policy, json=PolicyView, html="policy.html", says=N_("The policy is saved.")),
    get(DESK, desk, json=DeskView, html="desk.html"),
    post(f"{DESK}/claim", take, **BACK, says=N_("Number %(number)s is yours."), undo="dispensing.release"),
    delete(
        f"{DESK}/claim",
        release,
        json=DispensingView,
        redirect="/dispensing",
        says=N_("Number %(number)s is left to a colleague."),
        undo="dispensing.take",
    ),
    post(f"{DESK}/verification", verify, **BACK, says=N_("Number %(number)s is verified.")),
    post(
        f"{DESK}/supply",
        dispense,
        **BACK,
        says=N_("Number %(number)s is dispensed and ready to collect."),
        undo="dispensing.undo_supply",
    ),
    get(f"{DESK}/labels", labels, media_type="application/pdf", writes=True),
    post(f"{DESK}/collection", hand_over, **BACK, says=N_("Number %(number)s is handed over.")),
    post(
        f"{DESK}/hold",
        hold,
        json=DispensingView,
        redirect="/dispensing",
        says=N_("Number %(number)s is held."),
        undo="dispensing.resume",
    ),
    delete(f"{DESK}/hold", resume, **BACK, says=N_("Number %(number)s waits again.")),
    post(f"{DESK}/supply/reversal", undo_supply, **BACK, says=N_("Undone: number %(number)s is not dispensed.")),
    post(f"{DESK}/reversal", reverse, **BACK, says=N_("Number %(number)s is taken back.")),
    get("/home/pharmacy", pharmacy, html="pharmacy.html", panel="home", title="Work queue", refresh=MOVED, order=20),
    get("/patients/{patient_id}/dispensing", of_patient, json=list[GivenView]),
    get(
        "/patients/{patient_id}/dispensing",
        dispensed,
        html="dispensed.html",
        panel="patient",
        tab="medicines",
        title="Dispensed",
        refresh=MOVED,
        order=40,
    ),
    get("/prescriptions/{prescription_id}/dispensing", of_prescription, json=list[GivenView]),
    get(
        "/prescriptions/{prescription_id}/dispensing",
        supplies,
        html="supplies.html",
        panel="prescription",
        title="Dispensing",
        refresh=MOVED,
    ),
    get("", story, panel="timeline"),
    get("", find_dispensings, search="Dispensing"),
]
