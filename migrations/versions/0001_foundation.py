"""The foundation: job queue and shared records once, an organisation's own tables in each of their schemas."""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = "0001"
down_revision = None
HERE = Path(__file__).parent


def upgrade() -> None:
    script(HERE / ("0001_shared.sql" if in_shared_schema() else "0001_organization.sql"))
