"""Substances, packs with their codes and names, and what insurance plans say of them."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from galen.core.record import Record, amount, check, ddl, link, quantity, ref
from galen.i18n import gettext as _
from galen.i18n import ngettext
from galen.values.money import Money
from galen.values.units import counted, plain

from .naming import ingredient_names

NO_BREAK = "\u00a0"


class Ingredient(Record):
    """An active substance by its international name (INN), with the other names it goes by."""

    open_to = "everyone"

    name: Mapped[str] = mapped_column(unique=True)
    key: Mapped[str] = mapped_column(unique=True)  # the name as it is searched
    synonyms: Mapped[list[str]] = mapped_column(default=list)
    brands: Mapped[list[str]] = mapped_column(default=list)  # well-known ones, so that a brand finds the generic
    atc: Mapped[list[str]] = mapped_column(default=list)
    rxcui: Mapped[str] = mapped_column(default="")


class Product(Record):
    """A pack that can be prescribed, stocked and sold; price and levels are this organisation's own."""

    open_to = "everyone"
    __table_args__ = (
        check("price >= 0", "price"),
        check("pack_size > 0", "pack_size"),
        check("reorder_level >= 0", "reorder_level"),
        check("tax_class IN ('medicine', 'goods', 'service')", "tax_class"),
    )

    generic: Mapped[str]  # "amoxicillin + clavulanic acid": its active ingredients, or what it is when it has none
    brand: Mapped[str] = mapped_column(default="")
    strength: Mapped[str] = mapped_column(default="")  # "875 mg + 125 mg": in the order of the ingredients
    form: Mapped[str] = mapped_column(default="")
    route: Mapped[str] = mapped_column(default="")
    tall: Mapped[str]  # the generic name with the letters raised that tell look-alikes apart
    atc: Mapped[str] = mapped_column(default="", index=True)
    rxcui: Mapped[str] = mapped_column(default="", index=True)
    ndc: Mapped[str] = mapped_column(default="", index=True)
    artg: Mapped[str] = mapped_column(default="", index=True)
    te_code: Mapped[str] = mapped_column(default="")  # FDA Orange Book: AB, AB1, BX; empty where none is known
    schedule_au: Mapped[str] = mapped_column(default="")  # S2 to S9; empty for general sale
    schedule_us: Mapped[str] = mapped_column(default="")  # CII to CV; empty when not controlled
    prescription_only: Mapped[bool] = mapped_column(default=False)
    price: Mapped[Decimal] = amount()  # of one whole pack
    currency: Mapped[str]
    tax_class: Mapped[str] = mapped_column(default="medicine")
    pack_size: Mapped[Decimal] = quantity()
    unit: Mapped[str]  # what is counted: tablet, mL, dose
    storage: Mapped[str] = mapped_column(default="room")  # room or fridge
    reorder_level: Mapped[Decimal] = quantity()  # in units, as stock is counted
    sort: Mapped[str] = mapped_column(index=True)  # strengths in the order of their numbers
    source: Mapped[str | None] = mapped_column(unique=True)  # where a loaded product came from
    archived_at: Mapped[datetime | None]

    ingredients: Mapped[list["ProductIngredient"]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="ProductIngredient.place", back_populates="product"
    )
    barcodes: Mapped[list["Barcode"]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="Barcode.id"
    )

    @property
    def name(self) -> str:
        """amoxicillin 500 mg capsule; amoxicillin 875 mg + clavulanic acid 125 mg tablet."""
        return f"{_joined(self.generic, self.strength)} {self.form}".strip()

    @property
    def tall_name(self) -> str:
        """The same for the eye: look-alike letters raised, and no line ends between a number and its unit."""
        return f"{_joined(self.tall, self.strength, NO_BREAK)} {self.form}".strip()

    @property
    def label(self) -> str:
        """Generic first, brand behind it."""
        return f"{self.name} ({self.brand})" if self.brand else self.name

    @property
    def tall_label(self) -> str:
        """The same for the eye, brand behind it."""
        return f"{self.tall_name} ({self.brand})" if self.brand else self.tall_name

    @property
    def holds(self) -> tuple[str, ...]:
        """The names of its active ingredients, without asking the database; with no strength, those known."""
        return tuple(self.generic.split(" + ")) if self.strength else ingredient_names(self.generic)

    @property
    def codes(self) -> list[str]:
        """Its barcodes as they are printed."""
        return [barcode.printed for barcode in self.barcodes]

    def schedule_in(self, country: str) -> str:
        """Its schedule by the law of a country; empty when it has none there."""
        return self.schedule_us if country == "US" else self.schedule_au

    @property
    def supply(self) -> str:
        """How it is sold where no schedule says so."""
        return _("Prescription only") if self.prescription_only else _("General sale")

    @property
    def supply_short(self) -> str:
        """The same in a list."""
        return "Rx" if self.prescription_only else _("General sale")

    @property
    def storage_words(self) -> str:
        return _("Refrigerate (2 to 8 °C)") if self.storage == "fridge" else _("Room temperature")

    @property
    def cost(self) -> Money:
        """The price of a pack with its currency."""
        return Money.rounded(self.price, self.currency)

    @property
    def unit_price(self) -> Decimal:
        """The price of one unit, not rounded."""
        return self.price / self.pack_size

    @property
    def pack(self) -> str:
        """20 capsules, 100 mL."""
        return self.counted(self.pack_size)

    def counted(self, quantity: Decimal) -> str:
        """A quantity with its unit: 480 capsules, 1 vial, 2400 mL."""
        return counted(quantity, self.unit)


def _joined(names: str, strengths: str, space: str = " ") -> str:
    if not strengths:
        return names
    both = zip(names.split(" + "), strengths.split(" + "), strict=True)
    return " + ".join(f"{name} {strength.replace(' ', space)}" for name, strength in both)


class ProductIngredient(Record):
    """One active ingredient of a product, with how much of it."""

    open_to, part_of = "everyone", "product"

    product_id: Mapped[UUID] = ref("product")
    ingredient_id: Mapped[UUID] = ref("ingredient")
    place: Mapped[int]
    name: Mapped[str]
    strength: Mapped[str]  # "500 mg", "250 mg/5 mL"

    product: Mapped[Product] = link(back_populates="ingredients")


class Barcode(Record):
    """A code on a pack. Many codes may mean one product; one code means one product. A GTIN is kept with 14 digits."""

    open_to = "everyone"

    product_id: Mapped[UUID] = ref("product")
    code: Mapped[str] = mapped_column(unique=True)

    @property
    def printed(self) -> str:
        """As people read it on the pack: a GTIN without the zero put before it."""
        return self.code[1:] if len(self.code) == 14 and self.code[0] == "0" else self.code


class ProductName(Record):
    """One name that a product is found by (generic, synonym, brand). Made from the product, so not audited itself."""

    audited, open_to = False, "everyone"

    product_id: Mapped[UUID] = ref("product")
    name: Mapped[str]  # "amoxicillin"
    sound: Mapped[str]
    key: Mapped[str]  # "amoxicillin 500 mg capsule amoxil"


class FormularyEntry(Record):
    """What an insurance plan says about a medicine: about its ingredients in any pack, or about one product alone."""

    open_to = "staff"
    __table_args__ = (
        UniqueConstraint("plan", "generic", "product_id", postgresql_nulls_not_distinct=True),
        check("tier BETWEEN 1 AND 9", "tier"),
        check("copay >= 0", "copay"),
        check("limit_quantity > 0", "limit_quantity"),
        check("limit_days > 0", "limit_days"),
    )

    plan: Mapped[str]
    generic: Mapped[str] = mapped_column(index=True)  # the ingredients from A to Z, joined by ` + `
    product_id: Mapped[UUID | None] = ref("product", nullable=True)
    tier: Mapped[int]
    copay: Mapped[Decimal | None] = amount()  # what the patient pays for one supply
    currency: Mapped[str]
    limit_quantity: Mapped[Decimal | None] = mapped_column(Numeric(18, 6))  # units of one supply, or within limit_days
    limit_days: Mapped[int | None]
    prior_authorisation: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(default="")

    product: Mapped[Product | None] = link()

    @property
    def medicine(self) -> str:
        """The product, or the ingredients in any pack."""
        return self.product.label if self.product else self.generic

    @property
    def patient_pays(self) -> Money | None:
        return None if self.copay is None else Money.rounded(self.copay, self.currency)

    @property
    def limit(self) -> str:
        """30 in 30 days."""
        quantity = None if self.limit_quantity is None else plain(self.limit_quantity)
        if quantity is None:
            return ngettext("%(num)s day", "%(num)s days", self.limit_days) if self.limit_days else ""
        if not self.limit_days:
            return _("%(quantity)s a supply", quantity=quantity)
        return ngettext(
            "%(quantity)s in %(num)s day", "%(quantity)s in %(num)s days", self.limit_days, quantity=quantity
        )


# Ranges in code-point order: a prepared LIKE loses its index after five executions.
ddl(
    ProductName,
    'CREATE INDEX product_name_key_idx ON product_name (key COLLATE "C")',
    'CREATE INDEX product_name_sound_idx ON product_name (sound COLLATE "C", name)',
)
