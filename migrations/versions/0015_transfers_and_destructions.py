"""Transfers and destructions."""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = "0015"
down_revision = "0014"
HERE = Path(__file__).parent


def upgrade() -> None:
    if not in_shared_schema():
        script(HERE / "0015_transfers_and_destructions_organization.sql")
