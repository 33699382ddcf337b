"""The verbs of importing: read a file, show what it would change, apply it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from galen.core.context import Context
from galen.core.errors import Invalid
from galen.i18n import N_
from galen.i18n import gettext as _

from . import openfda, orange_book, pbs, price_lists
from .applying import apply
from .comparing import Preview, compared
from .guessing import UnknownColumn
from .lines import FileContents
from .reading import UnreadableFile, read_sheets
from .suppliers import SUPPLIERS

KINDS = {
    "prices": N_("Price list of a supplier"),
    "orange-book": N_("FDA Orange Book (products.txt)"),
    "openfda": N_("openFDA NDC directory (JSON)"),
    "pbs": N_("PBS items (CSV or JSON)"),
}
"""What can be imported into the catalogue, with its name for people."""


class BadFile(Invalid):
    """The file as a whole cannot be imported."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a file comes from: its kind, its supplier, and the columns that a person named."""

    kind: str
    supplier: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"supplier: {self.supplier}" if self.kind == "prices" else self.kind


def source_of(kind: str, supplier: str = "", columns: Mapping[str, str] | None = None) -> Source:
    """A source by the words people use; a known supplier brings its own mapping."""
    known = SUPPLIERS.get(supplier.casefold().replace(" ", "-"))
    if kind == "prices" and not supplier.strip():
        raise Invalid("supplier", _("Name the supplier: its list is compared with what it said before."))
    return Source(
        kind,
        known.name if known else " ".join(supplier.split()),
        (known.columns if known else {}) | dict(columns or {}),
    )


def read(source: Source, file: str, content: bytes, country: str) -> FileContents:
    """The medicines of a file; refuses, in a sentence, one that is of another kind or damaged."""
    try:
        if source.kind == "openfda":
            return openfda.contents_of(file, content)
        if source.kind == "pbs":
            return pbs.contents_of(file, content)
        sheets = read_sheets(file, content)
        if source.kind == "orange-book":
            return orange_book.contents_of(sheets, file)
        contents = price_lists.contents_of(sheets, file, country, source.columns)
    except UnreadableFile as error:
        raise BadFile("file", str(error)) from error
    except UnknownColumn as error:
        raise BadFile("columns", str(error)) from error
    if not contents.lines:
        problem = _(
            "%(file)s holds no medicine that could be read. Check that a row of it names the columns.", file=file
        )
        raise BadFile("file", problem)
    return contents


async def preview_file(ctx: Context, source: Source, file: str, content: bytes, *, accept: bool = False) -> Preview:
    """What a file would change; nothing changes."""
    return await compared(ctx, read(source, file, content, ctx.organization.country), source.name, accept=accept)


async def import_file(
    ctx: Context, source: Source, file: str, content: bytes, *, accept: bool = False, currency: str = ""
) -> Preview:
    """Read, compare and apply in one transaction. Own values stay unless `accept` gives them up."""
    preview = await preview_file(ctx, source, file, content, accept=accept)
    await apply(ctx, preview, currency=currency)
    return preview
