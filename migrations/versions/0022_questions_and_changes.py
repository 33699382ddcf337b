"""Questions to prescribers, changes before dispensing, what is held for stock, who collects."""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = "0022"
down_revision = "0021"
HERE = Path(__file__).parent


def upgrade() -> None:
    if not in_shared_schema():
        script(HERE / "0022_organization.sql")
