"""PostgreSQL: its cluster, the server, the roles of the service and of the observer."""

import shutil
import signal
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from golive.adapters.native import health
from golive.adapters.native.preparing import prepared
from golive.adapters.native.site import Site
from golive.adapters.native.unit import Command, Run, Server, Task, Unit
from golive.errors import DeploymentError

DATABASE = "tether"
APP = "tether"
OBSERVER = "golive_observer"
ADMIN = "golive_admin"


def units(site: Site) -> Iterator[Unit]:
    """Make the cluster if there is none, start it, make the roles."""
    home = site.data("postgres", site.account)
    cluster = home / "cluster"
    _require_same_version(site, cluster)
    site.write(
        home / "postgresql.conf",
        site.render("postgres/postgresql.conf.j2", cluster=cluster),
        site.account,
    )
    site.write(home / "pg_hba.conf", site.render("postgres/pg_hba.conf.j2"), site.account)
    needs: tuple[str, ...] = ()
    if not cluster.exists():
        needs = ("postgres-cluster",)
        yield Task("postgres-cluster", partial(_make_cluster, site, cluster))
    yield Server(
        role="postgres",
        command=Command(
            arguments=(
                str(site.program("postgres")),
                *("-D", str(cluster), "-c", f"config_file={home / 'postgresql.conf'}"),
            ),
            folder=home,
            account=site.account,
            # Fast shutdown; on SIGTERM it would wait for its clients.
            stop_signal=signal.SIGINT,
            data=cluster,
        ),
        healthy=partial(health.answers_sql, admin_dsn(site)),
        port=site.port("postgres"),
        needs=needs,
    )
    yield prepared(site, "postgres-roles", "database", administration(site), needs=("postgres",))


def admin_dsn(site: Site) -> str:
    """The connection string of the superuser."""
    return _dsn(site, "postgres", ADMIN, site.credentials.postgres_admin, "postgres")


def observer_dsn(site: Site) -> str:
    """The connection string of the role that can only read."""
    return _dsn(site, "postgres", OBSERVER, site.credentials.postgres_observer, DATABASE)


def app_dsn(site: Site, role: str) -> str:
    """The connection string of the service at the port of that role."""
    return _dsn(site, role, APP, site.credentials.postgres_app, DATABASE)


def _dsn(site: Site, role: str, user: str, password: str, database: str) -> str:
    return f"postgresql://{user}:{password}@{site.address(role)}/{database}"


def _require_same_version(site: Site, cluster: Path) -> None:
    if not cluster.exists():
        return
    before = (cluster / "PG_VERSION").read_text().strip()
    now = str(site.servers["postgres"].version.parts[0])
    if before != now:
        raise DeploymentError(
            f"the data in {cluster} was made by PostgreSQL {before}, and this is {now}",
            remedy="Start with empty data: golive up --fresh",
        )


async def _make_cluster(site: Site, cluster: Path, run: Run) -> None:
    unfinished = cluster.with_name("unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    password = cluster.with_name("password")
    site.write(password, site.credentials.postgres_admin, site.account)
    await run(
        Command(
            arguments=(
                str(site.program("postgres").with_name("initdb")),
                *("--pgdata", str(unfinished), "--username", ADMIN, "--pwfile", str(password)),
                *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"),
                # A crash of the machine within the next second only means starting anew.
                "--no-sync",
                "--data-checksums",
                "--no-instructions",
            ),
            folder=cluster.parent,
            account=site.account,
        )
    )
    password.unlink()
    # It appears whole: a cluster half made would be taken for one that has data.
    unfinished.rename(cluster)


def administration(site: Site) -> Mapping[str, str]:
    """What `reference_app.prepare database` is told."""
    keys = site.credentials
    return {
        "DB_ADMIN_HOST": site.host("postgres"),
        "DB_ADMIN_PORT": str(site.port("postgres")),
        "DB_ADMIN_USERNAME": ADMIN,
        "DB_ADMIN_PASSWORD": keys.postgres_admin,
        "DB_DATABASE": DATABASE,
        "DB_USERNAME": APP,
        "DB_PASSWORD": keys.postgres_app,
        "DB_OBSERVER_USERNAME": OBSERVER,
        "DB_OBSERVER_PASSWORD": keys.postgres_observer,
    }
