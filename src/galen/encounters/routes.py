"""Where the verbs of a visit are found, as pages and as JSON."""

from galen.core.schemas import Slice
from galen.core.web import delete, get, patch, post, put
from galen.i18n import N_

from .icd import find_codes
from .schemas import DiagnosisView, DoubtView, IcdCodeView, NoteView, VisitPage, VisitView, VitalsView
from .service import (
    amend_note,
    cancel_visit,
    chart_of,
    complete_visit,
    confirm_vitals,
    diagnose,
    doubts_in,
    edit_note,
    edit_visit,
    history,
    measure,
    measure_page,
    record_vitals,
    sign_note,
    start_visit,
    story,
    strike_diagnosis,
    strike_vitals,
    unsigned,
    visit_page,
    visits,
    with_doctor,
    write_note,
)

CHANGED = "visit-started, visit-changed, visit-completed"

routes = [
    get("/visits", visits, json=Slice[VisitView]),
    post("/visits", start_visit, json=VisitView, redirect="/visits/{id}",
        says=N_("The visit has begun.")),
    get("/visits/{visit_id}", visit_page, json=VisitPage, html="visit.html", panel_area="visit"),
    patch("/visits/{visit_id}", edit_visit, json=VisitView),
    post("/visits/{visit_id}/vitals", record_vitals, json=VitalsView, html="vitals_form.html",
        says=N_("The measurements are recorded.")),
    post("/visits/{visit_id}/diagnoses", diagnose, json=DiagnosisView, html="diagnosis_form.html",
        says=N_("The diagnosis is recorded."), undo="encounters.strike_diagnosis"),
    post("/visits/{visit_id}/notes", write_note, json=NoteView, html="note_form.html",
        says=N_("The note is kept as a draft.")),
    post("/visits/{visit_id}/complete", complete_visit, json=VisitView, redirect="/visits/{id}", status=200,
        says=N_("The visit is completed.")),
    put("/visits/{visit_id}/cancellation", cancel_visit, json=VisitView, redirect="/visits/{id}",
        says=N_("The visit is cancelled.")),
    post("/patients/{patient_id}/vitals", measure, json=VitalsView, html="vitals_form.html",
        says=N_("The measurements are recorded.")),
    post("/patients/{patient_id}/vitals/doubts", doubts_in, json=list[DoubtView], html="vitals_doubts.html",
        idempotent=False, status=200),
    get("/patients/{patient_id}/vitals/new", measure_page, html="measure.html"),
    put("/vitals/{vitals_id}/confirmation", confirm_vitals, json=VitalsView, html="vitals_settled.html",
        says=N_("The measurements are confirmed.")),
    delete("/vitals/{vitals_id}", strike_vitals, json=VitalsView, html="vitals_settled.html",
        says=N_("The measurements are struck as entered in error.")),
    delete("/diagnoses/{diagnosis_id}", strike_diagnosis, json=DiagnosisView, redirect="/visits/{visit_id}",
        says=N_("The diagnosis is struck.")),
    get("/notes/unsigned", unsigned, json=list[NoteView]),
    put("/notes/{note_id}", edit_note, json=NoteView),
    put("/notes/{note_id}/signature", sign_note, json=NoteView, redirect="/visits/{visit_id}",
        says=N_("The note is signed.")),
    post("/notes/{note_id}/amendments", amend_note, json=NoteView, redirect="/visits/{visit_id}",
        says=N_("The amendment is added.")),
    get("/icd", find_codes, json=list[IcdCodeView], html="codes.html"),
    get("/patients/{patient_id}/visits", history, html="history.html", panel="patient", tab="visits", title="Visits",
        refresh=CHANGED, order=20),
    get("/patients/{patient_id}/vitals", chart_of, html="trends.html", panel="patient", title="Vitals",
        refresh=CHANGED, order=30),
    get("", story, panel="timeline"),
    get("/home/doctor", with_doctor, html="now.html", panel="home", title="With you now",
        refresh=f"{CHANGED}, patient-checked-in, token-called, queue-moved", order=20),
]  # fmt: skip
