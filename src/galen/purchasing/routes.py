"""The pages and addresses of purchasing."""

from galen.core.schemas import Slice
from galen.core.web import delete, get, page, post, put
from galen.i18n import N_

from .schemas import CameWith, DeliveryView, LineAnswer, SupplierView
from .service import (
    add_line,
    add_supplier,
    archive_supplier,
    came_with,
    cancel_delivery,
    change_line,
    count_packs,
    deliveries,
    delivery,
    delivery_form,
    delivery_line,
    delivery_list,
    edit_delivery,
    edit_supplier,
    open_delivery,
    open_supplier,
    receive_delivery,
    restore_supplier,
    scan_line,
    scan_pack,
    start_delivery,
    supplier_options,
    suppliers,
    take_away,
    waiting_deliveries,
)

ONE, LINES = "/deliveries/{delivery_id}", "/deliveries/{delivery_id}/lines"
SUPPLIER, SUPPLIERS, OPENED = "/suppliers/{supplier_id}", "/suppliers", "/deliveries/{id}"

routes = [
    get(
        "/deliveries", delivery_list, html="deliveries.html", nav="Deliveries", icon="file-import", order=56,
        count=waiting_deliveries,
    ),
    get("/deliveries", deliveries, json=Slice[DeliveryView]),
    get("/deliveries/new", delivery_form, html="delivery_head.html"),
    post("/deliveries", start_delivery, json=DeliveryView, redirect=OPENED,
        says=N_("The delivery is begun. Scan its packs, or write its lines.")),
    get(ONE, delivery, html="delivery.html"),
    get(ONE, open_delivery, json=DeliveryView),
    get(f"{ONE}/edit", delivery_form, html="delivery_head.html"),
    put(ONE, edit_delivery, json=DeliveryView, redirect=OPENED),
    post(f"{ONE}/scans", scan_line, json=LineAnswer),
    post(f"{ONE}/scans", scan_pack, html="delivery.html"),
    post(LINES, add_line, json=LineAnswer, html="delivery.html", says=N_("The line is added.")),
    get(f"{LINES}/{{line_id}}", delivery_line, html="delivery.html"),
    put(f"{LINES}/{{line_id}}", change_line, json=LineAnswer, html="delivery.html", says=N_("The line is changed.")),
    put(f"{LINES}/{{line_id}}/packs", count_packs, json=LineAnswer, html="delivery.html",
        says=N_("The packs are counted.")),
    delete(f"{LINES}/{{line_id}}", take_away, json=LineAnswer, html="delivery.html"),
    post(f"{ONE}/receipt", receive_delivery, json=DeliveryView, redirect=OPENED, status=200),
    post(f"{ONE}/cancellation", cancel_delivery, json=DeliveryView, redirect=OPENED, status=200),
    get(
        "/inventory/levels/{level_id}/deliveries", came_with, json=list[CameWith], html="came_with.html",
        panel="level", title="Came with", refresh="delivery-changed", order=10,
    ),
    get(SUPPLIERS, suppliers, json=Slice[SupplierView], html="suppliers.html"),
    get(f"{SUPPLIERS}/options", supplier_options, json=list[SupplierView], html="supplier_options.html"),
    page(f"{SUPPLIERS}/new", "new_supplier.html", needs="stock.receive", module="purchasing"),
    post(SUPPLIERS, add_supplier, json=SupplierView, redirect=SUPPLIERS),
    get(SUPPLIER, open_supplier, json=SupplierView),
    get(f"{SUPPLIER}/edit", open_supplier, html="edit_supplier.html"),
    put(SUPPLIER, edit_supplier, json=SupplierView, redirect=SUPPLIERS),
    delete(SUPPLIER, archive_supplier, json=SupplierView, redirect=SUPPLIERS),
    put(f"{SUPPLIER}/restoration", restore_supplier, json=SupplierView, redirect=SUPPLIERS),
]  # fmt: skip
