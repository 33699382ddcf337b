"""A charge may fall in part: an invoice has as many credit notes as it takes, and is never paid beyond what stands."""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = "0010"
down_revision = "0009"
HERE = Path(__file__).parent


def upgrade() -> None:
    if not in_shared_schema():
        script(HERE / "0010_organization.sql")
