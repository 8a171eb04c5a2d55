"""What a running deployment shows of itself, and its commands."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from reference_app.job_database import JobDatabase
from reference_app.scopes import token_hash
from reference_app.settings import Settings
from reference_app.token import TokenRefusedError, add_token

IBAN = "DE89370400440532013000"


def test_nodes_are_ready(deployment: Any) -> None:
    """Every node sees all it needs, within a second."""
    for name, url in deployment.nodes.items():
        started = time.perf_counter()
        answer = httpx.get(f"{url}/health/ready")
        assert time.perf_counter() - started < 1
        assert answer.status_code == 200, (name, answer.text)
        assert all(check["ok"] for check in answer.json()["checks"].values())


@pytest.mark.usefixtures("live_settings")
def test_migrating_twice_at_once_is_harmless(root: Path) -> None:
    """Several nodes may start a deployment at the same time."""
    runs = [
        subprocess.Popen([sys.executable, "-m", "reference_app.migrate"], cwd=root)
        for _ in range(3)
    ]
    assert [run.wait(30) for run in runs] == [0, 0, 0]


def test_events_are_unique_in_postgres(database: psycopg.Connection) -> None:
    """The last word on exactly once is a constraint, not a program."""
    [row] = database.execute(
        """SELECT count(*) FROM pg_constraint WHERE contype = 'u'
           AND conrelid = 'webhook_events'::regclass
           AND pg_get_constraintdef(oid) = 'UNIQUE (unique_id, event, status)'"""
    )
    assert row == (1,)


def test_limits_of_a_job_do_not_stay_with_the_pooler(
    database: psycopg.Connection, job_databases: Callable[[], JobDatabase]
) -> None:
    """The next one on the same server connection is not hit by them."""
    with job_databases().transaction(1234) as connection:
        inside = connection.execute("SHOW statement_timeout").fetchone()
    after = database.execute("SHOW statement_timeout").fetchone()
    assert inside == ("1234ms",)
    assert after != inside


def test_kept_connection_that_died_is_replaced(
    job_databases: Callable[[], JobDatabase],
) -> None:
    """A restart of Postgres between two jobs costs no retry."""
    jobs = job_databases()
    for _ in range(3):
        with jobs.transaction(5_000) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
            descriptor = connection.fileno()
        with socket.socket(fileno=os.dup(descriptor)) as line:
            line.shutdown(socket.SHUT_RDWR)


def test_tokens_are_stored_hashed(live_settings: Settings, database: psycopg.Connection) -> None:
    """Adding twice changes nothing; another account cannot take a token over."""
    token = "tests-token-0123456789"
    for _ in range(2):
        add_token(live_settings, "tests", token)
    with pytest.raises(TokenRefusedError):
        add_token(live_settings, "others", token)
    rows = database.execute("SELECT * FROM api_tokens WHERE account = 'tests'").fetchall()
    assert [bytes(row[0]) for row in rows] == [token_hash(token)]
    assert token not in str(rows)


@pytest.mark.usefixtures("live_settings")
@pytest.mark.parametrize("token", ["", "short", "has a space in it 0123456789", "x" * 513])
def test_bad_tokens_are_refused_by_the_command(root: Path, token: str) -> None:
    """With a message that does not repeat the token."""
    run = subprocess.run(
        [sys.executable, "-m", "reference_app.token", "add", "--account", "tests"],
        cwd=root,
        input=f"{token}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "token" in run.stderr
    assert not token or token not in run.stderr


def test_upload_with_the_bucket_away_stores_nothing(
    deployment: Any,
    database: psycopg.Connection,
    start_node: Callable[[dict[str, str]], tuple[str, object]],
) -> None:
    """503 within seconds, and no row for a file that is not there."""
    url, _process = start_node({**deployment.env, "AWS_ENDPOINT": "http://127.0.0.1:1"})
    assert refused_upload(url, deployment.token) == 503
    assert not database.execute("SELECT 1 FROM uploads WHERE filename = 'refused.csv'").fetchall()


def test_upload_with_redis_away_is_marked_failed(
    deployment: Any,
    database: psycopg.Connection,
    start_node: Callable[[dict[str, str]], tuple[str, object]],
) -> None:
    """503, and the row that no job will ever touch says so."""
    url, _process = start_node({**deployment.env, "REDIS_PORT": "1"})
    assert refused_upload(url, deployment.token) == 503
    rows = database.execute("SELECT status, failure FROM uploads WHERE filename = 'refused.csv'")
    assert rows.fetchall() == [("failed", "The upload could not be queued.")]


def refused_upload(url: str, token: str) -> int:
    """Upload a file that cannot be taken; gives the status, which came soon."""
    started = time.perf_counter()
    answer = httpx.post(
        f"{url}/api/uploads",
        files={"file": ("refused.csv", b"IBAN,Name,Amount\n")},
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert time.perf_counter() - started < 5
    assert "Retry-After" in answer.headers
    return answer.status_code


def test_third_node_joins_while_running(
    deployment: Any,
    client: httpx.Client,
    upload: Callable[[bytes], dict[str, Any]],
    start_node: Callable[[dict[str, str]], tuple[str, Any]],
    make_form: Callable[..., dict[str, str]],
    database: psycopg.Connection,
    wait_for: Callable[..., None],
) -> None:
    """It serves what others took, knows what others claimed, and leaves without a trace."""
    known = make_form(deployment.webhook_password)
    assert client.post("/api/webhooks/emp", data=known).status_code == 200
    document = upload(f"IBAN,Name,Amount\n{IBAN},Ann,{uuid4().int % 10**6 + 1}\n".encode())

    url, process = start_node({**deployment.env, "NODE_NAME": "api-3"})
    wait_for(lambda: httpx.get(f"{url}/health/ready").status_code == 200, "the third is ready")
    with httpx.Client(base_url=url, headers=client.headers, timeout=10) as third:
        path = f"/api/uploads/{document['id']}"
        assert third.get(path).json() == document
        served = [c.get(f"{path}/download").content for c in (third, client)]
        assert served[0] == served[1]
        again = third.post("/api/webhooks/emp", data=known)
        assert again.headers["X-Tether-Result"] == "already-processed"
        new = make_form(deployment.webhook_password)
        assert third.post("/api/webhooks/emp", data=new).headers["X-Tether-Result"] == "accepted"
    process.terminate()
    assert process.wait(15) == 0

    count = "SELECT count(*) FROM webhook_events WHERE unique_id = %s"
    wait_for(lambda: database.execute(count, (new["unique_id"],)).fetchone() == (1,), "its effect")
    assert client.get(f"/api/uploads/{document['id']}/download").status_code == 200
