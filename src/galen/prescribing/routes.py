"""Addresses of prescriptions, and the panels and lists in which they are shown."""

from galen.core.schemas import Slice
from galen.core.web import get, post, put
from galen.i18n import N_

from .schemas import PrescriptionView
from .service import (
    cancel,
    choices,
    document,
    draft,
    edit,
    edit_page,
    editor,
    email,
    find,
    new_page,
    of_patient,
    of_visit,
    prescription,
    prescriptions,
    renew,
    sheet,
    sign,
    story,
    unsigned,
    waiting,
    worklist,
)

MOVED = "prescription-drafted, prescription-signed, prescription-cancelled, prescription-supplied"

routes = [
    get("/prescriptions", prescriptions, json=Slice[PrescriptionView]),
    get("/prescriptions", worklist, html="prescriptions.html", nav="Prescriptions", icon="prescription", order=35,
        count=waiting),
    post("/prescriptions", draft, json=PrescriptionView, redirect="/prescriptions/{id}",
        says=N_("Prescription %(number)s is kept as a draft.")),
    post("/prescriptions/preview", editor, html="editor.html", idempotent=False),
    get("/prescriptions/{prescription_id}", prescription, json=PrescriptionView),
    get("/prescriptions/{prescription_id}", sheet, html="prescription.html", panel_area="prescription"),
    put("/prescriptions/{prescription_id}", edit, json=PrescriptionView, redirect="/prescriptions/{id}",
        says=N_("Prescription %(number)s is changed.")),
    get("/prescriptions/{prescription_id}/edit", edit_page, html="editor.html"),
    put("/prescriptions/{prescription_id}/signature", sign, json=PrescriptionView, redirect="/prescriptions/{id}",
        says=N_("Prescription %(number)s is signed.")),
    put("/prescriptions/{prescription_id}/cancellation", cancel, json=PrescriptionView, redirect="/prescriptions/{id}",
        says=N_("Prescription %(number)s is cancelled.")),
    post("/prescriptions/{prescription_id}/renewals", renew, json=PrescriptionView,
        redirect="/prescriptions/{id}/edit",
        says=N_("Prescription %(number)s is a new draft with the same lines.")),
    get("/prescriptions/{prescription_id}/print", document, media_type="application/pdf", writes=True),
    post("/prescriptions/{prescription_id}/email", email, json=PrescriptionView, redirect="/prescriptions/{id}",
        status=200,
        says=N_("The patient is told by e-mail.")),
    get("/patients/{patient_id}/prescriptions", of_patient, html="of_patient.html", panel="patient", tab="medicines",
        title="Prescriptions", refresh=MOVED, order=10),
    get("/patients/{patient_id}/prescriptions/choices", choices, html="choices.html"),
    get("/patients/{patient_id}/prescriptions/new", new_page, html="editor.html"),
    get("/visits/{visit_id}/prescriptions", of_visit, html="of_visit.html", panel="visit", title="Prescriptions",
        refresh=MOVED),
    get("/home/prescriptions", unsigned, html="unsigned.html", panel="home", title="Prescriptions to sign",
        refresh=MOVED, order=30),
    get("", story, panel="timeline"),
    get("", find, search="Prescriptions"),
]  # fmt: skip
