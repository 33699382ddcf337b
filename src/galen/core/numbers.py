"""Numbers that people read, never given twice: without gaps where the law asks for it, else without waiting."""

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from galen.values.ids import uuid7

from .context import Context
from .record import Record


class Counter(Record):
    """The last number given out under one name."""

    audited, open_to = False, "staff"

    name: Mapped[str] = mapped_column(unique=True)
    value: Mapped[int] = mapped_column(BigInteger)


NEXT = """
INSERT INTO counter (id, version, name, value) VALUES ($2, 1, $1, 1)
ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value
"""


async def next_number(ctx: Context, name: str) -> int:
    """The next number of a series. The series waits until this transaction ends, so no number is lost."""
    return int(await ctx.raw.fetchval(NEXT, name, uuid7()))


async def next_of(ctx: Context, sequence: str) -> int:
    """The next number of a sequence. Nobody waits for another; one that is not used after all leaves a gap."""
    return int(await ctx.raw.fetchval("SELECT nextval($1::text::regclass)", sequence))
