"""The table of kept answers is called what it keeps: idempotency keys."""

from alembic import op

from galen.provisioning.migrate import in_shared_schema

revision = "0003"
down_revision = "0002"


CONSTRAINTS = """
DO $$
DECLARE old name;
BEGIN
  FOR old IN
    SELECT conname FROM pg_constraint WHERE conrelid = 'idempotency_key'::regclass AND conname LIKE 'once_key%'
  LOOP
    EXECUTE format('ALTER TABLE idempotency_key RENAME CONSTRAINT %I TO %I', old,
                   replace(old, 'once_key', 'idempotency_key'));
  END LOOP;
END $$
"""


def upgrade() -> None:
    if not in_shared_schema():
        op.rename_table("once_key", "idempotency_key")
        op.execute(CONSTRAINTS)
