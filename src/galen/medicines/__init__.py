"""Medicines: what can be prescribed, stocked and sold, and how it is found."""

from .alternatives import Alternatives, alternatives
from .catalogue import load_catalogue
from .equivalence import rated_equal, same_strength
from .events import MedicineChanged
from .formulary import formulary_of
from .importing.reading import FileRow, UnreadableFile, read_sheets
from .models import Barcode, FormularyEntry, Ingredient, Product, ProductIngredient
from .naming import ingredient_name, ingredient_names, ingredient_of_code
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
    "Alternatives",
    "Barcode",
    "FileRow",
    "FormularyEntry",
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
    "products",
    "rated_equal",
    "read_sheets",
    "restore",
    "same_strength",
]
