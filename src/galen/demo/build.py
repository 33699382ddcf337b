"""Filling an empty organisation, room by room, from the ground up."""

from importlib import import_module
from importlib.util import find_spec

from galen.core.context import Context

ROOMS = """
    organizations identity patients medicines scheduling inventory billing queue encounters prescribing
    dispensing
""".split()


async def furnish(ctx: Context, *, crowd: bool = True) -> None:
    """Everything the demo shows. Without the crowd only the cast itself is there: what tests start from."""
    for room in ROOMS:
        if find_spec(f"galen.demo.{room}"):
            module = import_module(f"galen.demo.{room}")
            await module.furnish(ctx)
            await ctx.settle()
            if crowd and hasattr(module, "crowd"):
                await module.crowd(ctx)
                await ctx.settle()
