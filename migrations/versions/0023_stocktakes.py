"""Stocktakes, and reasons of corrections as codes."""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = "0023"
down_revision = "0016"
HERE = Path(__file__).parent


def upgrade() -> None:
    if not in_shared_schema():
        script(HERE / "0023_organization.sql")
