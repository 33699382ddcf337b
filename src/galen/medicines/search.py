"""Finding medicines: exact codes first, then how a name begins, then how it sounds."""

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from galen.core.context import Context
from galen.values.check_digits import is_gtin

from .gs1 import Misread, Scan, read_scan
from .models import Barcode, Ingredient, Product, ProductName
from .names import NameHit, keys, lead, nearest, ranked, search_name, writings
from .naming import ingredient_name
from .rules import name_sound

ENOUGH, MOST, LONGEST = 5, 300, 200
Way = Callable[[Context, str], Awaitable[list[NameHit]]]

INDEX = """
WITH gone AS (DELETE FROM product_name WHERE product_id = ANY($1::uuid[]))
INSERT INTO product_name (id, version, product_id, name, sound, key)
SELECT gen_random_uuid(), 1, n.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) AS n
"""


async def index(ctx: Context, products: Sequence[tuple[Product, Sequence[Ingredient]]]) -> None:
    """Write down anew the names that these (flushed) products are found by. Archived ones are not found."""
    rows = [(p.id, *key) for p, parts in products if p.archived_at is None for key in keys(p, parts)]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], [], []]
    connection = await ctx.db.connection()
    await connection.exec_driver_sql(INDEX, ([p.id for p, _ in products], *columns))


async def found(ctx: Context, q: str, limit: int) -> list[Product]:
    if coded := await by_code(ctx, q):
        return coded[:limit]
    asked = search_name(q[:LONGEST])
    if not asked:
        return []
    hits = await first_found(ctx, by_name, writings(asked)) or await first_found(ctx, by_sound, writings(asked))
    ids = list(dict.fromkeys(hit.product_id for hit in hits))[:limit]
    loaded = {p.id: p for p in await ctx.db.scalars(select(Product).where(Product.id.in_(ids)))} if ids else {}
    return [loaded[id] for id in ids if id in loaded]


async def by_code(ctx: Context, q: str) -> list[Product]:
    """What was scanned (a GTIN alone, a GS1 code in any form), or an NDC, ARTG, RxNorm or ATC code."""
    if not re.search(r"\d", q):
        return []
    try:
        scan = read_scan(q, ctx.today)
    except Misread:
        return []  # whoever asks for a scan is told so; while somebody types there is nothing to say
    if scan:
        return await of_scan(ctx, scan)
    bare = re.sub(r"(?i)[\s-]|^\W*(?:aust ?[rl]|artg|ndc|gtin|rxcui|atc)(?![a-z])\W*", "", q)
    if re.fullmatch(r"(?i)[a-z]\d\d[a-z]{2}\d\d", bare):
        return list(await ctx.db.scalars(current().where(Product.atc == bare.upper()).order_by(Product.sort)))
    if not re.fullmatch(r"[A-Za-z]{0,4}\d{4,14}", bare):
        return []
    code = bare.zfill(14) if is_gtin(bare) else bare
    if labelled := await of_barcodes(ctx, [code]):
        return labelled
    marks = [Product.ndc.in_(drug_codes(q, code)), Product.artg == bare, Product.rxcui == bare]
    return list(await ctx.db.scalars(current().where(or_(*marks)).order_by(Product.sort)))


async def of_scan(ctx: Context, scan: Scan) -> list[Product]:
    """The products that a pack's numbers stand for: by barcode, else by the drug code inside the number."""
    if labelled := await of_barcodes(ctx, scan.codes):
        return labelled
    drugs = [drug for code in scan.codes for drug in drug_codes(code, code)]
    marks: list[ColumnElement[bool]] = [Product.ndc.in_(drugs), Product.artg.in_(scan.national)]
    short = scan.gtin.lstrip("0")
    if 0 < len(short) <= 8:  # eight digits may be a number of another kind
        marks += [Product.rxcui == short, Product.artg == short]
    return list(await ctx.db.scalars(current().where(or_(*marks)).order_by(Product.sort)))


async def of_barcodes(ctx: Context, codes: Sequence[str]) -> list[Product]:
    labelled = current().join(Barcode, Barcode.product_id == Product.id).where(Barcode.code.in_(codes))
    return list(await ctx.db.scalars(labelled))


def drug_codes(typed: str, code: str) -> list[str]:
    """The National Drug Codes that a code may mean, as 5-4-2 (FDA): hyphenated or not, or inside a GTIN (003 + ten)."""
    if "-" in typed:
        return ["-".join(part.zfill(size) for part, size in zip(typed.strip().split("-"), (5, 4, 2), strict=False))]
    if len(code) == 11:
        return [f"{code[:5]}-{code[5:9]}-{code[9:]}"]
    ten = code[3:13] if len(code) == 14 and code.startswith("003") else code
    if len(ten) != 10:
        return []
    return [f"0{ten[:4]}-{ten[4:8]}-{ten[8:]}", f"{ten[:5]}-0{ten[5:8]}-{ten[8:]}", f"{ten[:5]}-{ten[5:9]}-0{ten[9]}"]


def current() -> Select[Product]:
    """What is in the catalogue at present."""
    return select(Product).where(Product.archived_at.is_(None)).limit(100)


def begins(column: InstrumentedAttribute[str], prefix: str) -> ColumnElement[bool]:
    """A range in code-point order rather than LIKE: a prepared LIKE loses its index after five executions."""
    collated = column.collate("C")
    return (collated >= prefix) & (collated < prefix[:-1] + chr(ord(prefix[-1]) + 1))


async def first_found(ctx: Context, way: Way, writings: Iterable[str]) -> list[NameHit]:
    """What the first writing finds that finds anything."""
    for asked in writings:
        if hits := await way(ctx, asked):
            return hits
    return []


async def by_name(ctx: Context, asked: str) -> list[NameHit]:
    """What begins as typed; else what begins with one of the words and holds the others."""
    hits = await beginning(ctx, asked, ())
    words = asked.split()
    if len(hits) < ENOUGH and len(words) > 1:
        first = lead(words)
        hits += await beginning(ctx, first, [w for w in words if w != first])
    return hits


async def by_sound(ctx: Context, asked: str) -> list[NameHit]:
    """The name that a misspelt word most likely meant, with the strength and form typed beside it."""
    words = asked.split()
    typed = lead(words)
    sound = name_sound(typed)
    rest = [w for w in words if w != typed]
    for prefix in dict.fromkeys((sound, sound[:3], sound[:2])):
        query = select(ProductName.name, ProductName.sound).where(begins(ProductName.sound, prefix)).distinct()
        heard = await ctx.db.execute(query.limit(2000))
        if meant := nearest(typed, [(row.name, row.sound) for row in heard]):
            hits = [hit for name in meant for hit in await beginning(ctx, f"{name} ", rest)]
            return hits or [hit for name in meant for hit in await beginning(ctx, f"{name} ", ())]
    return []


async def beginning(ctx: Context, prefix: str, words: Iterable[str]) -> list[NameHit]:
    """Names that begin so; every further word begins a word of the name, the strength, the form or the brand."""
    shown = ProductName.product_id, ProductName.name, ProductName.key, Product.generic, Product.form
    query = select(*shown).join(Product, Product.id == ProductName.product_id).where(begins(ProductName.key, prefix))
    for word in words:
        query = query.where(func.strpos(ProductName.key, f" {word}") > 0)
    rows = await ctx.db.execute(query.order_by(ProductName.key.collate("C")).limit(MOST))
    return ranked(prefix.strip(), [NameHit(*row) for row in rows])


async def ingredients_by_name(ctx: Context, names: Iterable[str]) -> dict[str, Ingredient]:
    """Known substances by the searched form of the given names: as this organisation calls them, else as anyone."""
    wanted = {search_name(name): name for name in names}
    if not wanted:
        return {}
    inns = {key: search_name(inn) for key, name in wanted.items() if (inn := ingredient_name(name))}
    spelled = [name.casefold() for name in wanted.values()] + list(wanted.values())
    keys = {*wanted, *inns.values()}
    query = select(Ingredient).where(or_(Ingredient.key.in_(keys), Ingredient.synonyms.overlap(spelled)))
    known = list(await ctx.db.scalars(query))
    by_key = {search_name(other): ingredient for ingredient in known for other in ingredient.synonyms}
    by_key |= {ingredient.key: ingredient for ingredient in known}
    return {key: by_key[inn] for key, inn in inns.items() if inn in by_key} | by_key
