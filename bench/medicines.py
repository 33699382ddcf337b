"""bin/bench medicines: how fast any name, misspelling or code finds its medicine among 100,000 products.

In process, against a database of its own: the search alone, beside a bare look-up of one product by its id.
"""

import argparse
import asyncio
import json
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from uuid import UUID

from sqlalchemy import select

from galen.app import services_for
from galen.core.context import Context
from galen.core.database import Database, dsn
from galen.medicines import Barcode, Ingredient, Product, find_medicines, search
from galen.medicines.catalogue import substance
from galen.medicines.files import rows, several
from galen.medicines.names import sort_key
from galen.modules import discover
from galen.organizations import country_of
from galen.provisioning import migrate, server
from galen.settings import settings
from galen.values.check_digits import gtin_check_digit

from .load import Figures

PRODUCTS, ASKED, GOAL = 100_000, 300, 20.0
STRENGTHS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000)
FORMS = ("tablet", "capsule", "oral liquid", "injection", "cream", "eye drops", "modified-release tablet")
MAKERS = "Alder Birch Cedar Elm Hazel Juniper Larch Maple Oak Pine Rowan Willow".split()
COLUMNS = """
    id version generic brand strength form route tall atc rxcui ndc artg te_code schedule_au schedule_us
    prescription_only price currency tax_class pack_size unit storage reorder_level sort
""".split()
BY_ID = "SELECT * FROM product WHERE id = $1"
Invented = tuple[Product, list[Ingredient]]


@dataclass(frozen=True)
class SearchCase:
    """What is typed, and the ingredient that must be among the answers; none where anything may answer."""

    typed: str
    meant: str = ""


@dataclass(frozen=True)
class Row:
    """One kind of question: milliseconds, and how many bare look-ups of one product its median is worth."""

    kind: str
    p50: float
    p95: float
    bare: float
    found: float

    @property
    def met(self) -> bool:
        return self.p95 < GOAL

    @property
    def line(self) -> str:
        mark = "met" if self.met else "NOT MET"
        return f"{self.kind:22}{self.p50:9.2f}{self.p95:9.2f}{self.p50 / self.bare:9.1f}{self.found:9.1%}  {mark}"


def products(count: int) -> list[Invented]:
    """Packs of every substance in turn, a tenth of them with a second one; the same at every run."""
    dice = random.Random(4)
    substances = [substance(row["name"]) for row in rows("ingredients")]
    made: list[Invented] = []
    for number in range(count):
        first = substances[number % len(substances)]
        parts = [first]
        if dice.random() < 0.1 and (other := dice.choice(substances)) is not first:
            parts.append(other)
        made.append((product(number, parts, dice), parts))
    return made


def product(number: int, parts: Sequence[Ingredient], dice: random.Random) -> Product:
    pack = Product(
        id=UUID(int=dice.getrandbits(128), version=4),
        version=1,
        generic=" + ".join(part.name for part in parts),
        tall=" + ".join(part.name for part in parts),
        brand=f"{parts[0].name[:5].title()}{dice.choice(MAKERS)}",
        strength=" + ".join(f"{dice.choice(STRENGTHS)} mg" for _ in parts),
        form=dice.choice(FORMS),
        route="oral",
        atc=parts[0].atc[0] if len(parts) == 1 and parts[0].atc else "",
        rxcui=str(2_000_000 + number),
        ndc=f"{number % 90_000 + 10_000:05}-{number % 9973:04}-01",
        artg=str(100_000 + number),
        te_code="",
        schedule_au="S4",
        schedule_us="",
        prescription_only=True,
        price=Decimal(5),
        currency="AUD",
        tax_class="medicine",
        pack_size=Decimal(20),
        unit="tablet",
        storage="room",
        reorder_level=Decimal(0),
        barcodes=[Barcode(code=gtin(number))],
    )
    pack.sort = sort_key(pack.label)
    return pack


def gtin(number: int) -> str:
    """A GTIN-13 of the range that shops number themselves, kept with 14 digits."""
    body = f"0299{number:09}"
    return body + gtin_check_digit(body)


async def build(url: str, count: int) -> Database:
    """The database with so many products; what a former run has made stays."""
    owner = await server.owner_url(url)
    await migrate.prepare(owner)
    discover()
    profile = country_of("AU")
    await migrate.add_organization(owner, "stock", "The Long List", "AU", profile.currency, profile.zone)
    database = Database(server.app_url(owner), pool=2)
    connection = await migrate.connect(dsn(server.app_url(owner)))
    await connection.execute("SET ROLE org_shelf; SET search_path TO org_shelf, galen")
    there = await connection.fetchval("SELECT count(*) FROM product")
    if there < count:
        made = products(count)[there:]
        codes = [(code.id, 1, pack.id, code.code) for pack, _ in made for code in pack.barcodes]
        lines = [[getattr(pack, column) for column in COLUMNS] for pack, _ in made]
        async with connection.transaction():
            await connection.copy_records_to_table("product", records=lines, columns=COLUMNS)
            await connection.copy_records_to_table(
                "barcode", records=codes, columns=["id", "version", "product_id", "code"]
            )
        async with services_for(database).as_system("stock", "bench") as ctx:
            await search.index(ctx, made)
    await connection.close()
    await tidy(owner)
    return database


async def tidy(owner: str) -> None:
    """What the database does by itself after a while."""
    connection = await migrate.connect(owner)
    for table in ("product", "product_name", "barcode"):
        await connection.execute(f"VACUUM ANALYZE org_shelf.{table}")
    await connection.close()


async def questions(ctx: Context, dice: random.Random) -> dict[str, list[SearchCase]]:
    """Every way to ask, of products drawn from what is there."""
    drawn = list(await ctx.db.scalars(select(Product).order_by(Product.id).limit(ASKED)))
    theirs = await ctx.db.scalars(select(Barcode).where(Barcode.product_id.in_([pack.id for pack in drawn])))
    codes = {code.product_id: code.printed for code in theirs}
    known = [row for row in rows("ingredients") if len(row["name"]) >= 5]

    def of_name(typed: Callable[[str], str], meant: bool = True) -> list[SearchCase]:
        names = [dice.choice(known)["name"] for _ in range(ASKED)]
        return [SearchCase(typed(name), name if meant else "") for name in names]

    def of_product(typed: Callable[[Product], str]) -> list[SearchCase]:
        return [SearchCase(typed(pack), pack.generic) for pack in drawn if typed(pack)]

    def of_list(column: str) -> list[SearchCase]:
        listed = [(name, row["name"]) for row in known for name in several(row[column]) if len(name) > 2]
        return [SearchCase(*dice.choice(listed)) for _ in range(ASKED)]

    return {
        "name": of_name(lambda name: name),
        "synonym": of_list("synonyms"),
        "well-known brand": of_list("brands"),
        "own brand": of_product(lambda pack: pack.brand),
        "first 3 to 7 letters": of_name(lambda name: name[: dice.randint(3, 7)], meant=False),
        "first 2 letters": of_name(lambda name: name[:2], meant=False),
        "name and strength": of_product(lambda pack: f"{pack.generic.split(' + ')[0]} {pack.strength.split(' ')[0]}"),
        "form, then name": of_product(lambda pack: f"{pack.form} {pack.generic.split(' + ')[0]}"),
        "misspelt": of_name(lambda name: misspelt(name, dice)),
        "misspelt and strength": of_product(
            lambda pack: f"{misspelt(pack.generic.split(' + ')[0], dice)} {pack.strength.split(' ')[0]}"
        ),
        "barcode": of_product(lambda pack: codes[pack.id]),
        "GS1 scan": of_product(lambda pack: f"01{codes[pack.id].zfill(14)}17301231"),
        "NDC": of_product(lambda pack: pack.ndc),
        "ARTG": of_product(lambda pack: pack.artg),
        "RxNorm": of_product(lambda pack: pack.rxcui),
        "ATC": [SearchCase(pack.atc) for pack in drawn if len(pack.atc) == 7],
    }


def misspelt(name: str, dice: random.Random) -> str:
    """One letter left out, doubled, or changed about with the next."""
    at = dice.randrange(1, max(2, len(name) - 1))
    return dice.choice(
        (
            name[:at] + name[at + 1 :],
            name[:at] + name[at] + name[at:],
            name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :],
        )
    )


async def ask(ctx: Context, kind: str, asked: Sequence[SearchCase]) -> Row:
    """Each question, and in turn with it a bare look-up over the same connection; the first few only warm up."""
    ours, bare, right = Figures(len(asked)), Figures(len(asked)), 0
    ids = [row["id"] for row in await ctx.raw.fetch("SELECT id FROM product ORDER BY id DESC LIMIT $1", len(asked))]
    for question in asked[:10]:
        await find_medicines(ctx, question.typed)
    for question, id in zip(asked, ids, strict=True):
        ctx.db.expunge_all()  # nothing is remembered from the question before
        started = perf_counter()
        found = await find_medicines(ctx, question.typed)
        ours.waits.append((perf_counter() - started) * 1000)
        started = perf_counter()
        await ctx.raw.fetchrow(BY_ID, id)
        bare.waits.append((perf_counter() - started) * 1000)
        right += any(question.meant in product.generic for product in found)
    return Row(kind, ours.percentile(0.5), ours.percentile(0.95), bare.percentile(0.5), right / len(asked))


async def measure(count: int) -> list[Row]:
    with server.running() as url:
        database = await build(url, count)
        try:
            async with services_for(database).as_system("stock", "bench") as ctx:
                asked = await questions(ctx, random.Random(11))
                return [await ask(ctx, kind, those) for kind, those in asked.items()]
        finally:
            await database.close()


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bin/bench medicines", description=__doc__)
    parser.add_argument("--products", type=int, default=PRODUCTS, help="how many invented products")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON at the end")
    options = parser.parse_args(arguments)
    settings().var = Path("var/bench-medicines").absolute()
    found = asyncio.run(measure(options.products))
    head = f"among {options.products:,}"
    print(f"{head:22}{'p50 ms':>9}{'p95 ms':>9}{'ratio':>9}{'found':>9}  p95 < {GOAL:.0f} ms")
    for row in found:
        print(row.line)
    bare = min(row.bare for row in found)
    print(
        f"Ratio: the median over that of a bare look-up by id ({bare:.2f} ms) on the same connection, in turns with it."
    )
    if options.json:
        print(json.dumps([asdict(row) for row in found]))
    sys.exit(not all(row.met for row in found))
