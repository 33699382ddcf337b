"""What a file is, told by what it holds; its name and what the browser says of it are not asked."""

import re
from collections.abc import Callable
from typing import BinaryIO

from galen.i18n import N_
from galen.i18n import gettext as _

PDF, TEXT = "application/pdf", "text/plain"
JPEG, PNG, WEBP, TIFF = "image/jpeg", "image/png", "image/webp", "image/tiff"
PICTURES = frozenset({JPEG, PNG, WEBP, TIFF})
DOCUMENTS = PICTURES | {PDF, TEXT}
ENDINGS = {PDF: ".pdf", JPEG: ".jpg", PNG: ".png", WEBP: ".webp", TIFF: ".tif", TEXT: ".txt"}
WORDS = {PDF: "PDF", JPEG: "JPEG", PNG: "PNG", WEBP: "WebP", TIFF: "TIFF", TEXT: N_("plain text")}

HEAD = 64 * 1024
SIGNS: list[tuple[Callable[[bytes], object], str]] = [
    (lambda head: head.startswith(b"%PDF-"), PDF),
    (lambda head: head.startswith(b"\xff\xd8\xff"), JPEG),
    (lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"), PNG),
    (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", WEBP),
    (lambda head: head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")), TIFF),
    # what is recognised only to be called by its name
    (lambda head: head[4:8] == b"ftyp" and head[8:11] in (b"hei", b"hev", b"mif", b"msf"), N_("a HEIC picture")),
    (lambda head: head[4:8] == b"ftyp", N_("a film or sound")),
    (lambda head: head.startswith((b"GIF87a", b"GIF89a")), N_("a GIF picture")),
    (lambda head: head.startswith(b"BM") and head[6:10] == b"\0" * 4, N_("a BMP picture")),
    (
        lambda head: head.startswith(b"PK\x03\x04") and re.search(rb"word/|xl/|ppt/|mimetype", head),
        N_("an office document"),
    ),
    (lambda head: head.startswith((b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")), N_("an archive")),
    (lambda head: head.startswith(b"\xd0\xcf\x11\xe0"), N_("an old office document")),
    (lambda head: head.startswith((b"MZ", b"\x7fELF", b"#!")), N_("a program")),
    (lambda head: head[128:132] == b"DICM", N_("a DICOM picture")),
    (
        lambda head: re.match(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|svg|\?xml|script|head|body)", head, re.I),
        N_("a web page"),
    ),
]


def sign_of(head: bytes) -> str:
    """What a file begins as: a media type, or words for it; nothing where it may be text."""
    return next((kind for sign, kind in SIGNS if sign(head[:HEAD])), "")


def in_a_word(kind: str) -> str:
    """A kind as people call it: PDF, a web page."""
    return _(WORDS.get(kind, kind))


def kind_of(source: BinaryIO) -> str:
    """A media type, else words for what it seems to be. Text is text to its end."""
    source.seek(0)
    kind = sign_of(source.read(HEAD)) or (TEXT if is_text(source) else N_("a file of an unknown kind"))
    source.seek(0)
    return kind


def is_text(source: BinaryIO) -> bool:
    """UTF-8 without control characters, read piece by piece."""
    source.seek(0)
    left = b""
    while piece := source.read(HEAD):
        if re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]", piece):
            return False
        left += piece
        try:
            left.decode()
            left = b""
        except UnicodeDecodeError as error:
            if len(left) - error.start > 3 or error.reason != "unexpected end of data":
                return False
            left = left[error.start :]
    return not left


def in_words(kinds: frozenset[str]) -> str:
    """PDF, JPEG, PNG, WebP, TIFF, plain text."""
    return ", ".join(_(word) for kind, word in WORDS.items() if kind in kinds)


def clean_name(name: str, kind: str) -> str:
    """The name as it was given, without folders, control characters and tricks; it ends as its kind does."""
    name = re.split(r"[/\\]", name)[-1]
    name = re.sub(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]", "", name)
    stem = re.sub(r"\.(pdf|jpe?g|png|webp|tiff?|txt|heic)$", "", " ".join(name.split()), flags=re.I).strip(". ")
    return (stem[:120].strip(". ") or "file") + ENDINGS[kind]
