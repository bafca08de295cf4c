"""Run by Alembic: migrates over the connection it is given, in the transaction that is open on it."""

from alembic import context

from ragbot.persistence.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
