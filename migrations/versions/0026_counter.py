"""Sales over the counter, and charge accounts."""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = "0026"
down_revision = "0025"
HERE = Path(__file__).parent


def upgrade() -> None:
    if not in_shared_schema():
        script(HERE / "0026_organization.sql")
