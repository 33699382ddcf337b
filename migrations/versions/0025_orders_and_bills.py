"""Purchase orders, suppliers' prices and bills, how is ordered, and files that go with a message."""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = "0025"
down_revision = "0024"
HERE = Path(__file__).parent


def upgrade() -> None:
    if not in_shared_schema():
        script(HERE / "0025_organization.sql")
