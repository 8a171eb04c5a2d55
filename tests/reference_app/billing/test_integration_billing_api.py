"""Billing from the API to the gateway of the deployment and back."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from redis import Redis

from reference_app.queueing.connections import queue_redis
from reference_app.settings import Settings

from .conftest import Debtors

Wait = Callable[..., None]

WORKER = """
import sys
from reference_app.settings import load_settings
from reference_app.queueing.policies import QUEUES
from reference_app.worker import build_worker
[policy] = [one for one in QUEUES if one.name == sys.argv[1]]
build_worker(load_settings(), policy, f"tests-{policy.name}").work()
"""

CSV = b"""IBAN,Name,Amount
DE89370400440532013000,Anna Roth,10.00
NL91ABNA0417164300,Bert Vos,20.00
CH9300762011623852957,Carl Egli,30.00
"""


@pytest.fixture
def billing_workers(live_settings: Settings, root: Path) -> Iterator[None]:
    """Workers of the queues that the deployment may not serve itself."""
    assert live_settings
    started = [
        subprocess.Popen([sys.executable, "-c", WORKER, queue], cwd=root, stderr=subprocess.DEVNULL)
        for queue in ("vop", "billing")
    ]
    yield
    for process in started:
        process.terminate()
        process.wait(30)


@pytest.fixture
def redis(live_settings: Settings) -> Iterator[Redis]:
    """The queue Redis, looked at directly."""
    with queue_redis(live_settings) as connection:
        yield connection


@pytest.mark.usefixtures("billing_workers")
def test_an_upload_is_billed(
    client: httpx.Client, upload: Callable[[bytes], dict[str, Any]], wait_for: Wait
) -> None:
    """From the file to the debit; who may not be billed is shown with the reason."""
    path = f"/api/uploads/{upload(CSV)['id']}"
    accepted = client.post(f"{path}/bill")
    assert (accepted.status_code, accepted.json()) == (202, {"batches": 1})
    assert accepted.headers["Location"] == f"{path}/billing"

    def settled() -> bool:
        attempts = client.get(f"{path}/billing").json()["attempts"]
        return bool(attempts["sent"] + attempts["rejected"] == 3)

    wait_for(settled, "all are settled", 40)
    shown = client.get(f"{path}/billing").json()
    assert shown["debtors"] == 3
    assert shown["attempts"] == {"sending": 0, "unknown": 0, "sent": 2, "rejected": 1}
    assert shown["payments"] == {"pending": 2}
    assert shown["rejections"] == {"The country has no direct debit.": 1}


def test_asked_twice_it_is_queued_once(
    client: httpx.Client, database: psycopg.Connection, redis: Redis
) -> None:
    """The second answer is the same, and says that it is the second."""
    of = Debtors(database, 51, account="golive")
    first, second = (client.post(f"/api/uploads/{of.id}/bill") for _ in range(2))

    assert first.json() == second.json() == {"batches": 2}
    assert first.headers["X-Tether-Result"] == "accepted"
    assert second.headers["X-Tether-Result"] == "already-processed"
    assert redis.exists(f"tether:billing:{of.id}")


def test_nothing_to_bill_is_nothing_to_queue(
    client: httpx.Client, upload: Callable[[bytes], dict[str, Any]], redis: Redis
) -> None:
    """An upload without a single debtor has no batches."""
    empty = upload(b"IBAN,Name,Amount\nnonsense,A,1.00\n")
    answer = client.post(f"/api/uploads/{empty['id']}/bill")

    assert (answer.status_code, answer.json()) == (202, {"batches": 0})
    assert not redis.exists(f"tether:billing:{empty['id']}")


@pytest.mark.parametrize("status", ["pending", "processing", "awaiting_mapping", "failed"])
def test_only_what_is_completed_is_billed(
    client: httpx.Client, database: psycopg.Connection, redis: Redis, status: str
) -> None:
    """Anything else is a conflict, and queues nothing."""
    of = Debtors(database, 1, account="golive")
    database.execute("UPDATE uploads SET status = %s WHERE id = %s", (status, of.id))
    answer = client.post(f"/api/uploads/{of.id}/bill")

    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not redis.exists(f"tether:billing:{of.id}")


@pytest.mark.parametrize("method, path", [("POST", "bill"), ("GET", "billing")])
def test_another_accounts_upload_is_not_there(
    client: httpx.Client,
    database: psycopg.Connection,
    stranger_token: str,
    method: str,
    path: str,
) -> None:
    """Nor is one that never was, nor is it shown to nobody."""
    of = Debtors(database, 1, account="golive")
    stranger = {"Authorization": f"Bearer {stranger_token}"}

    def status(upload_id: object, headers: dict[str, str]) -> int:
        url = f"/api/uploads/{upload_id}/{path}"
        return client.request(method, url, headers=headers).status_code

    assert status(of.id, stranger) == 404
    assert status(UUID(int=7), {}) == 404
    assert status("nonsense", {}) == 404
    assert status(of.id, {"Authorization": ""}) == 401


def test_a_body_is_of_no_use_and_does_no_harm(
    client: httpx.Client, database: psycopg.Connection
) -> None:
    """An empty document is ignored, a large one refused, another method not allowed."""
    of = Debtors(database, 1, account="golive")
    path = f"/api/uploads/{of.id}/bill"

    assert client.post(path, json={}).status_code == 202
    assert client.post(path, content=b"x" * 2000).status_code == 413
    refused = client.get(path)
    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")
