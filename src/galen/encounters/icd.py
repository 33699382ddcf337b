"""ICD-10-CM: loaded once into the shared schema, found by code or by words."""

import asyncio
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence

import asyncpg
from sqlalchemy import ColumnElement, cast, literal, select
from sqlalchemy.dialects.postgresql import TSQUERY

from galen.core.context import Context
from galen.core.errors import Invalid
from galen.core.gate import requires
from galen.i18n import gettext as _
from galen.values.ids import uuid7
from galen.values.search_key import search_key

from .models import IcdCode
from .wording import expanded, meant, slips, spellings

COLUMNS = ["id", "version", "code", "title", "billable", "place", "search"]
# What general practice meets every day stands before its neighbours.
COMMON = """
    I10 E11.9 E78.5 E78.00 E03.9 E05.90 E66.9 J06.9 J00 J01.90 J02.9 J03.90 J04.0 J18.9 J20.9 J30.9 J40 J44.9 J44.1
    J45.909 J45.20 J11.1 U07.1 H10.9 H61.20 H66.90 H65.90 N39.0 N30.00 N18.30 N40.0 K21.9 K29.70 K52.9 K58.9 K59.00
    K64.9 A09 R05.9 R07.9 R10.9 R11.2 R42 R50.9 R51.9 R53.83 R06.02 M54.50 M54.2 M25.561 M25.562 M25.511 M17.9
    M19.90 M10.9 M81.0 M79.10 L20.9 L30.9 L70.0 L40.9 L03.90 L50.9 L08.9 B35.3 B37.31 B02.9 B07.9 F32.A F41.9 F41.1
    F51.01 G43.909 G47.33 I48.91 I25.10 I50.9 I63.9 D50.9 D64.9 T78.40XA S93.409A S61.409A Z00.00 Z00.129 Z23 Z30.09
    Z34.90 Z71.3 Z76.0
"""
EVERYDAY = frozenset(COMMON.split())
NEAR = 100  # so many of the plainest are ranked
LONGEST, MOST_WORDS = 40, 12  # of what is typed: no title has longer words
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
        async with asyncio.timeout(120):  # the driver waits for ever when the server dies of a full disk meanwhile
            await connection.copy_records_to_table("icd_code", schema_name="galen", columns=COLUMNS, records=rows)
        await connection.execute("CREATE INDEX icd_code_words_idx ON galen.icd_code USING gin (words)")
    await connection.execute("ANALYZE galen.icd_code")
    return len(rows)


def rows_of_package() -> Iterator[tuple[object, ...]]:
    """Each code below chapters and blocks; diagnoses before groups, everyday ones first, then the plainest title."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import simple_icd_10_cm as package

    codes = [
        (not package.is_leaf(code), code not in EVERYDAY, len(title := package.get_description(code)), code, title)
        for code in package.get_all_codes(True)
        if not package.is_chapter_or_block(code)
    ]
    for rank, (group, _rare, _length, code, title) in enumerate(sorted(codes)):
        terms = [title, *package.get_includes(code), *package.get_inclusion_term(code)]
        yield uuid7(), 1, code, title, not group, rank, search_key(" ".join(terms))


@requires("visit.read")
async def find_codes(ctx: Context, q: str = "", limit: int = 20) -> list[IcdCode]:
    """Diagnoses by code, by what people call them, or by beginnings of words in any order; the commonest first."""
    asked, many = q.strip(), max(1, min(limit, 50))
    if CODE.fullmatch(asked):
        query = select(IcdCode).where(begins(dotted(asked))).order_by(IcdCode.code.collate("C")).limit(many)
        if codes := list(await ctx.db.scalars(query)):
            return codes  # else a word that looks like one: T2DM
    words = [word[:LONGEST] for word in search_key(asked).split()][:MOST_WORDS]
    if sum(map(len, words)) < 2:
        return []
    said = list(await named(ctx, meant(" ".join(words))))
    rest = [code for code in await matching(ctx, words) if code.code not in {known.code for known in said}]
    return [*said, *rest][:many] or await misspelt(ctx, words, many)


async def named(ctx: Context, codes: Sequence[str]) -> list[IcdCode]:
    """These diagnoses, in this order."""
    if not codes:
        return []
    known = {code.code: code for code in await ctx.db.scalars(select(IcdCode).where(IcdCode.code.in_(codes)))}
    return [known[code] for code in codes if code in known]


async def matching(ctx: Context, words: list[str]) -> list[IcdCode]:
    """What has all these words, or those the classification has for them: the plainest first."""
    parts = [[[spellings(word) for word in way] for way in ways] for ways in expanded(words)]
    wanted = all_of(any_of(all_of(any_of(map(begun, forms)) for forms in way) for way in ways) for ways in parts)
    typed = [forms for ways in parts for forms in ways[-1]]
    return sorted(await answering(ctx, wanted), key=lambda code: (away(typed, code.title), code.place))


def begun(word: str) -> str:
    return f"'{word}':*"


def any_of(ways: Iterable[str]) -> str:
    return f"({' | '.join(ways)})"


def all_of(ways: Iterable[str]) -> str:
    return f"({' & '.join(ways)})"


async def misspelt(ctx: Context, words: list[str], many: int) -> list[IcdCode]:
    """What one has that is a single slip of a key away in each word."""
    wanted = all_of(
        any_of([begun(word), *(f"'{slip}'" for form in spellings(word) for slip in slips(form))]) for word in words
    )
    return sorted(await answering(ctx, wanted), key=lambda code: code.place)[:many]


async def answering(ctx: Context, wanted: str) -> list[IcdCode]:
    query = select(IcdCode).where(IcdCode.words.op("@@")(cast(literal(wanted), TSQUERY)))
    return list(await ctx.db.scalars(query.order_by(IcdCode.place).limit(NEAR)))


def away(words: list[list[str]], title: str) -> int:
    """How many of the words typed stand only among a diagnosis's synonyms, not in its title."""
    own = search_key(title).split()
    return sum(not any(word.startswith(form) for word in own for form in forms) for forms in words)


def dotted(code: str) -> str:
    """A code as the tables write it: `e119` is E11.9."""
    bare = code.upper().replace(".", "")
    return f"{bare[:3]}.{bare[3:]}" if len(bare) > 3 else bare


def begins(code: str) -> ColumnElement[bool]:
    """A range rather than LIKE, which loses its index in a prepared statement."""
    column = IcdCode.code.collate("C")
    return (column >= code) & (column < code[:-1] + chr(ord(code[-1]) + 1))


async def code_named(ctx: Context, code: str) -> IcdCode:
    """The diagnosis of this code; a group of codes is not one."""
    diagnosis = await ctx.db.scalar(select(IcdCode).where(IcdCode.code == dotted(code.strip())))
    if diagnosis is None:
        raise Invalid(
            "code", _("There is no code %(code)s in ICD-10-CM. Search by the words of the diagnosis.", code=code)
        )
    if not diagnosis.billable:
        raise Invalid("code", _("%(code)s is a group of codes. Please choose one of those in it.", code=diagnosis.code))
    return diagnosis
