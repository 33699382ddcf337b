"""Which rows of a list belong to one medicine: titles of sections and sums are none. Pure."""

import re
from collections.abc import Iterator

from .guessing import Table
from .reading import Cell, FileRow
from .values import code, said, text

_CODE = re.compile(r"[A-Za-z]*\d[\w./-]*")
_TOTAL = re.compile(r"^(?:grand )?total|^sub ?total|^end of|^page \d|^continued|^notes?\b|^\*", re.I)


class GroupedRows:
    """The rows of a table, with the meaning of its columns."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.places = {c.field: c.place for c in table.columns if c.field}
        self.section = ""  # the title under which the rows stand

    def cell(self, row: FileRow, name: str) -> Cell:
        place = self.places.get(name)
        return row.cells[place] if place is not None and place < len(row.cells) else None

    def groups(self) -> Iterator[list[FileRow]]:
        """The rows of each medicine; a row that only names a further ingredient belongs to the one above it."""
        whole: list[FileRow] = []
        for row in self.table.rows:
            filled = [text(c) for c in row.cells if text(c)]
            if len(filled) == 1 and not _CODE.fullmatch(filled[0]) and not self.continues(row):
                if whole:
                    yield whole
                whole, self.section = [], filled[0]
                continue
            if _TOTAL.match(filled[0] if filled else "") and len(filled) <= 2:
                continue
            if whole and self.continues(row, whole[0]):
                whole.append(row)
                continue
            if whole:
                yield whole
            whole = [row]
        if whole:
            yield whole

    def continues(self, row: FileRow, first: FileRow | None = None) -> bool:
        """A row with an ingredient, and without a price, a code of its own and (but for a solvent) a name."""
        if not said(self.cell(row, "ingredients")) or any(
            said(self.cell(row, n)) for n in ("price", "cost", "unit_price", "unit_cost", "barcode", "ndc")
        ):
            return False
        own = code(self.cell(row, "code"))
        if own and (first is None or own != code(self.cell(first, "code")) or said(self.cell(row, "brand"))):
            return False
        return not said(self.cell(row, "brand")) or ("code" in self.places and not own)
