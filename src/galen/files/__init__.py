"""Files: sealed, in a folder or a bucket, told by their content, and never parsed in the server itself."""

from .children import PARSERS, CannotBeRead, Limits, Parsed, Parser, TooManyFiles, run_in_child
from .kinds import DOCUMENTS, JPEG, PDF, PICTURES, PNG, TEXT, TIFF, WEBP, in_a_word, sign_of
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
    "TooManyFiles",
    "answer",
    "content",
    "in_a_word",
    "keep",
    "rewrap",
    "run_in_child",
    "sign_of",
    "sweep",
]
