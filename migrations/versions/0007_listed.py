"""Lists in which a patient stood are found by that patient."""

from alembic import op

from galen.provisioning.migrate import in_shared_schema

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    if not in_shared_schema():
        op.execute(
            "CREATE INDEX audit_entry_listed_idx ON audit_entry USING gin (((changes -> 'patients') -> 1)) "
            "WHERE action = 'listed'"
        )
