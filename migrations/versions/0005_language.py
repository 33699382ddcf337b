"""An account may say in which language its person reads."""

import sqlalchemy as sa
from alembic import op

from galen.provisioning.migrate import in_shared_schema

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    if not in_shared_schema():
        op.add_column("account", sa.Column("language", sa.Text(), nullable=False, server_default=""))
        op.alter_column("account", "language", server_default=None)
