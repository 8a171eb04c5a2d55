"""The reference service: its schema, a token, the API nodes and the workers."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from dotenv import dotenv_values

from golive.adapters.native import health, processes
from golive.adapters.native.ports import LOOPBACK
from golive.adapters.native.site import Site
from golive.adapters.native.unit import Command, Run, Server, Task, Unit
from golive.adapters.native.units import gateway
from golive.adapters.native.units.minio import BUCKET, REGION
from golive.adapters.native.units.postgres import APP, DATABASE
from golive.adapters.native.units.toxiproxy import listener
from golive.adapters.native.worker_tree import WEBHOOK_WORKERS

ACCOUNT, OTHER_ACCOUNT = "golive", "other"
WORKERS_KEY = "rq:workers"
TEMPORARY = "temporary"
"""The folder of the service's temporary files, apart from everybody else's."""
SERVICES = ("toxiproxy", "redis-queue", "redis-cache", "minio-bucket")


def units(site: Site) -> Iterator[Unit]:
    """Migrate, store the token, start the nodes."""
    environment = service_environment(site)
    lines = "".join(f"{name}={value}\n" for name, value in environment.items())
    site.write(site.folder / "app.env", lines)
    database = "pgbouncer" if "pgbouncer" in site.servers else "postgres-roles"
    migrate = _python(site, environment, "reference_app.migrate")
    yield Task("migrate", partial(_run, migrate), needs=("toxiproxy", database))
    tokens = {ACCOUNT: site.credentials.api_token, OTHER_ACCOUNT: site.credentials.other_token}
    add = [
        _python(site, environment, "reference_app.token", "add", "--account", account, stdin=token)
        for account, token in tokens.items()
    ]
    yield Task("token", partial(_run_all, add), needs=("migrate",))
    for role in site.api_roles():
        yield _api(site, role, environment)
    yield Server(
        role="worker",
        command=_python(site, environment | {"NODE_NAME": "worker"}, "reference_app.worker"),
        healthy=partial(_works, site),
        needs=("migrate", *SERVICES),
    )


def _api(site: Site, role: str, environment: Mapping[str, str]) -> Server:
    port = site.port(role)
    return Server(
        role=role,
        command=_python(
            site,
            {**environment, "NODE_NAME": role},
            *("reference_app.api", "--host", LOOPBACK, "--port", str(port)),
        ),
        healthy=partial(health.answers_http, f"http://{site.address(role)}/health"),
        port=port,
        needs=("migrate", *SERVICES),
    )


async def _works(site: Site) -> bool:
    """A worker of ours is registered: killed ones leave their names for a while."""
    registered = await health.redis_numbers(
        site.port("redis-queue"), site.credentials.redis_queue, WORKERS_KEY, "pid"
    )
    ours = (one.pid for one in processes.family(os.getpid()) if processes.lives(one))
    return not registered.isdisjoint(ours)


async def _run(command: Command, run: Run) -> None:
    await run(command)


async def _run_all(commands: Sequence[Command], run: Run) -> None:
    for command in commands:
        await run(command)


def _python(
    site: Site, environment: Mapping[str, str], *arguments: str, stdin: str = ""
) -> Command:
    how = site.variant.arguments() if site.variant else ("-m",)
    return Command(
        arguments=(sys.executable, *how, *arguments),
        folder=site.checkout,
        environment=environment,
        stdin=stdin,
    )


def service_environment(site: Site) -> dict[str, str]:
    """What the service is told."""
    credentials = site.credentials
    return {
        # Everything that is deployed can be read in one place, what has its default as well.
        **_defaults(site),
        "APP_ENV": "local",
        "APP_DEBUG": "false",
        "LOG_CHANNEL": "stderr",
        "LOG_LEVEL": "info",
        **_redis(site, "REDIS", "redis-queue", credentials.redis_queue),
        **_redis(site, "REDIS_CACHE", "redis-cache", credentials.redis_cache),
        "QUEUE_CONNECTION": "redis",
        "CACHE_DRIVER": "redis",
        "SESSION_DRIVER": "redis",
        "WORKERS_WEBHOOKS_MIN": str(WEBHOOK_WORKERS),
        "WORKERS_WEBHOOKS_START": str(WEBHOOK_WORKERS),
        "WORKERS_WEBHOOKS_MAX": "5",
        # Few, so that a whole deployment fits beside everything else on one machine.
        "WORKERS_BILLING_MAX": "2",
        "WORKERS_DEFAULT_MAX": "2",
        "DB_CONNECTION": "pgsql",
        "DB_HOST": site.host(listener("postgres")),
        "DB_PORT": str(site.port(listener("postgres"))),
        "DB_DATABASE": DATABASE,
        "DB_USERNAME": APP,
        "DB_PASSWORD": credentials.postgres_app,
        "FILESYSTEM_DISK": "s3",
        "AWS_ACCESS_KEY_ID": credentials.minio_app_key,
        "AWS_SECRET_ACCESS_KEY": credentials.minio_app_secret,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_BUCKET": BUCKET,
        "AWS_ENDPOINT": f"http://{site.address(listener('s3'))}",
        "AWS_URL": f"http://{site.address(listener('s3'))}/{BUCKET}",
        "AWS_USE_PATH_STYLE_ENDPOINT": "true",
        "EMP_API_PASSWORD": credentials.webhook_password,
        "EMP_GATEWAY_URL": gateway.base_url(site),
        "EMP_USERNAME": gateway.USERNAME,
        "EMP_TERMINAL_TOKEN": credentials.gateway_terminal,
        "VOP_URL": gateway.base_url(site),
        "VOP_API_KEY": credentials.payee_check_key,
        "DASHBOARD_PASSWORD": credentials.dashboard,
        "PYTHONPATH": str(site.checkout),
        "TMPDIR": str(site.data(TEMPORARY)),
        # The service's libraries have no business with the user's own settings of Python.
        "PATH": os.environ.get("PATH", os.defpath),
        **dict(site.settings),
    }


def _defaults(site: Site) -> dict[str, str]:
    values = dotenv_values(site.checkout / ".env.example", interpolate=False)
    return {name: value or "" for name, value in values.items()}


def _redis(site: Site, prefix: str, proxy: str, password: str) -> dict[str, str]:
    return {
        f"{prefix}_HOST": site.host(listener(proxy)),
        f"{prefix}_PORT": str(site.port(listener(proxy))),
        f"{prefix}_PASSWORD": password,
        f"{prefix}_DB": "0",
    }
