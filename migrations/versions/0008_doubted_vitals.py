"""Measurements in doubt and who confirmed them, what was struck by whom, and who recorded an allergy."""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = "0008"
down_revision = "0007"
HERE = Path(__file__).parent


def upgrade() -> None:
    if not in_shared_schema():
        script(HERE / "0008_organization.sql")
