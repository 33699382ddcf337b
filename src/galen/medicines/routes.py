"""The pages and addresses of medicines."""

from galen.core.schemas import Slice
from galen.core.web import delete, get, page, patch, post, put
from galen.i18n import N_

from .formulary import formulary, formulary_of, import_formulary
from .importing.routes import routes as importing
from .schemas import FormularyPage, FormularyReport, FormularyView, MedicineLine, MedicineView
from .service import (
    add_medicine,
    archive,
    change_medicine,
    edit_medicine,
    find_medicines,
    load_assortment,
    lookup,
    medicines,
    open_medicine,
    restore,
    scanned,
)
from .tall import tall as tall  # the pages of all modules draw with it

routes = [
    get(
        "/medicines", medicines, json=Slice[MedicineLine], html="medicines.html",
        nav="Medicines", icon="pills", order=60,
    ),
    post("/medicines", add_medicine, json=MedicineView, redirect="/medicines/{id}",
        says=N_("The medicine is in the catalogue."), undo="medicines.archive"),
    post("/medicines/assortment", load_assortment, json=Slice[MedicineLine], redirect="/medicines", status=200,
        says=N_("The assortment is loaded.")),
    get("/medicines/options", find_medicines, json=list[MedicineLine], html="options.html"),
    get("/medicines/scan", scanned, redirect="/medicines/{id}"),
    page("/medicines/new", "new_medicine.html", needs="medicine.write", module="medicines"),
    *importing,
    get("/medicines/formulary", formulary, json=FormularyPage, html="formulary.html"),
    get("/drugs/formulary", formulary, json=FormularyPage),
    post("/drugs/formulary", import_formulary, json=FormularyReport, status=200, max_mb=4),
    page("/medicines/formulary/new", "new_formulary.html", needs="medicine.write", module="medicines"),
    post(
        "/medicines/formulary", import_formulary, json=FormularyReport, html="formulary_report.html", status=200,
        max_mb=4,
    ),
    get(
        "/medicines/{product_id}/formulary", formulary_of, json=list[FormularyView], html="medicine_formulary.html",
        panel="medicine", title="Insurance", order=40,
    ),
    get("/medicines/{product_id}", open_medicine, json=MedicineView, html="medicine.html", panel_area="medicine"),
    patch("/medicines/{product_id}", change_medicine, json=MedicineView),
    put("/medicines/{product_id}", edit_medicine, json=MedicineView, redirect="/medicines/{id}",
        says=N_("The medicine is changed.")),
    get("/medicines/{product_id}/edit", open_medicine, html="edit_medicine.html"),
    delete("/medicines/{product_id}", archive, json=MedicineView, html="medicine.html", panel_area="medicine",
        says=N_("The medicine is archived."), undo="medicines.restore"),
    put(
        "/medicines/{product_id}/restoration",
        restore,
        json=MedicineView,
        html="medicine.html",
        panel_area="medicine",
        says=N_("The medicine is back in the catalogue."), undo="medicines.archive"
    ),
    get("/drugs/search", find_medicines, json=list[MedicineLine]),
    get("", lookup, search="Medicines"),
]  # fmt: skip
