"""Medicines: what can be prescribed, stocked and sold, and how it is found."""

from .alternatives import Alternatives, alternatives
from .catalogue import load_catalogue, raised
from .equivalence import rated_equal, same_strength
from .events import MedicineChanged
from .formulary import formulary_of
from .gs1 import Misread, Scan, read_scan
from .importing.events import PriceListApplied
from .importing.models import Listing
from .importing.reading import BY_HAND, FileRow, FileSheet, UnreadableFile, read_sheets
from .models import Barcode, FormularyEntry, Ingredient, Product, ProductIngredient
from .naming import ingredient_name, ingredient_names, ingredient_of_code
from .prices import price_origin
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
    scan_of,
    scanned,
)

__all__ = [
    "BY_HAND",
    "Alternatives",
    "Barcode",
    "FileRow",
    "FileSheet",
    "FormularyEntry",
    "Ingredient",
    "Listing",
    "MedicineChange",
    "MedicineChanged",
    "MedicineDraft",
    "MedicineLine",
    "MedicineView",
    "Misread",
    "PartDraft",
    "PriceListApplied",
    "PriceView",
    "Product",
    "ProductIngredient",
    "Scan",
    "UnreadableFile",
    "add_medicine",
    "alternatives",
    "archive",
    "change_medicine",
    "edit_medicine",
    "find_medicines",
    "formulary_of",
    "ingredient_name",
    "ingredient_names",
    "ingredient_of_code",
    "load_catalogue",
    "medicines",
    "of_code",
    "open_medicine",
    "price_origin",
    "products",
    "raised",
    "rated_equal",
    "read_scan",
    "read_sheets",
    "restore",
    "same_strength",
    "scan_of",
    "scanned",
]
