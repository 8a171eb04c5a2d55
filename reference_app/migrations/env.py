"""Alembic's entry: runs the migrations on the connection, and in the transaction, it is given; or
prints their SQL.
"""

from alembic import context

if context.is_offline_mode():
    context.configure(dialect_name="postgresql", literal_binds=True)
else:
    context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
