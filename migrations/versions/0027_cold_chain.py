"""Cold chain."""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = "0027"
down_revision = "0026"
HERE = Path(__file__).parent


def upgrade() -> None:
    if not in_shared_schema():
        script(HERE / "0027_organization.sql")
