"""Files that would stop a house, each made here."""

import gzip
import io
import zipfile
import zlib

XL = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" Target="{}"/>'
    "</Relationships>"
)
BOOK = (
    '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="List" sheetId="1" r:id="r1"/></sheets></workbook>'
)


def zipped(**parts: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as box:
        for name, content in parts.items():
            box.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return made.getvalue()


def workbook(sheet: str) -> bytes:
    """A workbook of one sheet, given as the rows of its XML."""
    whole = (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{sheet}</sheetData></worksheet>"
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr("[Content_Types].xml", XL)
        box.writestr("_rels/.rels", RELATIONS.format("officeDocument", "xl/workbook.xml"))
        box.writestr("xl/workbook.xml", BOOK)
        box.writestr("xl/_rels/workbook.xml.rels", RELATIONS.format("worksheet", "worksheets/sheet1.xml"))
        box.writestr("xl/worksheets/sheet1.xml", whole)
    return made.getvalue()


def cell(place: str, words: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{words}</t></is></c>'


def rows(many: int) -> str:
    """Rows of one text each: a small archive of a great table."""
    return "".join(f'<row r="{n}">{cell(f"A{n}", "x" * 400)}</row>' for n in range(1, many))


def bomb(megabytes: int) -> bytes:
    """A gzip that unfolds to so much: one packed piece, again and again."""
    packer, piece = zlib.compressobj(9, zlib.DEFLATED, -15), b"Product,Price\n" + b"a,1\n" * 260_000
    packed = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + packed * megabytes


def encrypted_zip() -> bytes:
    """A zip whose one table says that it is encrypted."""
    made = bytearray(zipped(list_dot_csv=b"Product,Price\nAmoxil,2\n"))
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        made[made.index(sign) + place] |= 1
    return bytes(made)


RIGHT = '<row r="1">' + cell("XFD1", "x") + "</row>"
LAST = '<row r="1">' + cell("A1", "Product") + '</row><row r="1048576">' + cell("XFD1048576", "x") + "</row>"
FAR = '<row r="1048576">' + cell("XFD1048576", "x") + "</row>"
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600

FILES: dict[str, tuple[str, bytes, str]] = {
    "a picture": ("list.xlsx", b"\x89PNG\r\n\x1a\n" + b"\0" * 200, "is PNG, and no list"),
    "a photograph": ("list.csv", b"\xff\xd8\xff\xe0" + b"\0" * 200, "is JPEG, and no list"),
    "a PDF": ("list.csv", b"%PDF-1.7\n1 0 obj\n", "is PDF, and no list"),
    "a web page": ("list.xls", b"<html><body><table><tr><td>Amoxil", "is a web page, and no list"),
    "a program": ("list.csv", b"\x7fELF" + b"\0" * 200, "is a program, and no list"),
    "a letter": ("list.xlsx", zipped(word__document_dot_xml=b"<w/>"), "is a letter"),
    "nothing": ("list.xlsx", b"", "is empty"),
    "blanks": ("list.csv", b" \r\n\t\n" * 50, "is empty"),
    "the last cell": ("list.xlsx", workbook(LAST), "too much memory"),
    "only the last cell": ("list.xlsx", workbook(FAR), "more than 60000 rows"),
    "only the last column": ("list.xlsx", workbook(RIGHT), "has 16384 columns"),
    "an archive of many": ("list.zip", zipped(a_dot_csv=b"a,b\n", b_dot_csv=b"c,d\n"), "holds 2 tables"),
    "an archive of none": ("list.zip", zipped(a_dot_exe=b"MZ"), "holds 0 tables"),
    "an archive that unfolds": ("list.csv.gz", bomb(700), "too large when it is unpacked"),
    "an archive of zeros": ("list.zip", zipped(list_dot_csv=b"\0" * 20_000_000), "zero bytes"),
    "an archive of one line": ("list.zip", zipped(list_dot_csv=b"x" * 100_000_000), "more than 1048576 characters"),
    "archives in archives": (
        "list.gz",
        gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"a,b\n")))),
        "too large",
    ),
    "an encrypted archive": ("list.zip", encrypted_zip(), "password"),
    "an encrypted workbook": ("list.xlsx", OLD + "EncryptedPackage".encode("utf-16-le") + b"\0" * 500, "password"),
    "a damaged workbook": ("list.xls", OLD, "is damaged"),
    "a cut archive": ("list.xlsx", workbook(LAST)[:300], "is damaged"),
    "many columns": ("list.csv", (",".join(f"Price {n}" for n in range(70_000)) + "\n").encode(), "70000 columns"),
    "a long line": (
        "list.csv",
        b"Product,Price\n" + b"a" * 3_000_000 + b",1\n",
        "Line 2 .* more than 1048576 characters",
    ),
    "a long cell": ("list.csv", b"Product,Price\n" + b"a" * 40_000 + b",1\n", "Row 2 .* more than 32767"),
    "a zero byte": ("list.csv", b"Product,Price\nAmox\0il,1\n", "Line 2 .* zero bytes"),
    "many rows": ("list.csv", b"Product,Price\n" + b"a,1\n" * 70_000, "more than 60000 rows"),
    "an open quote": ("list.csv", b'Product,Price\n"Amoxil,1\n' + b"b,2\n" * 20_000, "Mend its quotes"),
    "a great sheet": ("list.xlsx", workbook(rows(200_000)), "more than 60000 rows|too much memory"),
}
"""What it is: its name, its bytes, and what is said of it."""
