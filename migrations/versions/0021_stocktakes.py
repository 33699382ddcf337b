"""Stocktakes, and reasons of corrections as codes."""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = "0021"
down_revision = "0020"
HERE = Path(__file__).parent


def upgrade() -> None:
    if not in_shared_schema():
        script(HERE / "0021_organization.sql")
