"""Invoices are looked up by their plain number, too."""

from alembic import op

from galen.provisioning.migrate import in_shared_schema

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    if not in_shared_schema():
        op.create_index("invoice_serial_idx", "invoice", ["serial"])
