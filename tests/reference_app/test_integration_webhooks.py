"""Notifications, from the request to their effect in Postgres."""

import hashlib
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import permutations
from uuid import uuid4

import httpx
import psycopg
import pytest

from reference_app.job_database import JobDatabase
from reference_app.settings import Settings
from reference_app.webhooks import effect as webhook_effect
from reference_app.webhooks import job as jobs
from reference_app.webhooks.notification import Notification, from_fields

ECHO = """<?xml version="1.0" encoding="UTF-8"?>
<notification_echo>
  <unique_id>{}</unique_id>
</notification_echo>"""
Wait = Callable[..., None]
Databases = Callable[[], JobDatabase]
Signed = Callable[..., dict[str, str]]
PATH = "/api/webhooks/emp"


@pytest.fixture
def signed(live_settings: Settings, make_form: Signed) -> Signed:
    """Build forms that the deployment accepts."""
    password = live_settings.emp_api_password.get_secret_value()
    return lambda **fields: make_form(password, **fields)


def events(database: psycopg.Connection, unique_id: str) -> list[tuple[str, str]]:
    """The audit rows of a payment: event and status, in the order of processing."""
    rows = database.execute(
        "SELECT event, status FROM webhook_events WHERE unique_id = %s ORDER BY id", (unique_id,)
    )
    return [(event, status) for event, status in rows]


def payment(database: psycopg.Connection, unique_id: str) -> tuple[str, int | None] | None:
    """Status and amount of a payment."""
    return database.execute(
        "SELECT status, amount_cents FROM payments WHERE unique_id = %s", (unique_id,)
    ).fetchone()


def test_notification_has_its_effect_once(
    client: httpx.Client, database: psycopg.Connection, signed: Signed, wait_for: Wait
) -> None:
    """First and repeated deliveries get the echo; the effect is one audit row and one payment."""
    form = signed(customer_email="ü@example.com")
    answers = [client.post(PATH, data=form) for _ in range(3)]
    assert {answer.text for answer in answers} == {ECHO.format(form["unique_id"])}
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/xml"}
    results = [answer.headers["X-Tether-Result"] for answer in answers]
    assert results == ["accepted", "already-processed", "already-processed"]
    wait_for(lambda: events(database, form["unique_id"]), "the effect is there")
    time.sleep(0.3)
    assert events(database, form["unique_id"]) == [("", "approved")]
    assert payment(database, form["unique_id"]) == ("approved", 500)
    [stored] = database.execute(
        "SELECT payload FROM webhook_events WHERE unique_id = %s", (form["unique_id"],)
    )
    assert stored[0] == {name: value for name, value in form.items() if name != "signature"}


def test_json_is_answered_to_who_asks_for_it(client: httpx.Client, signed: Signed) -> None:
    """The wording tells a first delivery from a repeated one."""
    form, headers = signed(), {"Accept": "application/json"}
    messages = [client.post(PATH, data=form, headers=headers).json() for _ in range(2)]
    assert messages == [
        {"status": "ok", "message": "Accepted"},
        {"status": "ok", "message": "Already processed"},
    ]


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
def test_all_three_hashes_are_accepted(
    client: httpx.Client, live_settings: Settings, signed: Signed, algorithm: str
) -> None:
    """The gateway chooses, and the length tells."""
    form = signed()
    secret = form["unique_id"] + live_settings.emp_api_password.get_secret_value()
    form["signature"] = hashlib.new(algorithm, secret.encode()).hexdigest()
    assert client.post(PATH, data=form).status_code == 200


def test_wrong_signature_claims_nothing(client: httpx.Client, signed: Signed) -> None:
    """A forged delivery cannot make the true one look like a duplicate."""
    form = signed()
    forged = client.post(PATH, data={**form, "signature": "0" * 40})
    assert (forged.status_code, "echo" in forged.text) == (401, False)
    assert client.post(PATH, data=form).headers["X-Tether-Result"] == "accepted"


def test_one_payment_through_its_life(
    client: httpx.Client, database: psycopg.Connection, signed: Signed, wait_for: Wait
) -> None:
    """All notifications of a payment share one id and are all processed."""
    unique_id = uuid4().hex
    life = [("", "pending_async"), ("", "approved"), ("chargeback", "chargebacked")]
    for event, status in life:
        extra = {"event": event} if event else {}
        form = signed(unique_id=unique_id, status=status, **extra)
        assert client.post(PATH, data=form).headers["X-Tether-Result"] == "accepted"
    wait_for(lambda: sorted(events(database, unique_id)) == sorted(life), "all three are recorded")
    assert payment(database, unique_id) == ("chargebacked", 500)


def test_late_approval_does_not_undo_a_chargeback(
    database: psycopg.Connection, job_databases: Databases, signed: Signed
) -> None:
    """For every order of arrival the payment ends in the same state."""
    kept = job_databases()
    for order in permutations(["pending_async", "approved", "chargebacked", "mystery"]):
        unique_id = uuid4().hex
        for status in order:
            fields = from_fields(signed(unique_id=unique_id, status=status))
            with kept.transaction(5_000) as connection:
                assert webhook_effect.apply(connection, fields, now())
        assert payment(database, unique_id) == ("chargebacked", 500), order
        assert len(events(database, unique_id)) == 4


@pytest.fixture
def own_jobs(job_databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the jobs of this process work on the deployment's database."""
    database = job_databases()
    monkeypatch.setattr(jobs, "database", lambda: database)


@pytest.mark.usefixtures("own_jobs")
def test_job_that_runs_again_has_no_second_effect(
    database: psycopg.Connection, signed: Signed
) -> None:
    """Whatever the queue repeats, also long after the claim is forgotten."""
    form = signed(unique_id=uuid4().hex)
    for _ in range(3):
        jobs.process_emp_webhook(
            {name: value for name, value in form.items() if name != "signature"}
        )
    assert events(database, form["unique_id"]) == [("", "approved")]


def test_two_runs_at_once_have_one_effect(
    database: psycopg.Connection, job_databases: Databases, signed: Signed
) -> None:
    """Two workers with one job, or with two events of one payment, do not trip over each other."""
    unique_id = uuid4().hex
    deliveries = [
        from_fields(signed(unique_id=unique_id, status=s)) for s in ("approved", "chargebacked")
    ] * 8
    random.shuffle(deliveries)

    def apply(delivery: Notification) -> bool:
        with job_databases().transaction(5_000) as connection:
            return webhook_effect.apply(connection, delivery, now())

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(apply, deliveries)) == 2
    assert payment(database, unique_id) == ("chargebacked", 500)


def test_audit_row_and_payment_commit_together(
    database: psycopg.Connection, job_databases: Databases, signed: Signed
) -> None:
    """A run that breaks half way leaves nothing, so that its retry does everything."""
    delivery = from_fields(signed())

    class BrokenError(Exception):
        """Stands for a kill before the commit."""

    def break_half_way() -> None:
        with job_databases().transaction(5_000) as connection:
            webhook_effect.apply(connection, delivery, now())
            raise BrokenError

    with pytest.raises(BrokenError):
        break_half_way()
    assert events(database, delivery.unique_id) == []
    assert payment(database, delivery.unique_id) is None


def test_unknown_status_is_visible(
    client: httpx.Client, database: psycopg.Connection, signed: Signed, wait_for: Wait
) -> None:
    """A status that nobody mapped is accepted and stands there as unknown, not dropped."""
    form = signed(status="quantum_state", amount="five")
    assert client.post(PATH, data=form).status_code == 200
    wait_for(lambda: payment(database, form["unique_id"]), "the payment is there")
    assert payment(database, form["unique_id"]) == ("unknown", None)


def now() -> datetime:
    """The time of arrival."""
    return datetime.now(UTC)
