"""Files: sealed, in a folder or a bucket, told by their content, and never parsed in the server itself."""

from .children import PARSERS, CannotBeRead, Limits, Parsed, Parser, run_in_child
from .kinds import DOCUMENTS, JPEG, PDF, PICTURES, PNG, TEXT, TIFF, WEBP
from .models import StoredFile
from .service import FileTooLarge, KeptFile, KindNotAllowed, answer, content, keep, rewrap, sweep
from .store import FileMissing, StoreUnreachable

__all__ = [
    "DOCUMENTS",
    "JPEG",
    "PARSERS",
    "PDF",
    "PICTURES",
    "PNG",
    "TEXT",
    "TIFF",
    "WEBP",
    "CannotBeRead",
    "FileMissing",
    "FileTooLarge",
    "KeptFile",
    "KindNotAllowed",
    "Limits",
    "Parsed",
    "Parser",
    "StoreUnreachable",
    "StoredFile",
    "answer",
    "content",
    "keep",
    "rewrap",
    "run_in_child",
    "sweep",
]
