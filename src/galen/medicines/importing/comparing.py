"""What a file would change: each of its medicines beside the one that the catalogue has. Reads, never writes."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from galen.core.context import Context
from galen.i18n import N_

from .. import search
from ..equivalence import measure
from ..models import Barcode, Product
from ..names import search_name
from .lines import FileContents, FileLine, IngredientAmount, amounts, as_json, joined
from .models import Listing

NO_PRICE = N_("It is not in the catalogue and has no price here. Add the price, or add the medicine by hand.")
NO_NAME = N_("It is not in the catalogue and has no name here. Add a name or the active ingredients.")
NO_PACK = N_("It is not in the catalogue and has no pack size here. Add one, such as 28 tablets.")
NO_UNIT = N_(
    "It is not in the catalogue, and it is not said in which form it comes or what its pack counts. Add the form, or "
    "write the pack as 28 tablets or 100 mL."
)
NEAR = N_("It may be %(medicine)s of the catalogue. Say whether it is, or whether it is a new medicine.")
OTHER_CURRENCY = N_(
    "The prices are written in %(theirs)s, and would be kept as %(ours)s without being changed. Ask for a list in "
    "%(ours)s, or import it with its currency: galen import prices --currency."
)
ASKED, NEAREST = "asked", 5
NO_ANSWERS: Mapping[str, UUID | None] = MappingProxyType({})
OUTCOMES = ("created", "updated", "unchanged", "kept", "refused")


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One value: what the catalogue has, what the file says, and whether the organisation's own stays."""

    field: str
    old: Any
    new: Any
    kept: bool = False

    def as_json(self) -> dict[str, Any]:
        found = {"field": self.field, "old": as_json(self.old), "new": as_json(self.new)}
        return found | ({"kept": True} if self.kept else {})


@dataclass(slots=True)
class LineVerdict:
    """One line of a file with what is to be done about it."""

    line: FileLine
    outcome: str
    product: Product | None = None
    listing: Listing | None = None
    changes: list[ValueChange] = field(default_factory=list)
    candidates: list[Product] = field(default_factory=list)  # that it may be, when nobody has said


@dataclass
class Preview:
    """The whole file, judged; `counts` adds up to what was read."""

    contents: FileContents
    source: str
    verdicts: list[LineVerdict]

    @property
    def counts(self) -> dict[str, int]:
        found = dict.fromkeys(("read", *OUTCOMES), 0)
        for verdict in self.verdicts:
            found["read"] += 1
            found[verdict.outcome] = found.get(verdict.outcome, 0) + 1
        return found


async def compared(
    ctx: Context,
    contents: FileContents,
    source: str,
    *,
    accept: bool | Iterable[str] = False,
    answers: Mapping[str, UUID | None] = NO_ANSWERS,
    currency: str = "",
) -> Preview:
    """Every line against the catalogue. `accept` (all, or these keys) lets the file replace own values.

    `answers` say which product a line is, or that it is none of them.
    """
    if others := sorted(contents.currencies - {currency or ctx.organization.currency}):
        ours = currency or ctx.organization.currency
        contents.notice("", 0, "", OTHER_CURRENCY, theirs=", ".join(others), ours=ours)
    of_supplier = source.startswith("supplier: ")  # authorities' codes are identities: what has another is another
    taken = accept if isinstance(accept, bool) else frozenset(accept)
    listings = {
        listing.key: listing for listing in await ctx.db.scalars(select(Listing).where(Listing.source == source))
    }
    await name_as_here(ctx, contents.lines)
    known = await KnownProducts.of(ctx, contents.lines, listings, answers)
    verdicts = []
    for place, line in enumerate(contents.lines):
        if place % 200 == 0:
            await asyncio.sleep(0)  # requests and other jobs go on meanwhile
        listing = listings.get(line.key)
        product = known.product(line, listing)
        known.leave_codes(contents, line, product)
        if not line.broken and product is None:
            refuse_incomplete(contents, line)
        near = known.near(line) if of_supplier and product is None and not line.broken else []
        if line.broken:
            verdicts.append(LineVerdict(line, "refused", product, listing))
        elif near:
            contents.hint(line, "", NEAR, medicine=" / ".join(f"{product.label}, {product.pack}" for product in near))
            verdicts.append(LineVerdict(line, ASKED, candidates=near))
        elif product is None:
            verdicts.append(LineVerdict(line, "created"))
        else:
            theirs = taken if isinstance(taken, bool) else line.key in taken
            verdicts.append(judged(line, product, listing, theirs))
    return Preview(contents, source, verdicts)


async def name_as_here(ctx: Context, lines: list[FileLine]) -> None:
    """Ingredients under the name that this organisation's catalogue has for them."""
    known = await search.ingredients_by_name(ctx, {part.name for line in lines for part in line.parts})
    for line in lines:
        found = [(known.get(search_name(part.name)), part) for part in line.parts]
        line.parts = joined(IngredientAmount(mine.name if mine else part.name, part.strength) for mine, part in found)


def refuse_incomplete(contents: FileContents, line: FileLine) -> None:
    """What a medicine that is not in the catalogue yet must have."""
    if "price" not in line.product:
        contents.refuse(line, "", NO_PRICE)
    elif not line.parts and not line.product.get("generic"):
        contents.refuse(line, "", NO_NAME)
    elif "pack_size" not in line.product:
        contents.refuse(line, "", NO_PACK)
    elif not line.product.get("unit"):
        contents.refuse(line, "", NO_UNIT)


def judged(line: FileLine, product: Product, listing: Listing | None, theirs: bool) -> LineVerdict:
    """Three values of each field: what the source said before, what the catalogue has, what the source says now.

    A value that differs from what the source said before is the organisation's own: it stays unless it is given up.
    The line then counts as kept, whatever else of it changes, so that somebody looks at it.
    """
    before = listing.told if listing else {}
    changes: list[ValueChange] = []
    for name, new in said_of(line).items():
        old = current(product, name)
        if name == "barcodes":
            missing = [code for code in new if code not in old]
            removed = [code for code in missing if code in before.get(name, ())]
            changes += [ValueChange(name, old, missing, kept=bool(removed) and not theirs)] if missing else []
            continue
        if as_json(old) == as_json(new):
            continue
        empty = old in ("", None, [], False) or (name == "price" and not old)
        ours = not empty and (name not in before or before[name] != as_json(old))
        changes.append(ValueChange(name, old, new, kept=ours and not theirs))
    for name, new in line.listing.items():
        if before.get(name) != as_json(new):
            changes.append(ValueChange(name, before.get(name), new))
    gone = [c for c in changes if not c.kept and (c.field in NAMED or listing is not None or c.field == "cost")]
    kept = [c for c in changes if c.kept]
    outcome = "kept" if kept else "updated" if gone else "unchanged"
    return LineVerdict(line, outcome, product, listing, changes)


NAMED = frozenset(
    "brand generic form route pack_size unit price schedule_au schedule_us prescription_only atc rxcui ndc artg "
    "te_code storage parts barcodes tax_class".split()
)


def said_of(line: FileLine) -> dict[str, Any]:
    """What a line says about the medicine itself."""
    found = dict(line.product)
    if line.parts:
        found.pop("generic", None)
        found["parts"] = line.parts
    if line.barcodes:
        found["barcodes"] = line.barcodes
    return found


def told_of(line: FileLine) -> dict[str, Any]:
    """The same with what belongs to the source alone, as it is kept for the next import."""
    return {name: as_json(value) for name, value in (said_of(line) | line.listing).items()}


def current(product: Product, name: str) -> Any:
    if name == "parts":
        return [IngredientAmount(part.name, part.strength) for part in product.ingredients]
    if name == "barcodes":
        return [code.code for code in product.barcodes]
    return getattr(product, name)


class KnownProducts:
    """The products that lines may mean: by what the source called them before, by code, by name."""

    def __init__(self, products: dict[UUID, Product], by_code: dict[str, UUID], by_name: dict[str, list[UUID]]) -> None:
        self.products, self.by_code, self.by_name = products, by_code, by_name
        self.claimed: set[UUID] = set()
        self.answers: Mapping[str, UUID | None] = NO_ANSWERS
        self.alike: dict[tuple[str, ...], list[UUID]] = {}

    @classmethod
    async def of(
        cls,
        ctx: Context,
        lines: list[FileLine],
        listings: dict[str, Listing],
        answers: Mapping[str, UUID | None] = NO_ANSWERS,
    ) -> "KnownProducts":
        codes = {code for line in lines for code in codes_of(line)}
        names = {name for line in lines if (name := name_key(line.product, line.parts))}
        generics = {" + ".join(p.name for p in line.parts) or line.product.get("generic", "") for line in lines} - {""}
        by_code: dict[str, UUID] = {}
        if codes:
            found = await ctx.db.execute(select(Barcode.code, Barcode.product_id).where(Barcode.code.in_(codes)))
            by_code |= {f"code {code}": id for code, id in found}
            for column in (Product.ndc, Product.artg):
                rows = list(await ctx.db.execute(select(column, Product.id).where(column.in_(codes), column != "")))
                several = (
                    {code for code, _ in rows if sum(1 for other, _ in rows if other == code) > 1}
                    if len(rows) < 2000
                    else set()
                )
                by_code |= {f"{column.key} {code}": id for code, id in rows if code not in several}
        by_name: dict[str, list[UUID]] = {}
        alike: dict[tuple[str, ...], list[UUID]] = {}
        asked = {content_key(line.product, line.parts) for line in lines if line.parts}
        wanted = {listing.product_id for listing in listings.values()} | set(by_code.values())
        wanted |= {product_id for product_id in answers.values() if product_id}
        if names or asked:
            query = select(
                Product.id,
                Product.generic,
                Product.strength,
                Product.form,
                Product.brand,
                Product.pack_size,
                Product.unit,
            )
            for row in await ctx.db.execute(query.where(Product.generic.in_(generics), Product.archived_at.is_(None))):
                if (
                    name := written_name(row.generic, row.strength, row.form, row.brand, row.pack_size, row.unit)
                ) in names:
                    by_name.setdefault(name, []).append(row.id)
                    wanted.add(row.id)
                if row.strength and (content := (row.generic, *measures(row.strength.split(" + ")))) in asked:
                    alike.setdefault(content, []).append(row.id)
                    wanted.add(row.id)
        whole = (selectinload(Product.ingredients), selectinload(Product.barcodes))
        ids = list(wanted)
        products: dict[UUID, Product] = {}
        for start in range(0, len(ids), 5000):
            batch = select(Product).where(Product.id.in_(ids[start : start + 5000])).options(*whole)
            products |= {p.id: p for p in await ctx.db.scalars(batch.execution_options(populate_existing=True))}
        known = cls(products, by_code, by_name)
        known.alike, known.answers = alike, answers
        known.claimed = {listing.product_id for listing in listings.values()}
        return known

    def leave_codes(self, contents: FileContents, line: FileLine, product: Product | None) -> None:
        """A code that another medicine has stays with it."""
        for code in list(line.barcodes):
            if (owner := self.by_code.get(f"code {code}")) and (product is None or owner != product.id):
                message = N_("Code %(code)s belongs to %(medicine)s already, and stays there.")
                contents.hint(line, "", message, code=code, medicine=self.products[owner].label)
                line.barcodes.remove(code)

    def product(self, line: FileLine, listing: Listing | None) -> Product | None:
        """The one product that a line means; one product is meant by one line of a source."""
        if listing:
            return self.products.get(listing.product_id)
        if said := self.answers.get(line.key):
            self.claimed.add(said)
            return self.products.get(said)
        for code in (
            *(f"code {c}" for c in line.barcodes),
            f"ndc {line.product.get('ndc')}",
            f"artg {line.product.get('artg')}",
        ):
            if (found := self.by_code.get(code)) and found not in self.claimed:
                self.claimed.add(found)
                return self.products[found]
        for found in self.by_name.get(name_key(line.product, line.parts), ()):
            if found not in self.claimed:
                self.claimed.add(found)
                return self.products[found]
        if same := next((row for row in self.of_content(line) if agrees(row, line.product, EVERYTHING)), None):
            self.claimed.add(same.id)
        return same

    def of_content(self, line: FileLine) -> list[Product]:
        """Products of the same ingredients in the same amounts, however those are written."""
        if not line.parts:
            return []
        ids = self.alike.get(content_key(line.product, line.parts), ())
        return [self.products[id] for id in ids if id not in self.claimed]

    def near(self, line: FileLine) -> list[Product]:
        """Products with the same ingredients and strengths that a line without a listing and a code may mean.

        One without a brand may be any brand in that form and pack; one with a brand, that brand in another form.
        """
        if line.key in self.answers:
            return []
        ways: list[tuple[str, ...]] = [("pack_size", "brand")]
        ways += [] if line.product.get("brand") else [("pack_size", "form", "unit")]
        found = [row for row in self.of_content(line) if any(agrees(row, line.product, way) for way in ways)]
        return found[:NEAREST]


EVERYTHING = ("pack_size", "unit", "form", "brand")


def agrees(product: Product, told: Mapping[str, Any], names: Iterable[str]) -> bool:
    """Whether a product has in these columns what a line says."""
    pairs = ((getattr(product, name), told.get(name, "")) for name in names)
    return all(mine == said or str(mine).casefold() == str(said).casefold() for mine, said in pairs)


def measures(strengths: Iterable[str]) -> Iterator[str]:
    """Strengths as they can be compared: 0.5 g is 500 mg."""
    return (str(measure(strength)) for strength in strengths)


def content_key(product: dict[str, Any], parts: list[IngredientAmount]) -> tuple[str, ...]:
    """What is in it, and how much, however the strengths are written."""
    return (" + ".join(p.name for p in parts) or product.get("generic", ""), *measures(p.strength for p in parts))


def codes_of(line: FileLine) -> list[str]:
    return [*line.barcodes, *filter(None, (line.product.get("ndc"), line.product.get("artg")))]


def name_key(product: dict[str, Any], parts: list[IngredientAmount]) -> str:
    """Ingredients, strengths, form, brand and pack: what makes two lines the same medicine when no code says so."""
    generic = " + ".join(p.name for p in parts) or product.get("generic", "")
    if not generic or "pack_size" not in product:
        return ""
    strength = amounts(parts)
    return written_name(
        generic,
        strength,
        product.get("form", ""),
        product.get("brand", ""),
        product["pack_size"],
        product.get("unit", ""),
    )


def written_name(generic: str, strength: str, form: str, brand: str, pack: Decimal, unit: str) -> str:
    return "|".join((generic, strength, form, brand, f"{pack.normalize():f}", unit)).casefold()
