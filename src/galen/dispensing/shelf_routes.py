"""Addresses of the will-call shelf, of what is brought back, and of the next supply."""

from galen.core.web import delete, get, post, put
from galen.i18n import N_

from .service import (
    find_bag,
    keep_bag,
    next_supplies,
    put_back,
    returns_of,
    shelve_bag,
    take_return,
    waiting_bags,
    will_call,
)
from .shelf_schemas import BagView, NextSuppliesView, PatientReturnView, ReturnsView, WaitingBags

DESK = "/dispensing/{dispensing_id}"
TO_DESK = "/dispensing/{dispensing_id}"

shelf_routes = [
    get("/will-call", waiting_bags, json=WaitingBags),
    get("/will-call", will_call, html="will_call.html"),
    post("/will-call/scan", find_bag, redirect="/dispensing/{id}", idempotent=False),
    put(f"{DESK}/bin", shelve_bag, json=BagView, redirect=TO_DESK),
    put(
        f"{DESK}/bin/period",
        keep_bag,
        json=BagView,
        redirect=TO_DESK,
        says=N_("Bin %(bin)s: kept until the day you chose."),
    ),
    delete(f"{DESK}/bin", put_back, json=BagView, redirect="/will-call", says=N_("Bin %(bin)s is empty again.")),
    get(f"{DESK}/returns", returns_of, json=ReturnsView),
    post(f"{DESK}/returns", take_return, json=PatientReturnView, redirect=TO_DESK),
    get("/prescriptions/{prescription_id}/refills", next_supplies, json=NextSuppliesView),
    get(
        "/prescriptions/{prescription_id}/refills",
        next_supplies,
        html="refills.html",
        panel="prescription",
        title="Next supply",
        refresh="dispensing-moved",
    ),
]
