"""Who called."""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = "0017"
down_revision = "0016"
HERE = Path(__file__).parent


def upgrade() -> None:
    if not in_shared_schema():
        script(HERE / "0017_organization.sql")
