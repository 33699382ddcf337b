"""Packs are scanned before they are given, and the batch in hand goes first."""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = "0018"
down_revision = "0017"
HERE = Path(__file__).parent


def upgrade() -> None:
    if not in_shared_schema():
        script(HERE / "0018_organization.sql")
