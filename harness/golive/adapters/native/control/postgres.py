"""PostgreSQL, asked by its administrator."""

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from golive.adapters.native.control.deployed import Deployed, await_true
from golive.adapters.native.ports import LOOPBACK
from golive.adapters.native.units.postgres import ADMIN, APP, DATABASE

ROLE = "postgres"
TIMEOUT_SECONDS = 5


def connect(deployed: Deployed, application: str = "golive") -> Connection[TupleRow]:
    """A session that may do everything; each statement is a transaction."""
    return psycopg.connect(
        host=LOOPBACK,
        port=deployed.server(ROLE).port,
        user=ADMIN,
        password=deployed.credentials.postgres_admin,
        dbname=DATABASE,
        application_name=application,
        connect_timeout=TIMEOUT_SECONDS,
        autocommit=True,
    )


def serves(deployed: Deployed) -> bool:
    """Whether it takes writes."""
    try:
        with connect(deployed) as session:
            # The number of a transaction is given to one that writes.
            session.execute("select txid_current()")
    except psycopg.Error:
        return False
    return True


def await_service(deployed: Deployed) -> None:
    """Wait until it, or what stands before it, lets the service in."""
    await_true(lambda: _lets_in(deployed), "PostgreSQL lets the service in")


def _lets_in(deployed: Deployed) -> bool:
    role = ROLE if "pgbouncer" in deployed.snapshot().deployment.left_out else "pgbouncer"
    try:
        with psycopg.connect(
            host=LOOPBACK,
            port=deployed.server(role).port,
            user=APP,
            password=deployed.credentials.postgres_app,
            dbname=DATABASE,
            connect_timeout=TIMEOUT_SECONDS,
        ) as session:
            session.execute("select 1", prepare=False)
    except psycopg.Error:
        return False
    return True
