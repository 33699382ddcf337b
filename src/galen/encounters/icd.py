"""ICD-10-CM: loaded once into the shared schema, found by code or by words."""

import re
import warnings
from collections.abc import Iterator

import asyncpg
from sqlalchemy import func, select

from galen.core.context import Context, requires
from galen.core.errors import Invalid
from galen.core.record import uuid7
from galen.core.search_key import search_key

from .models import IcdCode

COLUMNS = ["id", "version", "code", "title", "billable", "place", "search"]
CODE = re.compile(r"[A-Za-z]\d[0-9A-Za-z]?\.?[0-9A-Za-z]{0,4}")


async def load_icd(connection: asyncpg.Connection) -> int:
    """Put all codes into `galen.icd_code`, as its owner, unless they are there. Answers how many were added.

    The codes stand in the package `simple-icd-10-cm`, whose import takes seconds: no web process needs it.
    """
    if await connection.fetchval("SELECT EXISTS (SELECT FROM galen.icd_code)"):
        return 0
    async with connection.transaction():
        rows = list(rows_of_package())
        await connection.execute("DROP INDEX galen.icd_code_words_idx")
        await connection.copy_records_to_table("icd_code", schema_name="galen", columns=COLUMNS, records=rows)
        await connection.execute("CREATE INDEX icd_code_words_idx ON galen.icd_code USING gin (words)")
    await connection.execute("ANALYZE galen.icd_code")
    return len(rows)


def rows_of_package() -> Iterator[tuple[object, ...]]:
    """Each code below the chapters and blocks; first those that name a diagnosis, the plainest title first."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import simple_icd_10_cm as package

    codes = [
        (not package.is_leaf(code), len(code) > 6, len(title := package.get_description(code)), code, title)
        for code in package.get_all_codes(True)
        if not package.is_chapter_or_block(code)
    ]
    for place, (group, _, _, code, title) in enumerate(sorted(codes)):
        terms = [title, *package.get_includes(code), *package.get_inclusion_term(code)]
        yield uuid7(), 1, code, title, not group, place, search_key(" ".join(terms))


@requires("visit.read")
async def find_codes(ctx: Context, q: str = "", limit: int = 20) -> list[IcdCode]:
    """Diagnoses by the beginning of their code, or by the beginnings of words in any order; the plainest first."""
    asked, query = q.strip(), select(IcdCode).order_by(IcdCode.place).limit(min(limit, 50))
    if CODE.fullmatch(asked):
        code = dotted(asked)
        return list(await ctx.db.scalars(query.where(begins(code)).order_by(None).order_by(IcdCode.code.collate("C"))))
    words = search_key(asked).split()
    if sum(map(len, words)) < 2:
        return []
    wanted = " & ".join(f"'{word}':*" for word in words)
    return list(await ctx.db.scalars(query.where(IcdCode.words.op("@@")(func.to_tsquery("simple", wanted)))))


def dotted(code: str) -> str:
    """A code as the tables write it: `e119` is E11.9."""
    bare = code.upper().replace(".", "")
    return f"{bare[:3]}.{bare[3:]}" if len(bare) > 3 else bare


def begins(code: str) -> object:
    """A range rather than LIKE, which loses its index in a prepared statement."""
    column = IcdCode.code.collate("C")
    return (column >= code) & (column < code[:-1] + chr(ord(code[-1]) + 1))


async def code_named(ctx: Context, code: str) -> IcdCode:
    """The diagnosis of this code; a group of codes is not one."""
    found = await ctx.db.scalar(select(IcdCode).where(IcdCode.code == dotted(code.strip())))
    if found is None:
        raise Invalid("code", f"There is no code {code} in ICD-10-CM. Search by the words of the diagnosis.")
    if not found.billable:
        raise Invalid("code", f"{found.code} is a group of codes. Please choose one of those in it.")
    return found
