"""Medicines: what can be prescribed, stocked and sold, and how it is found."""

from .catalogue import load_catalogue
from .events import MedicineChanged
from .models import Barcode, Ingredient, Product, ProductIngredient
from .schemas import MedicineChange, MedicineDraft, MedicineLine, MedicineView, PartDraft, PriceView
from .service import (
    add_medicine,
    archive,
    change_medicine,
    edit_medicine,
    find_medicines,
    medicines,
    of_code,
    open_medicine,
    products,
    restore,
)

__all__ = [
    "Barcode",
    "Ingredient",
    "MedicineChange",
    "MedicineChanged",
    "MedicineDraft",
    "MedicineLine",
    "MedicineView",
    "PartDraft",
    "PriceView",
    "Product",
    "ProductIngredient",
    "add_medicine",
    "archive",
    "change_medicine",
    "edit_medicine",
    "find_medicines",
    "load_catalogue",
    "medicines",
    "of_code",
    "open_medicine",
    "products",
    "restore",
]
