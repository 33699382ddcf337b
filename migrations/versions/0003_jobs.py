"""The clock keeps each job's period and when it woke it; an organisation sees its jobs and decides on failed ones."""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = "0003"
down_revision = "0002"
HERE = Path(__file__).parent


def upgrade() -> None:
    script(HERE / ("0003_shared.sql" if in_shared_schema() else "0003_organization.sql"))
