"""The proof of exactly once; `make prove` runs it."""

import random
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import psutil
import psycopg
import pytest
from redis import Redis

from reference_app.database import conninfo
from reference_app.queueing.connections import queue_redis
from reference_app.settings import Settings

COUNT = 10_000
SEED = 20_260_105
RATE = 250
LEVELS = {"AC04": "block", "MD06": "review"}
"""What the gateway's reasons mean by the settings as they come."""
PAUSE_S = (0.3, 1.5)
"""Between two kills."""


class Killer(threading.Thread):
    """Kills one process after another below the supervisor, until told to stop."""

    def __init__(self, supervisor_pid: int) -> None:
        super().__init__()
        self._supervisor = psutil.Process(supervisor_pid)
        self._random = random.Random(SEED)
        self._enough = threading.Event()
        self.kills = 0

    def run(self) -> None:
        """Kill: workers, work horses, the scheduler, whoever is there."""
        while not self._enough.wait(self._random.uniform(*PAUSE_S)):
            alive = self._supervisor.children(recursive=True)
            if alive:
                self._random.choice(alive).kill()
                self.kills += 1

    def stop(self) -> None:
        """Kill no more."""
        self._enough.set()
        self.join()


@pytest.fixture
def killer(own_deployment: Any) -> Iterator[Killer]:
    """A killer at work."""
    thread = Killer(own_deployment.process("worker").pid)
    thread.start()
    yield thread
    thread.stop()


@pytest.fixture
def gateway(own_deployment: Any) -> Iterator[httpx.Client]:
    """The control calls of the gateway simulator."""
    url = own_deployment.env["EMP_GATEWAY_URL"]
    with httpx.Client(base_url=f"{url}/control", timeout=60) as client:
        yield client


def test_ten_thousand_notifications_have_their_effect_exactly_once(
    own_deployment: Any,
    gateway: httpx.Client,
    killer: Killer,
    settings_of: Callable[[dict[str, str]], Settings],
    wait_for: Callable[..., None],
) -> None:
    """Shuffled, tripled, with workers killed at random: Postgres holds the simulator's truth."""
    settings = settings_of(own_deployment.env)
    asked = {"count": COUNT, "seed": SEED, "tripled": True, "shuffled": True, "rate": RATE}
    launched = gateway.post("/notifications", json=asked).json()
    assert launched["deliveries"] == 3 * launched["notifications"] >= 3 * COUNT

    progress: dict[str, int] = {}

    def delivered() -> bool:
        progress.update(gateway.get("/progress").json())
        return not progress["waiting"]

    wait_for(delivered, "the gateway has all its echoes", 600)
    killer.stop()
    assert progress["gave_up"] == 0
    payments = gateway.get("/truth").json()["payments"]
    with (
        psycopg.connect(conninfo(settings), prepare_threshold=None, autocommit=True) as database,
        queue_redis(settings) as redis,
    ):
        count = "SELECT count(*) FROM webhook_events"
        expected = launched["notifications"]
        wait_for(lambda: database.execute(count).fetchone() == (expected,), "all effects", 120)
        wait_for(lambda: nothing_is_left(redis), "all jobs are done with", 120)
        assert known_events(database) == {
            unique_id: sorted(map(tuple, payment["events"]))
            for unique_id, payment in payments.items()
        }
        states = dict(database.execute("SELECT unique_id, status FROM payments").fetchall())
        assert states == {unique_id: payment["final"] for unique_id, payment in payments.items()}
        accounts = "SELECT unique_id, iban, reason_code, level FROM blacklisted_ibans"
        expected_accounts = {
            (unique_id, payment["iban"], code, LEVELS[code])
            for unique_id, payment in payments.items()
            for code in payment["reason_codes"]
        }
        assert {code for _id, _iban, code, _level in expected_accounts} == set(LEVELS)
        assert set(database.execute(accounts).fetchall()) == expected_accounts
    print(
        f"\n{launched['notifications']} notifications of {len(payments)} payments,"
        f" {progress['sent']} deliveries sent, {killer.kills} processes killed:"
        " none lost, none twice, every state as the gateway has it,"
        f" {len(expected_accounts)} accounts blacklisted for its reasons"
    )


def nothing_is_left(redis: Redis) -> bool:
    """Whether no job waits, runs, is to be retried or has failed."""
    lists = ("rq:queue:webhooks", "rq:queue:webhooks:intermediate")
    sets = ("rq:wip:webhooks", "rq:scheduled:webhooks", "rq:failed:webhooks")
    return not any(map(redis.llen, lists)) and not any(map(redis.zcard, sets))


def known_events(database: psycopg.Connection) -> dict[str, list[tuple[str, str]]]:
    """Event and status of every audit row, by payment."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for unique_id, event, status in database.execute(
        "SELECT unique_id, event, status FROM webhook_events"
    ):
        found[unique_id].append((event, status))
    return {unique_id: sorted(events) for unique_id, events in found.items()}
