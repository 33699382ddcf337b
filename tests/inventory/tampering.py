"""Somebody at the database itself, past Galen."""

from typing import Any

from sqlalchemy import text

from galen.core.context import Context


async def tampered(ctx: Context, statement: str, **values: Any) -> None:
    """Change what Galen would never change."""
    await ctx.flush()
    connection = await ctx.db.connection()
    await connection.execute(text("RESET ROLE"))
    await connection.execute(text("SET LOCAL session_replication_role = replica"))
    await connection.execute(text(statement), values)
