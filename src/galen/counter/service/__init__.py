"""The verbs of the counter: `selling` fills the basket, `ending` pays it, `returning` takes back, `look` shows."""

from .ending import approve_sale, park_sale, pay_sale, take_up, void_forgotten, void_sale
from .lists import find_sales, sale, sale_record, sales
from .look import basket
from .paper import mail_receipt, print_sale
from .proof import drift
from .returning import return_item
from .selling import (
    add_item,
    begin_sale,
    change_quantity,
    discount_line,
    discount_sale,
    remove_line,
    scan_at_counter,
    scan_item,
    set_buyer,
    set_price,
)

__all__ = [
    "add_item",
    "approve_sale",
    "basket",
    "begin_sale",
    "change_quantity",
    "discount_line",
    "discount_sale",
    "drift",
    "find_sales",
    "mail_receipt",
    "park_sale",
    "pay_sale",
    "print_sale",
    "remove_line",
    "return_item",
    "sale",
    "sale_record",
    "sales",
    "scan_at_counter",
    "scan_item",
    "set_buyer",
    "set_price",
    "take_up",
    "void_forgotten",
    "void_sale",
]
