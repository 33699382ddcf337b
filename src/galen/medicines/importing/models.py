"""Imports of medicines: their files, their lines, and what each source last said."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.record import Record, amount, ref
from galen.core.state import State
from galen.i18n import N_
from galen.i18n import gettext as _


class Listing(Record):
    """What a source (a supplier, the FDA, the PBS) last said about a medicine: code, buying price, and every value.

    The values tell at the next import whether the organisation has changed its own since. Rows come from files and each
    run keeps its lines, so they are not audited themselves; the medicines are.
    """

    audited, open_to = False, "staff"
    __table_args__ = (UniqueConstraint("source", "key"),)

    source: Mapped[str]  # "supplier: Botanitech", "orange book"
    key: Mapped[str]  # the source's own mark of it: a code, or name, form and pack
    product_id: Mapped[UUID] = ref("product")
    code: Mapped[str] = mapped_column(default="")
    cost: Mapped[Decimal | None] = amount()  # buying price of a pack, without goods and services tax
    retail: Mapped[Decimal | None] = amount()  # selling price that the source recommends or sets
    currency: Mapped[str]
    told: Mapped[dict[str, Any]]  # product columns and listing values, as last read
    seen_at: Mapped[datetime]


class ImportState(State):
    """An import is read first; nothing of the catalogue changes before somebody applies it."""

    WAITING = "waiting", "preview failed"
    PREVIEW = "preview", "waiting applying done failed discarded"
    APPLYING = "applying", "done preview failed"
    DONE = "done"
    FAILED = "failed"
    DISCARDED = "discarded"

    @property
    def word(self) -> str:
        """How a list of imports names it."""
        return _(STATE_WORDS[self])

    @property
    def tone(self) -> str:
        """What waits for a person asks for caution; the others have the colour of their kind."""
        return "caution" if self is ImportState.PREVIEW else ""


STATE_WORDS = {
    ImportState.WAITING: N_("Being read"),
    ImportState.PREVIEW: N_("Not applied yet"),
    ImportState.APPLYING: N_("Being applied"),
    ImportState.DONE: N_("Applied"),
    ImportState.FAILED: N_("Failed"),
    ImportState.DISCARDED: N_("Discarded"),
}
ORIGINS = {"orange-book": "FDA Orange Book", "openfda": "openFDA", "pbs": "PBS", "rxnorm": "RxNorm"}


class CatalogueImport(Record):
    """One file of medicines on its way into the catalogue: what it is, how its columns are read, what became of it."""

    open_to = "staff"

    kind: Mapped[str]  # prices, orange-book, openfda, rxnorm, pbs
    source: Mapped[str]
    file: Mapped[str]
    columns: Mapped[dict[str, Any]] = mapped_column(default=dict)  # header → field, as a person said
    guess: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # the columns as understood, sheet by sheet
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    remarks: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    problem: Mapped[str] = mapped_column(default="")  # why it failed as a whole
    at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    status: Mapped[ImportState] = mapped_column(default=ImportState.WAITING)

    @property
    def origin(self) -> str:
        """Whose list it is: the supplier, or the public catalogue."""
        return ORIGINS.get(self.source) or self.source.removeprefix("supplier: ")


class ImportFile(Record):
    """The uploaded file itself, until its import is done or discarded."""

    audited, open_to = False, "staff"

    import_id: Mapped[UUID] = ref("catalogue_import", unique=True)
    content: Mapped[bytes] = mapped_column(BYTEA)


class ImportedLine(Record):
    """One medicine of an import: what would happen, or happened, to it. Written with the run, so not audited."""

    audited, open_to = False, "staff"
    __table_args__ = (Index("imported_line_import_id_place_idx", "import_id", "place"),)

    import_id: Mapped[UUID] = ref("catalogue_import", index=False)
    place: Mapped[int]
    sheet: Mapped[str]
    row: Mapped[int]
    key: Mapped[str]
    label: Mapped[str]
    outcome: Mapped[str]  # created, updated, unchanged, kept, refused, asked
    changes: Mapped[list[dict[str, Any]]]  # field, old, new; kept: the organisation's own value stays
    remarks: Mapped[list[dict[str, Any]]]
    candidates: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # id and label of what it may be
    product_id: Mapped[UUID | None]
    accepted: Mapped[bool] = mapped_column(default=False)  # its own values give way; its question was answered
