"""The stores' files for a host of their own, read by the servers themselves."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis

from golive.adapters.native.servers.finding import find
from golive.adapters.native.servers.known import PGBOUNCER, REDIS
from tests.infra._helping import until

PASSWORD, LOOPBACK = "d4t4-h0st-9fj2", "127.0.0.1"
Render = Callable[..., Path]


@pytest.fixture
def ports(port) -> dict[str, int]:
    """Of every store: none of them is another test's."""
    names = ("redis_queue", "redis_cache", "postgres", "pgbouncer", "s3")
    return {name: port() for name in names}


@pytest.fixture
def host(render_hosts: Render, ports, tmp_path) -> Path:
    """Its files, where its private address is loopback."""
    stores = tmp_path / "redis"
    for purpose in ("queue", "cache"):
        (stores / purpose).mkdir(parents=True)
    rendered = render_hosts(hosts={"data": LOOPBACK}, ports=ports, paths={"redis": str(stores)})
    return rendered / "data"


def start_redis(host: Path, start, purpose: str) -> None:
    """As the unit of Debian does, with its passwords put in."""
    acl = host / f"etc/redis/{purpose}.acl"
    acl.write_text(acl.with_suffix(".acl.example").read_text().replace("CHANGE-ME", PASSWORD))
    given = (host / f"etc/redis/redis-{purpose}.conf").read_text()
    configuration = acl.with_suffix(".conf")
    configuration.write_text(given.replace(f"/etc/redis/{purpose}.acl", str(acl)))
    start(getattr(find(REDIS), "path", REDIS.program), configuration, log=f"redis-{purpose}")


@pytest.mark.parametrize(
    "purpose, policy, appends", [("queue", "noeviction", "yes"), ("cache", "allkeys-lru", "no")]
)
def test_redis_is_what_the_service_needs(host, ports, start, purpose, policy, appends) -> None:
    """The queue forgets nothing and the cache the oldest; nobody comes in without a password, and
    the observer changes nothing.
    """
    start_redis(host, start, purpose)
    where = {"host": LOOPBACK, "port": ports[f"redis_{purpose}"]}

    with (
        redis.Redis(**where) as stranger,
        redis.Redis(**where, password=PASSWORD) as service,
        redis.Redis(**where, username="golive_observer", password=PASSWORD) as observer,
    ):

        def answers() -> bool:
            try:
                return bool(service.ping())
            except redis.ConnectionError:
                return False

        until(answers, "Redis answers")
        service.set("a", "b")
        told = {**observer.config_get("maxmemory-policy"), **observer.config_get("appendonly")}

        assert told == {"maxmemory-policy": policy, "appendonly": appends}
        assert observer.get("a") == b"b"
        with pytest.raises(redis.AuthenticationError):
            stranger.ping()
        with pytest.raises(redis.exceptions.NoPermissionError):
            observer.set("a", "c")
        with pytest.raises(redis.exceptions.NoPermissionError):
            service.flushall()


def test_pgbouncer_reads_its_file(host, ports, start, tmp_path) -> None:
    """It listens, and lets nobody in whom it does not know."""
    program = getattr(find(PGBOUNCER), "path", None)
    if program is None:
        pytest.skip("pgBouncer is not installed")
    users = tmp_path / "users"
    users.write_text(f'"tether" "{PASSWORD}"\n')
    configuration = tmp_path / "pgbouncer.ini"
    given = (host / "etc/pgbouncer/pgbouncer.ini").read_text()
    configuration.write_text(given.replace("/etc/pgbouncer/userlist.txt", str(users)))
    tmp_path.chmod(0o755)
    for one in (users, configuration):
        one.chmod(0o644)
    # It refuses to work as root.
    account = ("-u", "nobody") if os.geteuid() == 0 else ()
    start(program, *account, configuration, log="pgbouncer")
    where = f"host={LOOPBACK} port={ports['pgbouncer']} dbname=tether connect_timeout=5"

    def refusal(user: str, password: str) -> str:
        try:
            psycopg.connect(f"{where} user={user} password={password}").close()
        except psycopg.OperationalError as error:
            return str(error)
        return ""

    until(lambda: "refused" not in refusal("a", "b"), "pgBouncer listens")
    assert "authentication failed" in refusal("stranger", PASSWORD)
    assert "authentication failed" in refusal("tether", "wrong")


def test_postgres_is_for_pgbouncer_beside_it_alone(host) -> None:
    """It listens on loopback and asks for a password there; its administrator comes by a socket."""
    place = host / "etc/postgresql/15/main"
    settings = (place / "conf.d/tether.conf").read_text()
    doors = [line for line in (place / "pg_hba.conf").read_text().splitlines() if line[0] != "#"]

    assert "listen_addresses = '127.0.0.1'" in settings
    assert "synchronous_commit = on" in settings
    assert doors == ["host all all 127.0.0.1/32 scram-sha-256", "local all postgres peer"]


@pytest.mark.skipif(
    shutil.which("systemd-sysusers") is None, reason="systemd-sysusers is not installed"
)
def test_accounts_and_folders_are_made(host, tmp_path) -> None:
    """By systemd's own programs: what the units expect is there afterwards."""
    root = tmp_path / "root"
    for folder in ("etc", "var/lib/redis"):
        (root / folder).mkdir(parents=True)
    (root / "etc/passwd").write_text("redis:x:101:101::/var/lib/redis:/bin/false\n")
    (root / "etc/group").write_text("redis:x:101:\n")
    files = [host / "etc/sysusers.d/tether.conf", host / "etc/tmpfiles.d/tether.conf"]
    made = (
        ("systemd-sysusers", f"--root={root}"),
        ("systemd-tmpfiles", "--create", f"--root={root}"),
    )

    for words, file in zip(made, files, strict=True):
        ran = subprocess.run([*words, file], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr

    assert "tether:x:" in (root / "etc/passwd").read_text()
    assert (root / "var/backups/tether").stat().st_mode & 0o777 == 0o700
    assert (root / "etc/tether").is_dir()
