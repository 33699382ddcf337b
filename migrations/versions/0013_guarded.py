"""The clock survives being set back, the queue's log is pruned, the audit log has bounds, and its proof is a record."""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = "0013"
down_revision = "0012"
HERE = Path(__file__).parent


def upgrade() -> None:
    script(HERE / ("0013_shared.sql" if in_shared_schema() else "0013_organization.sql"))
