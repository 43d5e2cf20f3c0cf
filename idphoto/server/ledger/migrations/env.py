"""Run Alembic migrations on the connection that `open_database` passes in."""

from __future__ import annotations

from alembic import context

from idphoto.server.ledger.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
context.run_migrations()
