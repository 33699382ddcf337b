"""Addresses of the pharmacy, and the panels in which a supply is shown."""

from galen.core.web import delete, get, post, put

from .schemas import DeskView, DispensingView, GivenView, PackCheckView, PolicyView, WorkQueue
from .service import (
    check_pack,
    confirm_unscanned,
    desk,
    dispense,
    dispense_at_desk,
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
    take_batch,
    verify,
    waiting_count,
    worklist,
)

MOVED = "dispensing-moved"
DESK = "/dispensing/{dispensing_id}"
BACK = {"json": DispensingView, "redirect": "/dispensing/{id}"}
PACK = {"json": PackCheckView, "redirect": "/dispensing/{dispensing_id}"}

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
    post("/dispensing", enqueue, **BACK),
    post("/dispensing/scan", scan, redirect="/dispensing/{id}", idempotent=False),
    get("/dispensing/policy", policy, json=PolicyView, html="policy.html"),
    put("/dispensing/policy", set_policy, json=PolicyView, html="policy.html"),
    get(DESK, desk, json=DeskView, html="desk.html"),
    post(f"{DESK}/claim", take, **BACK),
    delete(f"{DESK}/claim", release, json=DispensingView, redirect="/dispensing"),
    post(f"{DESK}/verification", verify, **BACK),
    post(f"{DESK}/packs", check_pack, idempotent=False, **PACK),
    post(f"{DESK}/packs/reason", confirm_unscanned, idempotent=False, **PACK),
    post(f"{DESK}/packs/batch", take_batch, idempotent=False, **PACK),
    post(f"{DESK}/supply", dispense, json=DispensingView),
    post(f"{DESK}/supply", dispense_at_desk, redirect="/dispensing/{id}"),
    get(f"{DESK}/labels", labels, media_type="application/pdf", writes=True),
    post(f"{DESK}/collection", hand_over, **BACK),
    post(f"{DESK}/hold", hold, json=DispensingView, redirect="/dispensing"),
    delete(f"{DESK}/hold", resume, **BACK),
    post(f"{DESK}/reversal", reverse, **BACK),
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
