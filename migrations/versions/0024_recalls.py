"""Recalls."""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = "0024"
down_revision = "0023"
HERE = Path(__file__).parent


def upgrade() -> None:
    if not in_shared_schema():
        script(HERE / "0024_organization.sql")
