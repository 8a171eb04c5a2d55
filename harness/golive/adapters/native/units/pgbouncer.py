"""pgBouncer in transaction mode, where this machine has it."""

from collections.abc import Iterator
from functools import partial

from golive.adapters.native import health
from golive.adapters.native.site import Site
from golive.adapters.native.unit import Command, Server, Unit
from golive.adapters.native.units.postgres import APP, app_dsn


def units(site: Site) -> Iterator[Unit]:
    """Start it before PostgreSQL, with the service's password as its only user."""
    if "pgbouncer" not in site.servers:
        return
    home = site.data("pgbouncer", site.account)
    users = home / "userlist.txt"
    site.write(users, f'"{APP}" "{site.credentials.postgres_app}"\n', site.account)
    configuration = site.write(
        home / "pgbouncer.ini",
        site.render("pgbouncer/pgbouncer.ini.j2", users=users),
        site.account,
    )
    yield Server(
        role="pgbouncer",
        command=Command(
            arguments=(str(site.program("pgbouncer")), str(configuration)),
            folder=home,
            account=site.account,
        ),
        healthy=partial(health.answers_sql, app_dsn(site, "pgbouncer")),
        port=site.port("pgbouncer"),
        needs=("postgres-roles",),
    )
