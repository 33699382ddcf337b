"""What must be fast, measured as ratios to a bare Starlette + asyncpg endpoint in the same run."""
