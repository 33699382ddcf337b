"""What people say to an import, and what they see of it."""

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from fastapi import UploadFile
from pydantic import Field, model_validator

from galen.core.schemas import Draft, RecordView, Slice, View
from galen.i18n import N_, gettext, label, ngettext
from galen.i18n import gettext as _
from galen.values.units import counted

from .comparing import ASKED
from .fields import NOT_KEPT
from .models import ImportState

FIELD_NAMES = {
    "parts": N_("Active ingredients"),
    "barcodes": N_("Code"),
    "te_code": N_("TE code"),
    "ndc": N_("NDC"),
    "artg": N_("ARTG"),
    "atc": N_("ATC"),
    "rxcui": N_("RxNorm"),
    "thc": N_("THC"),
    "cbd": N_("CBD"),
    "cost": N_("Buying price"),
    "retail": N_("Recommended price"),
    "price": N_("Selling price"),
    "schedule_au": N_("Schedule"),
    "schedule_us": N_("Schedule"),
    "since": N_("Valid from"),
    "code": N_("Supplier's code"),
}
WHY = {
    "header": N_("Known by its header."),
    "values": N_("Guessed by its values."),
    "said": N_("As you said."),
    "": N_("Not understood, so left out."),
}
OUTCOME_WORDS = {
    ASKED: N_("Questions"),
    "created": N_("New"),
    "updated": N_("Changed"),
    "unchanged": N_("Unchanged"),
    "kept": N_("Own values kept"),
    "refused": N_("Refused"),
}


class UploadDraft(Draft):
    """A file, what it is, and for a price list whose it is."""

    file: UploadFile
    kind: str = "prices"
    supplier: str = Field("", max_length=80)


class ColumnDraft(Draft):
    """What a column means; no field leaves it out."""

    header: str
    field: str = ""


class ColumnsDraft(Draft):
    """How the columns of a file are to be read."""

    columns: list[ColumnDraft] = Field(default_factory=list, max_length=200)


class ColumnView(View):
    """A column of the file: what it was taken for, and why."""

    header: str
    field: str
    why: str
    sample: str

    @property
    def hint(self) -> str:
        """Why it was taken for that, and what stands in it."""
        example = _("For example %(sample)s", sample=self.sample) if self.sample else _("It is empty.")
        return f"{_(WHY[self.why])} {example}"

    @property
    def used(self) -> bool:
        """Whether anything of it goes into the catalogue."""
        return bool(self.field) and self.field not in NOT_KEPT


class ChangeView(View):
    """One value of a medicine: what it was and what the file says; `kept` when the organisation's own stays."""

    field: str
    old: Any = None
    new: Any = None
    kept: bool = False

    @property
    def name(self) -> str:
        """The field, as people call it."""
        return _(FIELD_NAMES[self.field]) if self.field in FIELD_NAMES else label(self.field).capitalize()

    @property
    def was(self) -> str:
        """What stood there, in words; empty when nothing did."""
        return "" if self.old in (None, "", []) else in_words(self.field, self.old)

    @property
    def becomes(self) -> str:
        return in_words(self.field, self.new)

    @property
    def of_the_pack(self) -> bool:
        """Whether a new medicine says it with its pack, and not beside it."""
        return self.field in ("pack_size", "unit")


def in_words(field: str, value: Any) -> str:
    """A value as a person reads it: money with two decimals, a content with its unit, lists in one line."""
    if field in ("price", "cost", "retail") and value:
        return f"{Decimal(str(value)):.2f}"
    if isinstance(value, dict):
        content = _("%(mg)s mg/%(per)s", mg=value["mg"], per=value["per"]).replace(" ", "\u00a0")
        return _("less than %(content)s", content=content) if value.get("below") else content
    if isinstance(value, list):
        return ", ".join(item if isinstance(item, str) else " ".join(map(str, item)) for item in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


class RemarkView(View):
    """What is wrong in one place of the file, in the reader's language."""

    sheet: str = ""
    row: int = 0
    column: str = ""
    says: str

    @model_validator(mode="before")
    @classmethod
    def spoken(cls, kept: Any) -> Any:
        """A remark is kept as a message with its values; the sentence is made when it is read."""
        if isinstance(kept, dict) and "message" in kept:
            return kept | {"says": gettext(kept["message"], **kept["values"])}
        return kept

    @property
    def words(self) -> str:
        """The sentence, behind the column it concerns."""
        return _("%(column)s: %(says)s", column=self.column, says=self.says) if self.column else self.says

    @property
    def in_sheet(self) -> str:
        """The sentence, behind the sheet it concerns."""
        return _("Sheet %(sheet)s: %(says)s", sheet=self.sheet, says=self.says) if self.sheet else self.says


class CandidateView(View):
    """A medicine of the catalogue that a line may be."""

    id: UUID
    label: str


class ImportedLineView(View):
    """One medicine of an import."""

    id: UUID
    sheet: str
    row: int
    label: str
    outcome: str
    changes: list[ChangeView]
    remarks: list[RemarkView]
    candidates: list[CandidateView]
    product_id: UUID | None
    accepted: bool

    @property
    def is_new(self) -> bool:
        """A medicine that the catalogue does not have, or may not have."""
        return self.outcome in ("created", ASKED)

    @property
    def is_asked(self) -> bool:
        """Somebody has to say whether it is a medicine of the catalogue."""
        return self.outcome == ASKED

    @property
    def answer(self) -> str:
        """What was said to its question."""
        if not self.accepted:
            return _("Not answered: it is left out.")
        meant = next((medicine.label for medicine in self.candidates if medicine.id == self.product_id), "")
        return _("It is %(medicine)s.", medicine=meant) if meant else _("It is a new medicine.")

    @property
    def is_unchanged(self) -> bool:
        return self.outcome == "unchanged"

    @property
    def is_kept(self) -> bool:
        """Its own values stay, unless somebody gives them up."""
        return self.outcome == "kept"

    @property
    def choice(self) -> str:
        """What can be chosen for own values: the other of what holds now."""
        return _("Keep our own") if self.accepted else _("Take the file's value")

    @property
    def news(self) -> str:
        """A new medicine in one line: its pack, then what else the file says."""
        told = [f"{change.name} {change.becomes}" for change in self.changes if not change.of_the_pack]
        return ", ".join([self.pack, *told] if self.pack else told)

    @property
    def pack(self) -> str:
        """The pack of a new medicine, in words: 30 capsules."""
        new = {change.field: change.new for change in self.changes}
        size = new.get("pack_size")
        return counted(Decimal(str(size)), str(new.get("unit") or "")) if size else ""


class ImportView(RecordView):
    """An import in the list of imports."""

    kind: str
    source: str
    file: str
    at: datetime
    applied_at: datetime | None
    status: ImportState
    counts: dict[str, Any]
    problem: str

    @property
    def supplier(self) -> str:
        return self.source.removeprefix("supplier: ")


class Outcome(NamedTuple):
    """How many medicines of a file end in one way."""

    name: str
    word: str
    number: int


class ImportNotice(NamedTuple):
    """What is said above an import that is not open to choices; with a way on where there is one."""

    text: str = ""
    tone: str = "info"
    href: str = ""


class ImportPage(ImportView):
    """An import with its columns and the lines that were asked for."""

    columns: list[ColumnView]
    remarks: list[RemarkView]
    lines: Slice[ImportedLineView]
    show: str = ""
    accepted: int = 0
    sheets: bool = False  # several: a row is named with its sheet
    fields: list[tuple[str, str]] = Field(default_factory=list, exclude=True)

    @property
    def busy(self) -> bool:
        """Somebody is at work on it in the background."""
        return self.status in (ImportState.WAITING, ImportState.APPLYING)

    @property
    def open(self) -> bool:
        """It was read, and can be applied or discarded."""
        return self.status is ImportState.PREVIEW

    @property
    def looked_at(self) -> bool:
        """Its lines can be looked at: before it is applied, and afterwards."""
        return self.status in (ImportState.PREVIEW, ImportState.DONE)

    @property
    def step(self) -> int:
        """How far it is: read, look, apply."""
        return {ImportState.WAITING: 0, ImportState.FAILED: 0, ImportState.APPLYING: 2, ImportState.DONE: 2}.get(
            self.status, 1
        )

    @property
    def notice(self) -> ImportNotice:
        """What is said of it as a whole, while there is nothing to choose."""
        if self.status is ImportState.WAITING:
            return ImportNotice(_("The file is being read. This page shows the result by itself."))
        if self.status is ImportState.APPLYING:
            return ImportNotice(_("The catalogue is being changed. This page shows the result by itself."))
        if self.status is ImportState.FAILED:
            text = _("%(problem)s Nothing was changed.", problem=self.problem)
            return ImportNotice(text, "caution", "/medicines/imports")
        if self.status is ImportState.DISCARDED:
            text = _("Discarded: nothing of it was taken into the catalogue.")
            return ImportNotice(text, href="/medicines/imports")
        return ImportNotice()

    @property
    def summary(self) -> str:
        """How much was read, and whose list it is."""
        read, rows = self.counts["read"], self.counts["rows"]
        if self.supplier == self.kind:
            return _("%(count)s medicines from %(rows)s rows", count=read, rows=rows)
        return _(
            "%(count)s medicines from %(rows)s rows of %(supplier)s", count=read, rows=rows, supplier=self.supplier
        )

    @property
    def outcomes(self) -> list[Outcome]:
        """What becomes of the medicines, in the order in which a person looks at them."""
        return [
            Outcome(name, _(word), self.counts.get(name, 0))
            for name, word in OUTCOME_WORDS.items()
            if name != ASKED or self.counts.get(name)
        ]

    @property
    def apply_label(self) -> str:
        """What applying does: so many changes, or only a note that the file was read."""
        changes = self.counts["created"] + self.counts["updated"] + self.accepted
        if not changes:
            return _("Apply: note that it was read")
        return ngettext("Apply %(num)s change", "Apply %(num)s changes", changes)

    @property
    def columns_open(self) -> bool:
        """Whether a person may say what the columns mean."""
        return self.kind == "prices" and self.open and bool(self.columns)

    @property
    def columns_used(self) -> int:
        return sum(column.used for column in self.columns)
