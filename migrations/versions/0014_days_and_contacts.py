"""Days have bounds; people have titles, contacts and a gender; numbers name their issuer; medicines may be reported."""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = "0014"
down_revision = "0013"
HERE = Path(__file__).parent


def upgrade() -> None:
    if not in_shared_schema():
        script(HERE / "0014_organization.sql")
