from galen.core.schemas import Slice
from galen.core.web import get, page, patch, post, put

from .schemas import MedicineLine, MedicineView
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

routes = [
    get(
        "/medicines",
        medicines,
        json=Slice[MedicineLine],
        html="medicines.html",
        room="Medicines",
        icon="pill",
        order=60,
    ),
    post("/medicines", add_medicine, json=MedicineView, then="/medicines/{id}"),
    post("/medicines/assortment", load_assortment, json=Slice[MedicineLine], then="/medicines", status=200),
    get("/medicines/options", find_medicines, html="options.html"),
    get("/medicines/scan", scanned, then="/medicines/{id}"),
    page("/medicines/new", "new_medicine.html", needs="medicine.write", module="medicines"),
    get("/medicines/{product_id}", open_medicine, json=MedicineView, html="medicine.html", place="medicine"),
    patch("/medicines/{product_id}", change_medicine, json=MedicineView),
    put("/medicines/{product_id}", edit_medicine, json=MedicineView, then="/medicines/{id}"),
    get("/medicines/{product_id}/edit", open_medicine, html="edit_medicine.html"),
    post(
        "/medicines/{product_id}/archive",
        archive,
        json=MedicineView,
        html="medicine.html",
        place="medicine",
        status=200,
    ),
    post(
        "/medicines/{product_id}/restore",
        restore,
        json=MedicineView,
        html="medicine.html",
        place="medicine",
        status=200,
    ),
    get("/drugs/search", find_medicines, json=list[MedicineLine]),
    get("", lookup, finds="Medicines"),
]
