"""The service gets no connection to PostgreSQL, and loses those it has."""

from golive.adapters.native.control import postgres
from golive.adapters.native.control.commands import Command
from golive.adapters.native.control.deployed import Deployed, await_true
from golive.adapters.native.units.postgres import APP


def _begin(deployed: Deployed) -> None:
    with postgres.connect(deployed) as session:
        session.execute(f"alter role {APP} connection limit 0")
        session.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", [APP]
        )


def _end(deployed: Deployed) -> None:
    await_true(lambda: postgres.serves(deployed), "PostgreSQL takes writes")
    with postgres.connect(deployed) as session:
        session.execute(f"alter role {APP} connection limit -1")
    postgres.await_service(deployed)


COMMAND = Command("the service's connections to PostgreSQL", _begin, _end)
