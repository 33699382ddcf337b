"""`galen run` for tests that kill its parts again and again: `python -m tests.floor.launched [twice] run`.

With `twice`, what is taken from the shelf is committed before the rest of the supply: the broken variant.
"""

import asyncio
import sys
from typing import Any

from galen import inventory, parts
from galen.commands import main
from galen.core.context import Context
from galen.core.database import switch_to

parts.DEATHS, parts.PAUSES = 10_000, (0.0,)
honest = inventory.issue


async def in_two_commits(ctx: Context, *given: Any, **said: Any) -> Any:
    """The goods leave, and that is committed."""
    picks = await honest(ctx, *given, **said)
    for statement in ("COMMIT", "BEGIN", switch_to(ctx.organization.slug)):
        await ctx.raw.execute(statement)
    await asyncio.sleep(0.05)
    return picks


if sys.argv[1] == "twice":
    inventory.issue = in_two_commits
    del sys.argv[1]
main()
