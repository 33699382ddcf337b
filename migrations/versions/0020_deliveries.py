"""Suppliers and deliveries."""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = "0020"
down_revision = "0019"
HERE = Path(__file__).parent


def upgrade() -> None:
    if not in_shared_schema():
        script(HERE / "0020_organization.sql")
