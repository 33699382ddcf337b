"""Runs the one history in the schema it was asked for; see `galen.provisioning.migrate`."""

from alembic import context

options = context.config.attributes
context.configure(
    connection=options["connection"],
    version_table_schema=options["schema"],
    schema=options["schema"],
    transactional_ddl=True,
)
context.run_migrations()
