"""Fixtures of billing: a gateway of the test's own, and debtors to bill."""

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any, LiteralString, cast
from urllib.parse import parse_qsl
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg.sql import SQL
from schwifty import IBAN

from reference_app.billing.attempts import Batch
from reference_app.billing.bill import Biller
from reference_app.billing.eligibility import AmountLimits
from reference_app.billing.gateway import Gateway as Client
from reference_app.billing.throttle import Breaker, Throttle
from reference_app.job_database import JobDatabase
from reference_app.queueing.connections import cache_redis
from reference_app.settings import Settings
from reference_app.webhooks.reasons import policy_of

ENVIRONMENT = {
    "GATEWAY_USERNAME": "tether",
    "GATEWAY_PASSWORD": "Gateway-pass-0123",
    "GATEWAY_TERMINAL_TOKEN": "terminal-0123456789",
    "GATEWAY_VERIFY_KEY": "Verify-key-0123456789",
}

Form = dict[str, str]


@dataclass
class Listener:
    """A merchant's notification address that answers as a test wants."""

    url: str = ""
    received: list[Form] = field(default_factory=list)
    answer: Callable[[Form], tuple[int, str]] = lambda _form: (200, "")


def echo(form: Form) -> tuple[int, str]:
    """The answer that the gateway waits for."""
    name = "wpf_unique_id" if "wpf_unique_id" in form else "unique_id"
    return 200, f"<notification_echo><{name}>{form[name]}</{name}></notification_echo>"


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A notification address; it answers nothing useful until told to."""
    state = Listener()

    class _Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = dict(parse_qsl(body))
            state.received.append(form)
            status, text = state.answer(form)
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        state.url = f"http://127.0.0.1:{server.server_port}/notify"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield state
        server.shutdown()
        thread.join()


@dataclass(frozen=True)
class Gateway:
    """A running gateway simulator, as tests use it."""

    url: str
    process: subprocess.Popen[bytes]

    def control(self, path: str, **asked: Any) -> dict[str, Any]:
        """Tell it something."""
        answer = httpx.post(f"{self.url}/control/{path}", json=asked, timeout=10)
        assert answer.status_code == 200, answer.text
        return cast("dict[str, Any]", answer.json())

    def ask(self, path: str) -> dict[str, Any]:
        """Ask it something."""
        return cast("dict[str, Any]", httpx.get(f"{self.url}/control/{path}", timeout=10).json())

    @property
    def debits(self) -> list[dict[str, Any]]:
        """Money taken."""
        return cast("list[dict[str, Any]]", self.ask("truth")["debits"])


StartGateway = Callable[..., Gateway]


@pytest.fixture
def start_gateway(
    root: Path, free_port: Callable[[], int], wait_for: Callable[..., None]
) -> Iterator[StartGateway]:
    """Starts gateways that end with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(notification_url: str = "http://127.0.0.1:9/", *more: str) -> Gateway:
        port = free_port()
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "infra.gateway", "--port", str(port)),
                *("--notification-url", notification_url, "--retry-interval-s", "0.05", *more),
            ],
            cwd=root,
            env={**os.environ, **ENVIRONMENT},
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        gateway = Gateway(f"http://127.0.0.1:{port}", process)
        wait_for(lambda: _is_up(gateway.url), "the gateway answers")
        return gateway

    yield start
    for process in started:
        process.kill()
        process.wait()


def _is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def gateway(start_gateway: StartGateway) -> Gateway:
    """A gateway whose notifications go nowhere."""
    return start_gateway()


class Debtors:
    """An upload with debtors to bill."""

    def __init__(self, database: psycopg.Connection, count: int, account: str = "tests") -> None:
        self.id = uuid4()
        self.database = database
        database.execute(
            """INSERT INTO uploads (id, account, filename, object_key, size_bytes, sha256, status,
                                    rows_total, rows_created)
               VALUES (%s, %s, 'a.csv', %s, 1, repeat('0', 64), 'completed', %s, %s)""",
            (self.id, account, str(self.id), count, count),
        )
        rng = Random(self.id.int)
        for line in range(2, count + 2):
            iban = str(IBAN.random("DE", random=rng))
            self.add(line, iban, f"Anna Roth {chr(96 + line % 26)}", 100 + line)
        self.ids = [row[0] for row in self._rows("SELECT id FROM debtors WHERE upload_id = %s")]
        self.batch = Batch(self.id, min(self.ids), max(self.ids))

    def add(self, line: int, iban: str, name: str, cents: int) -> None:
        """Add one."""
        self.database.execute(
            """INSERT INTO debtors (upload_id, account, line, iban, name, amount_cents, currency)
               VALUES (%s, 'tests', %s, %s, %s, %s, 'EUR')""",
            (self.id, line, iban, name, cents),
        )

    def change(self, assignment: LiteralString, number: int) -> None:
        """Change one, by its place."""
        self.database.execute(
            SQL("UPDATE debtors SET {} WHERE id = %s").format(SQL(assignment)), (self.ids[number],)
        )

    def attempts(self) -> Counter[str]:
        """How many attempts are in which status."""
        query: LiteralString = "SELECT status FROM billing_attempts WHERE upload_id = %s"
        return Counter(row[0] for row in self._rows(query))

    def payments(self) -> Counter[str]:
        """How many payments are in which status."""
        query: LiteralString = """SELECT p.status FROM billing_attempts a
            JOIN payments p ON p.unique_id = a.unique_id WHERE a.upload_id = %s"""
        return Counter(row[0] for row in self._rows(query))

    def reasons(self) -> list[str]:
        """Why attempts were rejected, in the order of the file."""
        query: LiteralString = """SELECT error FROM billing_attempts
            WHERE upload_id = %s AND status = 'rejected' ORDER BY debtor_id"""
        return [row[0] for row in self._rows(query)]

    def _rows(self, query: LiteralString) -> list[tuple[Any, ...]]:
        return self.database.execute(query, (self.id,)).fetchall()


@pytest.fixture
def debtors(database: psycopg.Connection) -> Callable[..., Debtors]:
    """Makes uploads with so many debtors."""
    return lambda count, **more: Debtors(database, count, **more)


@pytest.fixture
def billing_env(deployment: Any, gateway: Gateway) -> dict[str, str]:
    """The deployment's environment, but with the test's own gateway, limits and no patience."""
    return {
        **deployment.env,
        "EMP_GATEWAY_URL": gateway.url,
        "EMP_USERNAME": ENVIRONMENT["GATEWAY_USERNAME"],
        "EMP_API_PASSWORD": ENVIRONMENT["GATEWAY_PASSWORD"],
        "EMP_TERMINAL_TOKEN": ENVIRONMENT["GATEWAY_TERMINAL_TOKEN"],
        "VOP_URL": gateway.url,
        "VOP_API_KEY": ENVIRONMENT["GATEWAY_VERIFY_KEY"],
        "VOP_SAMPLE_PERCENT": "100",
        "VOP_DAILY_CAP": "1000000",
        "REDIS_CACHE_DB": "7",
        "BILLING_RATE_PER_S": "1000",
        "BILLING_BREAKER_FAILURES": "1000",
        "RECONCILE_AFTER_MINUTES": "0",
        "RECONCILE_RATE_PER_S": "1000",
    }


@pytest.fixture
def billing_settings(
    billing_env: dict[str, str], settings_of: Callable[[dict[str, str]], Settings]
) -> Iterator[Settings]:
    """The same as settings; what the limits remember is gone before and after."""
    settings = settings_of(billing_env)
    with cache_redis(settings) as redis:
        redis.flushdb()
        yield settings
        redis.flushdb()


@pytest.fixture
def make_biller(
    billing_settings: Settings, job_databases: Callable[[], JobDatabase]
) -> Iterator[Callable[..., Biller]]:
    """Makes billers as separate workers have them; keywords change their settings."""
    opened: list[Any] = []

    def make(**changes: object) -> Biller:
        settings = billing_settings.model_copy(update=changes)
        redis, gateway = cache_redis(settings), Client(settings)
        opened.extend((redis, gateway))
        return Biller(
            job_databases(),
            gateway,
            Throttle(redis, "gateway-billing", settings.billing_rate_per_s),
            Breaker(redis, settings),
            AmountLimits(settings.billing_min_cents, settings.billing_max_cents),
            policy_of(settings),
            settings.billing_same_rejections,
        )

    yield make
    for one in opened:
        one.close()
