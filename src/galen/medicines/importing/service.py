"""The verbs of importing: read a file, show what it would change, apply it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from galen.core.context import Context
from galen.core.errors import Invalid
from galen.i18n import N_
from galen.i18n import gettext as _
from galen.logs import log

from . import openfda, orange_book, pbs, price_lists
from .applying import apply
from .comparing import Preview, compared
from .guessing import UnknownColumn
from .lines import FileContents
from .reading import AT_ONCE, BEHIND, BY_HAND, FileBounds, FileContent, Shape, UnreadableFile, read_content
from .suppliers import SUPPLIERS

KINDS = {
    "prices": N_("Price list of a supplier"),
    "orange-book": N_("FDA Orange Book (products.txt)"),
    "openfda": N_("openFDA NDC directory (JSON)"),
    "pbs": N_("PBS items (CSV or JSON)"),
}
"""What can be imported into the catalogue, with its name for people."""


BROKEN = (AttributeError, TypeError, LookupError, ValueError, ArithmeticError, RecursionError)
"""What a file brings about that has values of other kinds than its layout says."""
MISPLACED = N_("%(file)s has values where others belong, so it cannot be read. Fetch it again, or ask for it anew.")
CELLS_AT_ONCE = 20_000  # understood while somebody waits; more is for a job


class BadFile(Invalid):
    """The file as a whole cannot be imported."""


class MuchToUnderstand(Exception):
    """A small file that holds much: it is left to a job."""


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


SHAPES: Mapping[str, Shape] = {"openfda": "records", "pbs": "either"}


async def read(source: Source, file: str, content: bytes, country: str, bounds: FileBounds = BEHIND) -> FileContents:
    """The medicines of a file; refuses, in a sentence, one that is of another kind, damaged, or too much."""
    try:
        held = await read_content(file, content, SHAPES.get(source.kind, "rows"), bounds)
        if bounds is AT_ONCE and held.cells > CELLS_AT_ONCE:
            raise MuchToUnderstand
        contents = await asyncio.to_thread(understood, source, file, held, country)
    except UnreadableFile as error:
        raise BadFile("file", str(error)) from error
    except UnknownColumn as error:
        raise BadFile("columns", str(error)) from error
    except BROKEN as error:
        log.warning("a file could not be understood", kind=source.kind, error=type(error).__name__)
        raise BadFile("file", _(MISPLACED, file=file)) from error
    if not contents.lines:
        problem = _(
            "%(file)s holds no medicine that could be read. Check that a row of it names the columns.", file=file
        )
        raise BadFile("file", problem)
    return contents


def understood(source: Source, file: str, held: FileContent, country: str) -> FileContents:
    """What the rows say, by the kind of file. Runs in a thread, so that requests and jobs go on meanwhile."""
    if source.kind == "openfda":
        return openfda.contents_of(file, held.records)
    if source.kind == "pbs":
        return pbs.contents_of(file, held)
    if source.kind == "orange-book":
        return orange_book.contents_of(held.sheets, file)
    return price_lists.contents_of(held.sheets, file, country, source.columns)


async def preview_file(
    ctx: Context, source: Source, file: str, content: bytes, *, accept: bool = False, currency: str = ""
) -> Preview:
    """What a file would change; nothing changes."""
    contents = await read(source, file, content, ctx.organization.country, BY_HAND)
    return await compared(ctx, contents, source.name, accept=accept, currency=currency)


async def import_file(
    ctx: Context, source: Source, file: str, content: bytes, *, accept: bool = False, currency: str = ""
) -> Preview:
    """Read, compare and apply in one transaction. Own values stay unless `accept` gives them up."""
    preview = await preview_file(ctx, source, file, content, accept=accept, currency=currency)
    await apply(ctx, preview, currency=currency)
    return preview
