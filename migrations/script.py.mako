"""${message}"""

from galen.provisioning.migrate import in_shared_schema

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    if in_shared_schema():
        return
