"""The pages and addresses of the counter."""

from galen.core.schemas import Slice
from galen.core.web import delete, get, post, put
from galen.i18n import N_

from .schemas import BasketView, ReturnView, SaleSummary, SaleView
from .service import (
    add_item,
    approve_sale,
    basket,
    begin_sale,
    change_quantity,
    discount_line,
    discount_sale,
    find_sales,
    mail_receipt,
    park_sale,
    pay_sale,
    print_sale,
    remove_line,
    return_item,
    sale,
    sale_record,
    sales,
    scan_at_counter,
    scan_item,
    set_buyer,
    set_price,
    take_up,
    void_sale,
)

ONE, LINE = "/sales/{sale_id}", "/sales/{sale_id}/lines/{line_id}"
CHANGE = {"json": BasketView, "html": "basket.html"}

routes = [
    get("/counter/sale", basket, json=BasketView, html="basket.html", nav="Counter", icon="barcode", order=36),
    post("/counter/scans", scan_item, json=BasketView, idempotent=False),
    post("/counter/scans", scan_at_counter, html="basket.html", idempotent=False),
    post("/counter/items", add_item, **CHANGE, says=N_("It is in the sale.")),
    get("/sales", sales, json=Slice[SaleSummary], html="sales.html"),
    post("/sales", begin_sale, json=SaleView),
    get(ONE, sale_record, json=SaleView),
    get(ONE, sale, html="sale.html"),
    put(LINE, change_quantity, **CHANGE, says=N_("The quantity is changed.")),
    delete(LINE, remove_line, **CHANGE),
    put(f"{LINE}/price", set_price, **CHANGE, says=N_("The price is written.")),
    put(f"{LINE}/discount", discount_line, **CHANGE, says=N_("The discount is on the line.")),
    put(f"{ONE}/discount", discount_sale, **CHANGE, says=N_("The discount is on the sale.")),
    put(f"{ONE}/buyer", set_buyer, **CHANGE, says=N_("The buyer is written down.")),
    put(f"{ONE}/approval", approve_sale, **CHANGE, says=N_("A pharmacist has seen this sale.")),
    post(f"{ONE}/parking", park_sale, json=SaleView, redirect="/counter/sale", says=N_("Sale %(number)s waits."),
        undo="counter.take_up"),
    delete(f"{ONE}/parking", take_up, json=SaleView, redirect="/counter/sale", says=N_("Sale %(number)s goes on.")),
    post(f"{ONE}/payment", pay_sale, json=SaleView, redirect="/counter/sale?done={id}"),
    post(f"{ONE}/cancellation", void_sale, json=SaleView, redirect="/counter/sale",
        says=N_("Sale %(number)s is void.")),
    post(f"{ONE}/returns", return_item, json=ReturnView, redirect="/sales/{sale_id}"),
    get(f"{ONE}/receipt", print_sale, media_type="application/pdf", writes=True),
    post(f"{ONE}/receipt/mail", mail_receipt, json=SaleView, redirect="/sales/{id}"),
    get("", find_sales, search="Sales"),
]  # fmt: skip
