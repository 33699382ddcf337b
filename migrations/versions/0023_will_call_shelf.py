"""Bags that wait to be collected, what patients bring back, and the rules of refills."""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = "0023"
down_revision = "0022"
HERE = Path(__file__).parent


def upgrade() -> None:
    if not in_shared_schema():
        script(HERE / "0023_organization.sql")
