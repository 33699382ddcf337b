"""Commits are silent: notices are sent afterwards, in batches. The table of kept answers is called what it keeps."""

from pathlib import Path

from alembic import op

from galen.provisioning.migrate import in_shared_schema, script

revision = "0004"
down_revision = "0003"

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
    if in_shared_schema():
        script(Path(__file__).with_name("0004_shared.sql"))
    else:
        op.rename_table("once_key", "idempotency_key")
        op.execute(CONSTRAINTS)
