"""Lines of an import that may be a medicine of the catalogue, with those that they may be."""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = "0011"
down_revision = "0010"
HERE = Path(__file__).parent


def upgrade() -> None:
    if not in_shared_schema():
        script(HERE / "0011_organization.sql")
