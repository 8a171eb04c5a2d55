"""What runs in containers, in the order of its start, from the same templates as native servers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from golive.adapters.containers.certificate import new_certificate
from golive.adapters.containers.ground import API_PORT, TOXIPROXY, Ground
from golive.adapters.native.units import gateway, postgres, redis, toxiproxy
from golive.adapters.native.units.nginx import base_url, configuration
from golive.adapters.native.units.reference_service import service_environment

CONFIGURATION = "/etc/golive"


@dataclass(frozen=True)
class Service:
    """A container that stays. `files` and `data` are mounted: path here -> path there;
    `own_user` keeps the user of its image.
    """

    role: str
    image: str
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[Path, str] = field(default_factory=dict)
    data: Mapping[Path, str] = field(default_factory=dict)
    scratch: tuple[str, ...] = ("/tmp",)  # noqa: S108 - in the container
    published: bool = True
    own_user: bool = False
    stop_signal: str = "SIGTERM"


def stores(ground: Ground) -> Iterator[Service]:
    """What keeps data, and the payment gateway."""
    yield _postgres(ground)
    keys = ground.outside.credentials
    yield _redis(ground, "queue", keys.redis_queue, keys.redis_queue_observer)
    yield _redis(ground, "cache", keys.redis_cache, keys.redis_cache_observer)
    yield _minio(ground)
    yield _gateway(ground)


def ways(ground: Ground) -> Iterator[Service]:
    """What stands between the service and its stores."""
    yield _pgbouncer(ground)
    yield _toxiproxy(ground)


def service(ground: Ground) -> Iterator[Service]:
    """The service itself."""
    environment = app_environment(ground)
    for role in ground.outside.api_roles():
        yield Service(
            role=role,
            image="app",
            command=("api",),
            environment={**environment, "NODE_NAME": role, "PORT": str(API_PORT)},
            own_user=True,
        )
    yield Service(
        role="worker",
        image="app",
        command=("worker",),
        environment={**environment, "NODE_NAME": "worker"},
        published=False,
        own_user=True,
    )


def entrance(ground: Ground) -> Iterator[Service]:
    """The balancer, which wants to know the names of its nodes when it starts."""
    site = ground.inside
    home = site.data("nginx", ground.outside.account)
    text = configuration(site, Path("/tmp"))  # noqa: S108 - in the container
    file = _configuration(ground, home / "nginx.conf", text)
    yield Service(
        role="nginx",
        image="nginx",
        command=("nginx", "-c", f"{CONFIGURATION}/nginx.conf"),
        files={file: f"{CONFIGURATION}/nginx.conf"},
        stop_signal="SIGQUIT",
    )


def everything(ground: Ground) -> Iterator[Service]:
    """All of them."""
    for wave in (stores, ways, service, entrance):
        yield from wave(ground)


def app_environment(ground: Ground) -> dict[str, str]:
    """What the service is told; paths of this machine mean nothing in a container."""
    told = {
        **service_environment(ground.inside),
        "TRUSTED_PROXIES": f"127.0.0.0/8,{ground.inside.bind('nginx')}/32",
    }
    return {name: value for name, value in told.items() if name not in ("PATH", "PYTHONPATH")}


def _postgres(ground: Ground) -> Service:
    site, account = ground.inside, ground.outside.account
    home = site.data("postgres", account)
    cluster = site.data("postgres/cluster", account)
    configuration = site.render("postgres/postgresql.conf.j2", cluster=Path(CONFIGURATION, "x"))
    files = {
        "postgresql.conf": configuration,
        "pg_hba.conf": site.render("postgres/pg_hba.conf.j2"),
        **new_certificate("postgres"),
    }
    return Service(
        role="postgres",
        image="postgres",
        command=("postgres", "-c", f"config_file={CONFIGURATION}/postgresql.conf"),
        environment={
            "POSTGRES_USER": postgres.ADMIN,
            "POSTGRES_PASSWORD": site.credentials.postgres_admin,
            "POSTGRES_DB": "postgres",
            "POSTGRES_INITDB_ARGS": "--data-checksums --encoding UTF8 --locale C",
            "PGDATA": "/var/lib/postgresql/data",
        },
        files={
            _configuration(ground, home / name, text): f"{CONFIGURATION}/{name}"
            for name, text in files.items()
        },
        data={cluster: "/var/lib/postgresql/data"},
        scratch=("/tmp", "/var/run/postgresql"),  # noqa: S108 - in the container
        stop_signal="SIGINT",
    )


def _redis(ground: Ground, purpose: str, password: str, observer_password: str) -> Service:
    role = f"redis-{purpose}"
    site, account = ground.inside, ground.outside.account
    text = site.render(
        f"redis/{purpose}.conf.j2",
        role=role,
        home="/data",
        password=password,
        observer=redis.OBSERVER,
        observer_password=observer_password,
    )
    home = site.data(role, account)
    return Service(
        role=role,
        image="redis",
        command=("redis-server", f"{CONFIGURATION}/redis.conf"),
        files={_configuration(ground, home / "redis.conf", text): f"{CONFIGURATION}/redis.conf"},
        data={site.data(f"{role}/data", account): "/data"},
    )


def _minio(ground: Ground) -> Service:
    site, account = ground.inside, ground.outside.account
    site.data("minio", account)
    keys = site.credentials
    own = f"{site.bind('minio')}:{site.port('minio')}"
    return Service(
        role="minio",
        image="minio",
        command=("server", "--quiet", "--address", own, "/data"),
        environment={
            "MINIO_ROOT_USER": keys.minio_root_key,
            "MINIO_ROOT_PASSWORD": keys.minio_root_secret,
            "MINIO_BROWSER": "off",
            "MINIO_UPDATE": "off",
            "HOME": "/tmp",  # noqa: S108 - in the container
        },
        data={site.data("minio/objects", account): "/data"},
    )


def _gateway(ground: Ground) -> Service:
    site = ground.inside
    return Service(
        role="gateway",
        image="gateway",
        command=(
            *("--host", site.bind("gateway"), "--port", str(site.port("gateway"))),
            *("--notification-url", f"{base_url(site)}{gateway.WEBHOOK_PATH}"),
            *("--retry-interval-s", str(gateway.RETRY_INTERVAL_SECONDS)),
        ),
        environment={
            "GATEWAY_USERNAME": gateway.USERNAME,
            "GATEWAY_PASSWORD": site.credentials.webhook_password,
            "GATEWAY_TERMINAL_TOKEN": site.credentials.gateway_terminal,
            "GATEWAY_VERIFY_KEY": site.credentials.payee_check_key,
        },
        published=False,
        own_user=True,
    )


def _pgbouncer(ground: Ground) -> Service:
    site, account = ground.inside, ground.outside.account
    folder = "/etc/pgbouncer"
    home = site.data("pgbouncer", account)
    files = {
        "userlist.txt": f'"{postgres.APP}" "{site.credentials.postgres_app}"\n',
        "pgbouncer.ini": site.render("pgbouncer/pgbouncer.ini.j2", users=f"{folder}/userlist.txt"),
    }
    return Service(
        role="pgbouncer",
        image="pgbouncer",
        command=("/usr/bin/pgbouncer", f"{folder}/pgbouncer.ini"),
        files={
            _configuration(ground, home / name, text): f"{folder}/{name}"
            for name, text in files.items()
        },
        stop_signal="SIGINT",
    )


def _toxiproxy(ground: Ground) -> Service:
    site = ground.inside
    home = site.data(TOXIPROXY, ground.outside.account)
    file = _configuration(ground, home / "toxiproxy.json", toxiproxy.proxies(site))
    return Service(
        role=TOXIPROXY,
        image=TOXIPROXY,
        command=(f"-host={site.bind(TOXIPROXY)}", f"-config={CONFIGURATION}/toxiproxy.json"),
        environment={"LOG_LEVEL": "info"},
        files={file: f"{CONFIGURATION}/toxiproxy.json"},
    )


def _configuration(ground: Ground, path: Path, text: str) -> Path:
    """A private file that the container's user can read."""
    return ground.outside.write(path, text, ground.outside.account)


def write_environment(ground: Ground) -> None:
    """The service's environment as a private file, for whoever audits it."""
    lines = "".join(f"{name}={value}\n" for name, value in app_environment(ground).items())
    ground.outside.write(ground.folder / "app.env", lines)
