"""Drawers, tills opened on them, cash paid in and out, and the numbered reports of closed tills."""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = "0019"
down_revision = "0018"
HERE = Path(__file__).parent


def upgrade() -> None:
    if not in_shared_schema():
        script(HERE / "0019_organization.sql")
