"""Fixtures of the reference service's tests; `deployment` comes from tests/conftest.py."""

import asyncio
import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import httpx
import psutil
import psycopg
import pytest
from jsonschema import Draft202012Validator
from redis import Redis
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from reference_app.database import conninfo
from reference_app.http import contract
from reference_app.job_database import JobDatabase
from reference_app.queueing.claim import JobQueue
from reference_app.queueing.connections import queue_redis
from reference_app.queueing.policies import JobRequest
from reference_app.settings import Settings
from reference_app.token import add_token

ROOT = Path(__file__).parents[2]
PASSWORD = "Signature-pass-0123"
"""That of `production_env` in tests/conftest.py."""
SIGNATURE_HASH = "sha1"

FormFactory = Callable[..., dict[str, str]]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def make_form() -> FormFactory:
    """Build signed notification forms."""

    def make(password: str = PASSWORD, unique_id: str = "", **fields: str) -> dict[str, str]:
        unique_id = unique_id or uuid4().hex
        form = {
            "unique_id": unique_id,
            "status": "approved",
            "transaction_id": "order-1",
            "transaction_type": "sdd_sale",
            "amount": "500",
            "signature": hashlib.new(SIGNATURE_HASH, f"{unique_id}{password}".encode()).hexdigest(),
        }
        return {**form, **fields}

    return make


@pytest.fixture(scope="session")
def wait_for() -> Callable[..., None]:
    """Wait until something holds, or fail with what it was."""

    def wait(holds: Callable[[], object], what: str, seconds: float = 15.0) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
            time.sleep(0.03)

    return wait


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """A port on the loopback that nobody listens on."""

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return find


StartedNode = tuple[str, subprocess.Popen[bytes]]


@pytest.fixture(scope="session")
def start_node(
    free_port: Callable[[], int], wait_for: Callable[..., None]
) -> Iterator[Callable[[dict[str, str]], StartedNode]]:
    """Start API nodes with an environment of their own."""
    started: list[subprocess.Popen[bytes]] = []

    def start(env: dict[str, str]) -> StartedNode:
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "reference_app.api", "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, **env},
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: _answers(url), "an API node answers")
        return url, process

    yield start
    for process in started:
        process.kill()
        process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="session")
def lonely_node(
    production_env: dict[str, str], start_node: Callable[[dict[str, str]], StartedNode]
) -> str:
    """The address of a node whose Redis, Postgres and bucket are all away."""
    return start_node(production_env)[0]


class Deployment(Protocol):
    """What tests/conftest.py gives: a running deployment of the service."""

    env: dict[str, str]
    base_url: str
    nodes: dict[str, str]
    token: str
    webhook_password: str


@pytest.fixture
def live_settings(
    deployment: Deployment, settings_of: Callable[[dict[str, str]], Settings]
) -> Settings:
    """The settings of the running deployment."""
    return settings_of(deployment.env)


@pytest.fixture
def quiet_settings(
    deployment: Deployment, settings_of: Callable[[dict[str, str]], Settings]
) -> Iterator[Settings]:
    """The deployment's, but with a database of the queue Redis that no worker listens to."""
    settings = settings_of({**deployment.env, "REDIS_DB": "9", "NODE_NAME": "quiet"})
    with queue_redis(settings) as redis:
        redis.flushdb()
        yield settings
        redis.flushdb()


WORKERS = 7
"""As the deployment's environment has it: 2 for webhooks, 1 for each other queue."""


@pytest.fixture
def redis(quiet_settings: Settings) -> Iterator[Redis]:
    """The queue Redis, looked at directly, in the database of `quiet_settings`."""
    with queue_redis(quiet_settings) as connection:
        yield connection


@pytest.fixture
def start_workers(
    quiet_settings: Settings, redis: Redis, wait_for: Callable[..., None]
) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start a supervisor with its workers, all listening, on `quiet_settings` unless changed."""
    assert quiet_settings.redis_db == 9
    started: list[subprocess.Popen[bytes]] = []

    def start(node: str = "quiet", **env: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "reference_app.worker"],
            cwd=ROOT,
            env={**os.environ, "NODE_NAME": node, **env},
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        if not env:
            wait_for(lambda: _ready_workers(redis, process.pid) == WORKERS, "all workers listen")
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
    # Redis learns of it a moment later, and would still hand the next test's job to the dead.
    wait_for(lambda: not _waits_for_a_job(redis), "Redis has forgotten the killed workers")


def _waits_for_a_job(redis: Redis) -> bool:
    return any(one["db"] == "9" and one["cmd"] == "blmove" for one in redis.client_list())


def _ready_workers(redis: Redis, supervisor: int) -> int:
    """Workers of one supervisor that are registered and have taken over their signals."""
    known = [redis.hmget(key, "state", "pid") for key in redis.smembers("rq:workers")]
    children = {child.pid for child in psutil.Process(supervisor).children()}
    return sum(state in {b"idle", b"busy"} and int(pid or 0) in children for state, pid in known)


@pytest.fixture
def workers(start_workers: Callable[..., subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    """A supervisor with its workers, all listening."""
    return start_workers()


@pytest.fixture
def enqueue(quiet_settings: Settings) -> Callable[[JobRequest], None]:
    """Enqueue a job as the API does."""

    def put(job: JobRequest) -> None:
        async def claim() -> None:
            queue = JobQueue(quiet_settings)
            await queue.claim(f"claim:{job.job_id}", job)
            await queue.close()

        asyncio.run(claim())

    return put


@pytest.fixture
def database(live_settings: Settings) -> Iterator[psycopg.Connection]:
    """A connection of its own to the deployment's Postgres."""
    with psycopg.connect(
        conninfo(live_settings), prepare_threshold=None, autocommit=True
    ) as connection:
        yield connection


@pytest.fixture
def job_databases(live_settings: Settings) -> Iterator[Callable[[], JobDatabase]]:
    """Databases as the jobs use them, each with a connection of its own."""
    opened: list[JobDatabase] = []

    def open_another() -> JobDatabase:
        opened.append(JobDatabase(live_settings))
        return opened[-1]

    yield open_another
    for database in opened:
        database.close()


class ContractKeeper:
    """Checks an answer against what the contract says of its route."""

    def __init__(self) -> None:
        self._document = json.loads(contract.document())
        resource = Resource.from_contents(self._document, DRAFT202012)
        self._registry = Registry().with_resource("urn:contract", resource)
        self._paths = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), path)
            for path in self._document["paths"]
        ]

    def __call__(self, response: httpx.Response) -> None:
        """Fail if the status, a header, the type or the body is not what was promised."""
        request, status = response.request, response.status_code
        path = next((p for r, p in self._paths if r.fullmatch(request.url.path)), "")
        operation = self._document["paths"].get(path, {}).get(request.method.lower())
        if not operation:
            return
        said = f"{request.method} {request.url.path}: {status}"
        promised = operation["responses"].get(str(status))
        assert promised, f"{said} is not in the contract"
        pointer = f"/paths/{path.replace('/', '~1')}/{request.method.lower()}/responses/{status}"
        if "$ref" in promised:
            pointer = promised["$ref"].removeprefix("#")
            promised = self._document["components"]["responses"][pointer.rpartition("/")[2]]
        missing = [name for name in promised.get("headers", {}) if name not in response.headers]
        assert not missing, f"{said} lacks {missing}"
        if "content" in promised:
            self._check_body(response, pointer, promised["content"], said)

    def _check_body(self, response: httpx.Response, pointer: str, content: Any, said: str) -> None:
        media_type = response.headers.get("Content-Type", "").partition(";")[0]
        assert media_type in content, f"{said} is {media_type}"
        if media_type.endswith("json"):
            response.read()
            schema = f"urn:contract#{pointer}/content/{media_type.replace('/', '~1')}/schema"
            validator = Draft202012Validator({"$ref": schema}, registry=self._registry)
            errors = [error.message for error in validator.iter_errors(response.json())]
            assert not errors, f"{said}: {errors}"


@pytest.fixture(scope="session")
def keeps_contract() -> ContractKeeper:
    """Fails if an answer breaks the contract."""
    return ContractKeeper()


@pytest.fixture
def client(deployment: Deployment, keeps_contract: ContractKeeper) -> Iterator[httpx.Client]:
    """A client of the deployment, with a token; all that it is told must keep the contract."""
    with httpx.Client(
        base_url=deployment.base_url,
        headers={"Authorization": f"Bearer {deployment.token}"},
        timeout=10,
        event_hooks={"response": [keeps_contract]},
    ) as client:
        yield client


@pytest.fixture
def stranger_token(live_settings: Settings) -> str:
    """The token of another account."""
    add_token(live_settings, "stranger", "stranger-token-0123456789")
    return "stranger-token-0123456789"


@pytest.fixture
def upload(
    client: httpx.Client, wait_for: Callable[..., None]
) -> Callable[[bytes], dict[str, Any]]:
    """Upload a file and wait until it is settled; gives its status document."""

    def settled(content: bytes) -> dict[str, Any]:
        accepted = client.post("/api/uploads", files={"file": ("debtors.csv", content, "text/csv")})
        assert accepted.status_code == 202, accepted.text
        path = f"/api/uploads/{accepted.json()['id']}"
        documents: list[dict[str, Any]] = []

        def is_settled() -> bool:
            documents.append(client.get(path).json())
            return documents[-1]["status"] in {"completed", "failed"}

        wait_for(is_settled, "the upload is settled")
        return documents[-1]

    return settled


@pytest.fixture
def settings_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], Settings]:
    """Read settings from exactly the given environment."""

    def read(env: dict[str, str]) -> Settings:
        for name in Settings.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        return Settings.model_validate({})

    return read
