"""Roles fit the kind of their account; browsers are known again; tries are counted by name and place."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import BYTEA

from galen.provisioning.migrate import in_shared_schema

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    if in_shared_schema():
        return
    op.execute("UPDATE account SET roles = array_remove(roles, 'patient') WHERE kind = 'staff'")
    op.execute("UPDATE account SET roles = '{patient}' WHERE kind = 'patient'")
    op.execute("UPDATE account SET patient_id = NULL WHERE kind = 'staff'")
    op.create_check_constraint(
        op.f("account_roles_of_kind_check"),
        "account",
        "CASE kind WHEN 'patient' THEN roles = '{patient}' ELSE NOT 'patient' = ANY (roles) END",
    )
    op.create_check_constraint(
        op.f("account_record_of_kind_check"), "account", "patient_id IS NULL OR kind = 'patient'"
    )
    op.drop_column("account", "failures")
    op.add_column("session", sa.Column("known_by", BYTEA()))
    op.create_index(op.f("attempt_username_idx"), "attempt", ["username"])
