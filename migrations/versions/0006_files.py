"""Files in a store beside the database, and the documents of patients."""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = "0006"
down_revision = "0005"
HERE = Path(__file__).parent


def upgrade() -> None:
    if not in_shared_schema():
        script(HERE / "0006_organization.sql")
