"""The pages and addresses of importing."""

from galen.core.schemas import Slice
from galen.core.web import Route, delete, get, post, put
from galen.i18n import N_

from . import jobs  # noqa: F401 its jobs must be known
from .schemas import ImportPage, ImportView
from .wizard import (
    accept_line,
    apply_import,
    discard_import,
    imports,
    link_line,
    open_import,
    part_line,
    read_columns,
    upload,
)

routes: list[Route] = [
    get("/medicines/imports", imports, json=Slice[ImportView], html="imports.html"),
    post(
        "/medicines/imports",
        upload,
        redirect="/medicines/imports/{id}",
        max_mb=64,
        says=N_("The file is read."),
        undo="medicines.discard_import",
    ),
    get("/medicines/imports/{import_id}", open_import, json=ImportPage, html="catalogue_import.html"),
    put("/medicines/imports/{import_id}/columns", read_columns, json=ImportPage, html="catalogue_import.html"),
    post(
        "/medicines/imports/{import_id}/lines/{line_id}/acceptance",
        accept_line,
        json=ImportPage,
        html="catalogue_import.html",
        status=200,
        says=N_("The line is accepted."),
    ),
    put(
        "/medicines/imports/{import_id}/lines/{line_id}/medicine/{product_id}",
        link_line,
        json=ImportPage,
        html="catalogue_import.html",
        says=N_("The line is this medicine."),
        undo="medicines.part_line",
    ),
    delete(
        "/medicines/imports/{import_id}/lines/{line_id}/medicine",
        part_line,
        json=ImportPage,
        html="catalogue_import.html",
        says=N_("The line is not linked any more."),
    ),
    post(
        "/medicines/imports/{import_id}/application",
        apply_import,
        json=ImportView,
        redirect="/medicines/imports/{id}",
        status=200,
        says=N_("The import is being applied."),
    ),
    delete(
        "/medicines/imports/{import_id}",
        discard_import,
        json=ImportView,
        redirect="/medicines/imports",
        says=N_("The import is discarded."),
    ),
]
