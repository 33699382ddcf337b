"""Numbers that people read: gap-free, never reused, counted in the transaction that uses them."""

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from .context import Context
from .record import Record


class Counter(Record):
    """The last number given out under one name."""

    audited, open_to = False, "staff"

    name: Mapped[str] = mapped_column(unique=True)
    value: Mapped[int] = mapped_column(BigInteger)


NEXT = """
INSERT INTO counter (id, version, name, value) VALUES (gen_random_uuid(), 1, $1, 1)
ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value
"""


async def next_number(ctx: Context, name: str) -> int:
    """The next number of a series. The series waits until this transaction ends, so no number is lost."""
    return int(await ctx.raw.fetchval(NEXT, name))
