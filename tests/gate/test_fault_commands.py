"""The faults that the reference deployment's target file offers: each breaks, each mends."""

import shlex
import subprocess
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
import stamina
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError

from golive.adapters.native.control import commands, postgres, redis_queue, roles
from golive.adapters.native.control.commands import redis_power_loss
from golive.adapters.native.control.deployed import Deployed

ROOT = Path(__file__).parents[2]
NOTIFICATIONS = "select count(*) from webhook_events"
DAY_SECONDS = 24 * 3600


@pytest.fixture
def run(started, tmp_path) -> Callable[[str, str], None]:
    """Runs a command of the target file as the gate would."""
    offered = tomllib.loads(Path(started.target_file).read_text())["faults"]["commands"]

    def one(name: str, word: str) -> None:
        if name not in offered:
            pytest.skip(f"this machine does not allow {name}")
        words = shlex.split(offered[name][word])
        ran = subprocess.run(
            words, cwd=tmp_path, capture_output=True, text=True, timeout=90, check=False
        )
        assert ran.returncode == 0, ran.stderr

    return one


@pytest.fixture
def broken(run) -> Callable[..., object]:
    """A fault that lasts as long as the context, and is ended twice."""

    @contextmanager
    def fault(name: str) -> Iterator[None]:
        run(name, "begin")
        try:
            yield
        finally:
            run(name, "end")
        run(name, "end")

    return fault


@pytest.fixture
def redis(deployed) -> Iterator[Redis]:
    """The queue's Redis."""
    with redis_queue.connect(deployed) as client:
        yield client


def fill(redis: Redis) -> None:
    """Write more than is left."""
    for number in range(8):
        redis.set(f"large-{number}", b"x" * 2**20)


@pytest.fixture
def as_service(deployed) -> Callable[[str], object]:
    """One statement of the service's own role, on a connection of its own."""

    # For a second after somebody could not log in PgBouncer says so to all, before any statement.
    @stamina.retry(on=psycopg.errors.ProtocolViolation, timeout=10)
    def ask(statement: str) -> object:
        left_out = deployed.snapshot().deployment.left_out
        with psycopg.connect(
            host="127.0.0.1",
            port=deployed.server("postgres" if "pgbouncer" in left_out else "pgbouncer").port,
            user="tether",
            dbname="tether",
            password=deployed.credentials.postgres_app,
            connect_timeout=3,
            autocommit=True,
            prepare_threshold=None,
        ) as session:
            session.execute("set statement_timeout = '700ms'")
            answer = session.execute(statement)
            return answer.fetchone() if answer.description else None

    return ask


def test_redis_without_memory_refuses_and_forgets_nothing(broken, redis) -> None:
    """What does not fit is refused; afterwards the limit is the configured one again."""
    with broken("redis_memory"):
        redis.set("small", "kept")
        with pytest.raises(OutOfMemoryError):
            fill(redis)

    assert redis.get("small") == b"kept"
    assert redis.config_get("maxmemory") == {"maxmemory": str(2**30)}
    assert redis.set("large", b"x" * 2**22)
    redis.delete("large", *(f"large-{number}" for number in range(8)))


def test_redis_on_a_full_disk_acknowledges_nothing_more(broken, deployed, redis) -> None:
    """No write is acknowledged while the disk is full, however often it is started again; what
    was acknowledged before is there afterwards.
    """
    redis.set("before", "kept")
    restarts = deployed.server("redis-queue").restarts
    acknowledged = 0
    with broken("redis_disk_full"):
        deadline = time.monotonic() + 30
        while deployed.server("redis-queue").restarts < restarts + 2:
            assert time.monotonic() < deadline
            try:
                acknowledged += bool(redis.set("while", "full"))
            except RedisConnectionError:
                continue

    assert acknowledged == 0
    assert redis.get("before") == b"kept"
    assert redis.set("after", "written")


def test_postgres_on_a_full_disk_commits_nothing_more(broken, deployed, as_service) -> None:
    """A commit fails while the disk is full; what was committed before is there afterwards."""
    as_service("create table probe (word text)")
    as_service("insert into probe values ('before')")
    with broken("postgres_disk_full"):
        for _ in range(3):
            with pytest.raises(psycopg.Error):
                as_service("insert into probe values ('while')")

    assert as_service("select string_agg(word, ' ') from probe") == ("before",)
    assert as_service("insert into probe values ('after') returning 1") == (1,)
    assert "File too large" in Path(deployed.server("postgres").log).read_text()


def test_no_connection_to_be_had(broken, deployed, as_service) -> None:
    """The service gets none and has lost its own; the observer is let in all the while."""
    with broken("postgres_connections"):
        with pytest.raises(psycopg.Error):
            as_service("select 1")
        with postgres.connect(deployed) as session:
            held = session.execute(
                "select count(*) from pg_stat_activity where usename = 'tether'"
            ).fetchone()

    assert held == (0,)
    assert as_service("select 1") == (1,)


def test_a_forgotten_lock_keeps_everybody_out(broken, run, deployed, as_service) -> None:
    """Nobody reads or writes notifications while it is held; a second `begin` changes nothing."""
    with broken("postgres_locks"):
        run("postgres_locks", "begin")
        assert as_service("select 1") == (1,)
        with pytest.raises(psycopg.errors.QueryCanceled):
            as_service(NOTIFICATIONS)

    assert as_service(NOTIFICATIONS) == (0,)
    assert holders(deployed) == []


def test_a_forgotten_lock_ends_with_the_server(run, deployed) -> None:
    """Whoever holds the lock does not outlive PostgreSQL."""
    run("postgres_locks", "begin")
    before = holders(deployed)

    roles.find(deployed, "postgres").restart()
    _, alive = psutil.wait_procs(before, 10)

    assert len(before) == 1
    assert alive == []


def holders(deployed: Deployed) -> list[psutil.Process]:
    """The processes that hold locks in the deployment."""
    wanted = [commands.__name__ + ".postgres_locks", str(deployed.folder)]
    return [
        one
        for one in psutil.process_iter(["cmdline"])
        if (one.info["cmdline"] or [])[-2:] == wanted
    ]


def test_a_day_later_only_what_expires_within_a_day_is_gone(broken, redis) -> None:
    """Claims of a day have expired, what is kept for a month or for ever is there."""
    redis.set("claim", "1", ex=DAY_SECONDS)
    redis.set("month", "1", ex=30 * DAY_SECONDS)
    redis.set("ever", "1")

    with broken("a_day_later"):
        pass

    assert redis.exists("claim") == 0
    assert redis.exists("month", "ever") == 2


@pytest.mark.parametrize("fsync, lost", [("always", False), ("no", True)])
def test_a_power_cut_takes_what_redis_had_not_written(broken, redis, fsync, lost) -> None:
    """As it is configured nothing that was acknowledged is lost; were it not to wait for the disk,
    it would be.
    """
    key = f"power-{fsync}"
    with broken("redis_power_loss"):
        redis.config_set("appendfsync", fsync)
        for number in range(100):
            assert redis.rpush(key, number) == number + 1

    assert (redis.llen(key) < 100) == lost
    assert redis.config_get("appendfsync") == {"appendfsync": "always"}
    assert redis.set("after", "written")


def test_garbage_at_the_end_of_what_redis_wrote_is_cut_off(deployed, redis) -> None:
    """Redis starts again on what a power cut has left half written, with all before it."""
    redis.set("whole", "kept")
    role = roles.find(deployed, "redis-queue")
    role.stop()
    folder = deployed.folder / "data" / "redis-queue" / "appendonlydir"
    with next(folder.glob("*.incr.aof")).open("ab") as log:
        log.write(bytes(1000))

    redis_power_loss._repair(folder)
    role.start()

    assert redis.get("whole") == b"kept"


def test_a_power_cut_takes_nothing_that_was_committed(broken, deployed, as_service) -> None:
    """Every commit that was answered is there when PostgreSQL is back, in its old place."""
    as_service("create table power (number int)")
    with broken("postgres_power_loss"):
        for _ in range(50):
            as_service("insert into power default values")

    assert as_service("select count(*) from power") == (50,)
    assert "not properly shut down" in Path(deployed.server("postgres").log).read_text()
    assert not deployed.restraints.disk("postgres").exists()


@pytest.mark.parametrize("name", commands.names())
def test_what_did_not_begin_can_be_ended(run, name) -> None:
    """`end` alone does no harm: it is what a gate does that was killed at the wrong moment."""
    run(name.replace("-", "_"), "end")


def test_the_service_is_well_after_all_of_that(golive, started, tmp_path) -> None:
    """The smoke suite passes on the mended deployment."""
    ran = golive("smoke", started.target_file, "--out", tmp_path / "runs", cwd=ROOT)

    assert ran.returncode == 0, ran.stderr
