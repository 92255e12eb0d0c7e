"""Run by alembic: apply the steps on the connection that `upgrade` was given, all or none."""

from alembic import context

connection = context.config.attributes["connection"]
connection.exec_driver_sql(context.config.attributes["begin"])  # first: then alembic ends nothing
context.configure(connection=connection, transactional_ddl=False)
try:
    context.run_migrations()
except BaseException:
    connection.exec_driver_sql("ROLLBACK")
    raise
connection.exec_driver_sql("COMMIT")
