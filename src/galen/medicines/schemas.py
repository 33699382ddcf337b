"""What people write about a medicine, and what they are shown."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import UploadFile
from pydantic import AfterValidator, AliasChoices, ConfigDict, Field, model_validator

from galen.core.schemas import Draft, Quantity, RecordView, View
from galen.i18n import gettext as _
from galen.values.check_digits import is_gtin

from .rules import plain, strengths

Money = Annotated[Decimal, Field(ge=0, lt=1_000_000, max_digits=12, decimal_places=4)]
Count = Annotated[Decimal, Field(ge=0, lt=1_000_000_000, decimal_places=6)]
ScheduleAU = Literal["", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9"]
ScheduleUS = Literal["", "CII", "CIII", "CIV", "CV"]
WRONG_SHOWN = 200
PRESCRIPTION = {"S4", "S8", "S9", "CII", "CIII", "CIV"}


def code_of_pack(code: str) -> str:
    """A code as it is kept: a GTIN with 14 digits; a wrong last digit is refused, as it is a misread."""
    bare = re.sub(r"[\s-]", "", code)
    if bare.isdigit() and len(bare) in (8, 12, 13, 14):
        if not is_gtin(bare):
            raise ValueError(_("has a wrong last digit: scan it again or compare it with the pack"))
        return bare.zfill(14)
    if not 3 <= len(bare) <= 40:
        raise ValueError(_("has 3 to 40 letters and digits"))
    return bare


def written_ndc(code: str) -> str:
    """A National Drug Code with eleven digits as 5-4-2; the ten-digit forms gain the zero they leave out (FDA)."""
    if not code:
        return ""
    parts = code.split("-") if "-" in code else [code[:5], code[5:9], code[9:]] if len(code) == 11 else []
    if [len(p) for p in parts] not in ([4, 4, 2], [5, 3, 2], [5, 4, 1], [5, 4, 2]) or not all(
        p.isdigit() for p in parts
    ):
        raise ValueError(_("is written with hyphens, such as 0002-8215-01, or with eleven digits"))
    return "-".join(part.zfill(size) for part, size in zip(parts, (5, 4, 2), strict=True))


def written_atc(code: str) -> str:
    """An ATC code of the fifth level (WHO): J01CA04."""
    if code and not re.fullmatch(r"[A-Z]\d\d[A-Z]{2}\d\d", code := code.upper()):
        raise ValueError(_("has the form J01CA04"))
    return code


def written_te(code: str) -> str:
    """A therapeutic equivalence code of the FDA's Orange Book, or several: AB, AB1, `AB1,AB2`, BX."""
    code = re.sub(r"[\s,;/]+", ",", code.strip().upper())
    if code and not re.fullmatch(r"[AB][A-Z]\d?(,[AB][A-Z]\d?)*", code):
        raise ValueError(_("is two letters, the first A or B, such as AB or AB1"))
    return code


def written_strength(text: str) -> str:
    """Amount and unit, written safely: `500 mg`, `0.5 mg`, `250 mg/5 mL`."""
    spaced = re.sub(r"^([\d.,]+)\s*(?=\S)", r"\1 ", text.strip())
    try:
        (part,) = strengths(f"x {spaced}")
    except ValueError:
        raise ValueError(_("is an amount and a unit, such as 500 mg or 250 mg/5 mL")) from None
    return f"{plain(part.amount)} {part.unit}"


class PartDraft(Draft):
    """One active ingredient with its strength."""

    name: str = Field(min_length=2, max_length=120, pattern=r"^[^+]+$")
    strength: Annotated[str, Field(min_length=2, max_length=60, pattern=r"^[^+]+$"), AfterValidator(written_strength)]


class MedicineDraft(Draft):
    """A pack as a pharmacist writes it down. What has no active ingredient is named by `generic` instead."""

    generic: str = Field("", max_length=200)
    ingredients: list[PartDraft] = Field(default_factory=list, max_length=60)
    brand: str = Field("", max_length=120)
    # On a page the field is called dose_form: one called "form" would hide the HTML form from itself.
    form: str = Field("", max_length=80, validation_alias=AliasChoices("form", "dose_form"))
    route: str = Field("", max_length=40)
    pack_size: Annotated[Count, Field(gt=0)]
    unit: str = Field("tablet", min_length=1, max_length=20)
    price: Money
    tax_class: Literal["medicine", "goods", "service"] = "medicine"
    schedule_au: ScheduleAU = ""
    schedule_us: ScheduleUS = ""
    prescription_only: bool = False
    atc: Annotated[str, AfterValidator(written_atc)] = ""
    rxcui: str = Field("", pattern=r"^\d{0,10}$")
    ndc: Annotated[str, AfterValidator(written_ndc)] = ""
    artg: str = Field("", pattern=r"^\d{0,9}$")
    te_code: Annotated[str, AfterValidator(written_te)] = ""
    storage: Literal["room", "fridge"] = "room"
    reorder_level: Count = Decimal(0)
    barcodes: list[Annotated[str, AfterValidator(code_of_pack)]] = Field(default_factory=list, max_length=20)

    @model_validator(mode="after")
    def named(self) -> "MedicineDraft":
        if not self.ingredients and not self.generic:
            raise ValueError(_("Write at least one active ingredient with its strength, or what the article is."))
        self.prescription_only = self.prescription_only or not PRESCRIPTION.isdisjoint(
            (self.schedule_au, self.schedule_us)
        )
        return self


class MedicineChange(Draft):
    """Only what is said is changed; a list replaces the list that was there."""

    generic: str | None = None
    ingredients: list[PartDraft] | None = None
    brand: str | None = None
    form: str | None = None
    route: str | None = None
    pack_size: Decimal | None = None
    unit: str | None = None
    price: Decimal | None = None
    tax_class: str | None = None
    schedule_au: str | None = None
    schedule_us: str | None = None
    prescription_only: bool | None = None
    atc: str | None = None
    rxcui: str | None = None
    ndc: str | None = None
    artg: str | None = None
    te_code: str | None = None
    storage: str | None = None
    reorder_level: Decimal | None = None
    barcodes: list[str] | None = None


class PriceView(View):
    """An amount of money with its currency."""

    amount: Decimal
    currency: str


class PartView(View):
    """One active ingredient of a medicine."""

    ingredient_id: UUID
    name: str
    strength: str


class MedicineLine(RecordView):
    """A medicine in a list."""

    name: str
    tall_name: str
    generic: str
    brand: str
    strength: str
    form: str
    route: str
    atc: str
    rxcui: str
    ndc: str
    artg: str
    te_code: str
    schedule_au: str
    schedule_us: str
    prescription_only: bool
    price: PriceView = Field(validation_alias="cost")
    tax_class: str
    pack_size: Quantity
    unit: str
    storage: str
    reorder_level: Quantity
    archived_at: datetime | None


class MedicineView(MedicineLine):
    """A medicine with its parts and codes."""

    ingredients: list[PartView]
    barcodes: list[str] = Field(validation_alias="codes")


class FormularyView(RecordView):
    """What a plan says about a medicine."""

    plan: str
    medicine: str
    product_id: UUID | None
    tier: int
    copay: PriceView | None = Field(validation_alias="patient_pays")
    limit_quantity: Quantity | None
    limit_days: int | None
    limit: str
    prior_authorisation: bool
    note: str


class FormularyPage(View):
    """Entries of formularies, and the plans that have one."""

    model_config = ConfigDict(from_attributes=True, arbitrary_types_allowed=True)

    plans: list[str]
    items: list[FormularyView]
    next: str | None = None

    @property
    def several_plans(self) -> bool:
        """Whether there is a plan to choose."""
        return len(self.plans) > 1


class FormularyDraft(Draft):
    """A plan's list, a file or text: looked at first, changed with `apply`; `whole` says nothing else is listed."""

    file: UploadFile | None = None
    text: str = Field("", max_length=4_000_000)
    plan: str = Field("", max_length=120)
    whole: bool = False
    apply: bool = False


class WrongView(View):
    """A row that was left out, and why."""

    row: int
    column: str
    says: str


class FormularyReport(View):
    """What a plan's list changes, or has changed when it was applied."""

    text: str = Field("", exclude=True)
    plan: str = Field("", exclude=True)
    whole: bool = False
    applied: bool = False
    new: int = 0
    changed: int = 0
    same: int = 0
    gone: int = 0
    wrong: list[WrongView] = Field(default_factory=list)

    @property
    def wrong_shown(self) -> list[WrongView]:
        """The rows that a page names one by one."""
        return self.wrong[:WRONG_SHOWN]

    @property
    def wrong_hidden(self) -> int:
        """How many more there are."""
        return max(0, len(self.wrong) - WRONG_SHOWN)

    @property
    def rows_in(self) -> int:
        """How many entries the list adds or changes."""
        return self.new + self.changed

    @property
    def changing(self) -> bool:
        """Whether there is something to bring in that has not been."""
        return not self.applied and bool(self.rows_in or self.gone)
