"""Wording for notes is kept: the organisation's and each clinician's own, with a star on what one wants first."""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = "0015"
down_revision = "0014"
HERE = Path(__file__).parent


def upgrade() -> None:
    if not in_shared_schema():
        script(HERE / "0015_organization.sql")
