"""The pages and addresses of the audit log."""

from galen.core.schemas import Slice, TimelineEntry
from galen.core.web import get, put

from .proving import proof, verify
from .schemas import EntryView, Proof, SealView
from .service import entries, looked_at, seals, system_state

routes = [
    get("/audit", entries, json=Slice[EntryView], html="entries.html", nav="Audit", icon="list-search", order=95),
    get("/reports/audit-logs", entries, json=Slice[EntryView]),
    get("/audit/seals", seals, json=Slice[SealView]),
    get("/audit/proof", proof, json=Proof, html="proof.html"),
    put("/audit/proof", verify, json=Proof, redirect="/audit/proof"),
    get("/home/system", system_state, html="system_state.html", panel="home", title="The system", order=10),
    get(
        "/patients/{patient_id}/access-log",
        looked_at,
        json=list[TimelineEntry],
        html="accesses.html",
        panel="patient",
        tab="person",
        title="Who looked",
        order=90,
    ),
]
