"""Importing medicines from files of suppliers and authorities: read, shown, then applied."""

from .answering import answer, as_text
from .models import CatalogueImport, ImportState, Listing
from .service import KINDS, import_file, preview_file, source_of

__all__ = [
    "KINDS",
    "CatalogueImport",
    "ImportState",
    "Listing",
    "answer",
    "as_text",
    "import_file",
    "preview_file",
    "source_of",
]
