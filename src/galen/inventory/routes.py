"""The pages and addresses of inventory."""

from galen.core.schemas import Slice
from galen.core.web import get, patch, post
from galen.i18n import N_
from galen.medicines import MedicineView

from .schemas import AlternativesView, BatchView, DestructionView, MovementView, ShelfLine, StockLine, TransferView
from .service import (
    add_stock_item,
    adjust,
    alternatives,
    batch_options,
    cancel_destruction,
    cancel_transfer,
    change_batch,
    count_form,
    count_stock,
    destruction_list,
    destructions,
    expiring,
    ledger_page,
    level,
    levels,
    low_stock,
    medicine_stock,
    movements,
    movements_csv,
    propose_destruction,
    quarantine,
    receive,
    receive_form,
    release,
    return_to_supplier,
    send_stock,
    stock,
    stock_alerts,
    stock_of,
    take_in,
    transfer,
    transfer_form,
    transfer_list,
    transfers,
    witness_destruction,
)

MOVED = "stock-moved, stock-low"
SENT, WITNESSED = "/inventory/transfers/{id}", "/inventory/destructions"
TRANSFER, DESTRUCTION = "/inventory/transfers/{transfer_id}", "/inventory/destructions/{destruction_id}"

routes = [
    get("/inventory", stock, html="stock.html", nav="Stock", icon="packages", order=55),
    get("/inventory", levels, json=Slice[StockLine]),
    get("/inventory/medicines", levels, json=Slice[StockLine]),
    post("/inventory/medicines", add_stock_item, json=MedicineView),
    get("/inventory/alerts", stock_alerts, html="alerts.html", panel="home", title="Stock", refresh=MOVED, order=40),
    get("/inventory/low-stock", low_stock, json=list[StockLine], html="low_stock.html"),
    get("/inventory/expiring", expiring, json=list[ShelfLine], html="expiring.html"),
    get("/inventory/movements", ledger_page, html="ledger.html"),
    get("/inventory/movements", movements, json=Slice[MovementView]),
    get("/inventory/movements.csv", movements_csv, media_type="text/csv; charset=utf-8"),
    get("/reports/stock-movements", movements, json=Slice[MovementView]),
    get("/inventory/batches/new", receive_form, html="receive.html"),
    post("/inventory/batch", receive, json=BatchView),
    post("/inventory/batches", receive, json=BatchView, redirect="/medicines/{product_id}",
        says=N_("Batch %(number)s is on the shelf.")),
    patch("/inventory/batches/{batch_id}", change_batch, json=BatchView),
    post("/inventory/batches/{batch_id}/quarantine", quarantine, json=BatchView, redirect="/medicines/{product_id}",
        says=N_("Batch %(number)s is set aside.")),
    post("/inventory/batches/{batch_id}/release", release, json=BatchView, redirect="/medicines/{product_id}",
        says=N_("Batch %(number)s can be handed out again.")),
    post("/inventory/update", adjust, json=MovementView, redirect="/inventory/levels/{level_id}",
        says=N_("The stock is corrected.")),
    post("/inventory/counts", count_stock, json=list[MovementView], redirect="/inventory/movements?kind=count",
        says=N_("The count is recorded.")),
    get("/inventory/counts/{product_id}", count_form, html="count.html"),
    get("/inventory/levels/options", batch_options, json=list[ShelfLine], html="batch_options.html"),
    get("/inventory/levels/{level_id}", level, html="level.html", panel_area="level"),
    get("/inventory/transfers", transfers, json=Slice[TransferView]),
    get("/inventory/transfers", transfer_list, html="transfers.html"),
    get("/inventory/transfers/new", transfer_form, html="new_transfer.html"),
    post("/inventory/transfers", send_stock, json=TransferView, redirect=SENT),
    get("/inventory/transfers/{transfer_id}", transfer, html="transfer.html"),
    post(f"{TRANSFER}/arrival", take_in, json=TransferView, redirect=SENT, status=200),
    post(f"{TRANSFER}/cancellation", cancel_transfer, json=TransferView, redirect=SENT, status=200),
    get("/inventory/destructions", destructions, json=Slice[DestructionView]),
    get("/inventory/destructions", destruction_list, html="destructions.html"),
    post("/inventory/destructions", propose_destruction, json=DestructionView, redirect=WITNESSED),
    post(f"{DESTRUCTION}/witness", witness_destruction, json=DestructionView, redirect=WITNESSED, status=200),
    post(f"{DESTRUCTION}/cancellation", cancel_destruction, json=DestructionView, redirect=WITNESSED, status=200),
    post(
        "/inventory/levels/{level_id}/returns", return_to_supplier, json=MovementView,
        redirect="/inventory/levels/{level_id}",
        says=N_("The return is recorded.")
    ),
    get(
        "/medicines/{product_id}/stock", medicine_stock, html="medicine_stock.html",
        panel="medicine", title="Stock", refresh=MOVED, order=10,
    ),
    get("/drugs/{product_id}/alternatives", alternatives, json=AlternativesView),
    get(
        "/medicines/{product_id}/alternatives", alternatives, json=AlternativesView, html="alternatives.html",
        panel="medicine", title="Alternatives", refresh=MOVED, order=35,
    ),
    get("/inventory/{pharmacy_id}", stock_of, json=Slice[StockLine]),
]  # fmt: skip
