"""Notifications, from the request to their effect in Postgres."""

import hashlib
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import permutations
from typing import Protocol
from uuid import uuid4

import httpx
import psycopg
import pytest

from reference_app.job_database import JobDatabase
from reference_app.settings import Settings
from reference_app.webhooks import effect as webhook_effect
from reference_app.webhooks import job as jobs
from reference_app.webhooks.notification import Notification, from_fields
from reference_app.webhooks.reasons import ReasonPolicy, apply_reasons

ECHO = """<?xml version="1.0" encoding="UTF-8"?>
<notification_echo>
  <unique_id>{}</unique_id>
</notification_echo>"""
Wait = Callable[..., None]


class Deployment(Protocol):
    """The running deployment, as far as these tests go."""

    env: dict[str, str]


Databases = Callable[[], JobDatabase]
Signed = Callable[..., dict[str, str]]
PATH = "/api/webhooks/emp"
POLICY = ReasonPolicy(frozenset({"AC04"}), frozenset({"MD06"}), frozenset({"AM05"}))
IBAN = "DE89370400440532013000"


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
                assert webhook_effect.apply(connection, fields, now(), POLICY)
        assert payment(database, unique_id) == ("chargebacked", 500), order
        assert len(events(database, unique_id)) == 4


@pytest.fixture
def own_jobs(
    job_databases: Databases, live_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let the jobs of this process work on the deployment's database."""
    database = job_databases()
    monkeypatch.setattr(jobs, "database", lambda: database)
    monkeypatch.setattr(jobs, "settings", lambda: live_settings)


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
            return webhook_effect.apply(connection, delivery, now(), POLICY)

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
            webhook_effect.apply(connection, delivery, now(), POLICY)
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


def test_json_body_is_answered_in_json(
    client: httpx.Client, database: psycopg.Connection, signed: Signed, wait_for: Wait
) -> None:
    """The same notification as JSON has the same effect, and a form after it is a repetition."""
    form = signed()
    answer = client.post(PATH, json={**form, "amount": 500})
    assert answer.json() == {"status": "ok", "message": "Accepted"}
    assert client.post(PATH, data=form).headers["X-Tether-Result"] == "already-processed"
    wait_for(lambda: payment(database, form["unique_id"]) == ("approved", 500), "the effect")


def test_payment_form_has_its_effect(
    client: httpx.Client, database: psycopg.Connection, signed: Signed, wait_for: Wait
) -> None:
    """A WPF notification is signed, echoed and recorded under its own id."""
    signature = signed(unique_id="w" * 32)["signature"]
    form = {
        "wpf_unique_id": uuid4().hex,
        "wpf_status": "approved",
        "payment_transaction_unique_id": "p" * 32,
        "payment_transaction_amount": "700",
        "notification_type": "wpf",
    }
    assert client.post(PATH, data={**form, "signature": signature}).status_code == 401
    form["signature"] = signed(unique_id=form["wpf_unique_id"])["signature"]
    answer = client.post(PATH, data=form)
    assert f"<wpf_unique_id>{form['wpf_unique_id']}</wpf_unique_id>" in answer.text
    wait_for(lambda: payment(database, form["wpf_unique_id"]), "the payment is there")
    assert payment(database, form["wpf_unique_id"]) == ("approved", 700)
    assert payment(database, "p" * 32) is None


def test_identity_checks_are_kept_without_a_payment(
    client: httpx.Client, database: psycopg.Connection, signed: Signed, wait_for: Wait
) -> None:
    """What is no payment is echoed and recorded, and invents none."""
    reference_id = uuid4().hex
    form = {"reference_id": reference_id, "status": "accepted"}
    form["signature"] = signed(unique_id=reference_id)["signature"]
    assert "<reference_id>" in client.post(PATH, data=form).text
    wait_for(lambda: events(database, reference_id) == [("", "accepted")], "it is recorded")
    assert payment(database, reference_id) is None


def test_other_terms_for_a_known_event_are_refused(
    client: httpx.Client, database: psycopg.Connection, signed: Signed, wait_for: Wait
) -> None:
    """Neither overwritten nor dropped in silence: no echo, and the first amount holds."""
    form = signed()
    assert client.post(PATH, data=form).status_code == 200
    answer = client.post(PATH, data={**form, "amount": "999999"})
    assert (answer.status_code, "echo" in answer.text) == (409, False)
    assert client.post(PATH, data=form).headers["X-Tether-Result"] == "already-processed"
    wait_for(lambda: payment(database, form["unique_id"]) == ("approved", 500), "the effect")


def blacklisted(database: psycopg.Connection, unique_id: str) -> list[tuple[str, str, str]]:
    """What the blacklist holds because of a payment: IBAN, reason and level."""
    return database.execute(
        """SELECT iban, reason_code, level FROM blacklisted_ibans
           WHERE unique_id = %s ORDER BY reason_code""",
        (unique_id,),
    ).fetchall()


@pytest.fixture
def empty_blacklist(database: psycopg.Connection) -> Iterator[None]:
    """A blacklist that holds nothing, before and after."""
    database.execute("DELETE FROM blacklisted_ibans")
    yield
    database.execute("DELETE FROM blacklisted_ibans")


@pytest.mark.usefixtures("empty_blacklist")
def test_chargeback_blacklists_the_account(
    client: httpx.Client, database: psycopg.Connection, signed: Signed, wait_for: Wait
) -> None:
    """A closed account is blocked by the chargeback that says so; a lack of money blocks none."""
    form = signed(
        status="chargebacked",
        event="chargeback",
        reason_code="AC04",
        bank_account_number="DE89 3704 0044 0532 0130 00",
    )
    poor = signed(status="chargebacked", reason_code="AM04", bank_account_number=IBAN)
    for delivery in (form, poor):
        assert client.post(PATH, data=delivery).status_code == 200
    for delivery in (form, poor):
        wait_for(lambda sent=delivery: events(database, sent["unique_id"]), "it is processed")
    assert blacklisted(database, form["unique_id"]) == [(IBAN, "AC04", "block")]
    assert blacklisted(database, poor["unique_id"]) == []


@pytest.fixture
def debtor_id(database: psycopg.Connection) -> int:
    """A debtor of a completed upload."""
    upload_id = uuid4()
    database.execute(
        """INSERT INTO uploads (id, account, filename, object_key, size_bytes, sha256, status,
                                rows_total, rows_created)
           VALUES (%s, 'tests', 'a.csv', %s, 1, repeat('0', 64), 'completed', 1, 1)""",
        (upload_id, str(upload_id)),
    )
    row = database.execute(
        """INSERT INTO debtors (upload_id, account, line, iban, name, amount_cents, currency)
           VALUES (%s, 'tests', 2, %s, 'Ann', 500, 'EUR') RETURNING id""",
        (upload_id, IBAN),
    ).fetchone()
    assert row
    return int(row[0])


@pytest.mark.usefixtures("empty_blacklist")
@pytest.mark.parametrize("reason_comes_first", [True, False])
def test_our_own_debit_knows_the_account(
    database: psycopg.Connection,
    job_databases: Databases,
    signed: Signed,
    debtor_id: int,
    reason_comes_first: bool,
) -> None:
    """Whether the debit learns its id before or after the chargeback: the account is found."""
    unique_id, kept = uuid4().hex, job_databases()
    returned = from_fields(signed(unique_id=unique_id, status="chargebacked", reason_code="MD06"))

    def learn() -> None:
        database.execute(
            """INSERT INTO billing_attempts (debtor_id, upload_id, transaction_id, unique_id,
                                              status)
               SELECT id, upload_id, %s, %s, 'sent' FROM debtors WHERE id = %s""",
            (unique_id, unique_id, debtor_id),
        )
        with kept.transaction(5_000) as connection:
            apply_reasons(connection, unique_id, POLICY)

    def hear() -> None:
        with kept.transaction(5_000) as connection:
            assert webhook_effect.apply(connection, returned, now(), POLICY)

    for step in (hear, learn) if reason_comes_first else (learn, hear):
        step()
    assert blacklisted(database, unique_id) == [(IBAN, "MD06", "review")]


@pytest.mark.usefixtures("empty_blacklist")
@pytest.mark.parametrize("asked_first", [True, False])
@pytest.mark.parametrize("listed", [{}, {"reason_code": "AC04"}], ids=["reconciled", "listed"])
def test_reason_counts_whenever_it_comes(
    database: psycopg.Connection,
    job_databases: Databases,
    signed: Signed,
    asked_first: bool,
    listed: dict[str, str],
) -> None:
    """What is asked for lacks the reason, or the account; the end is that of the other order."""
    unique_id, kept = uuid4().hex, job_databases()
    words = {"unique_id": unique_id, "status": "chargebacked", "event": "chargeback"}
    asked = from_fields({**words, "currency": "EUR", **listed})
    told = from_fields(signed(**words, reason_code="AC04", bank_account_number=IBAN))
    steps = [(asked, webhook_effect.RECONCILIATION), (told, webhook_effect.WEBHOOK)]
    for news, source in steps if asked_first else steps[::-1]:
        with kept.transaction(5_000) as connection:
            webhook_effect.apply(connection, news, now(), POLICY, source)
    assert blacklisted(database, unique_id) == [(IBAN, "AC04", "block")]
    end = "SELECT reason_code, transaction_id, amount_cents FROM payments WHERE unique_id = %s"
    assert database.execute(end, (unique_id,)).fetchone() == ("AC04", "order-1", 500)


def test_any_order_ends_in_the_same_row(
    database: psycopg.Connection, job_databases: Databases, signed: Signed
) -> None:
    """Amount, reason and merchant's id are those of the notification that decides, too."""
    kept, ends = job_databases(), set()
    said = [
        {"status": "pending", "amount": "1"},
        {"status": "pending_async", "amount": "2"},
        {"status": "chargebacked", "amount": "3", "event": "chargeback", "reason_code": "AC04"},
        {"status": "chargebacked", "amount": "4", "reason_code": "MD06"},
    ]
    for order in permutations(said):
        unique_id = uuid4().hex
        for fields in order:
            with kept.transaction(5_000) as connection:
                delivery = from_fields(signed(unique_id=unique_id, **fields))
                webhook_effect.apply(connection, delivery, now(), POLICY)
        ends |= set(
            database.execute(
                """SELECT status, gateway_status, event, amount_cents, reason_code, transaction_id
                   FROM payments WHERE unique_id = %s""",
                (unique_id,),
            )
        )
    assert ends == {("chargebacked", "chargebacked", "chargeback", 3, "AC04", "order-1")}


def test_sources_are_checked_where_they_are_told(
    deployment: Deployment,
    start_node: Callable[[dict[str, str]], tuple[str, object]],
    signed: Signed,
) -> None:
    """A node that knows the gateway's addresses takes notifications from nowhere else."""
    url, _process = start_node({**deployment.env, "EMP_SOURCE_NETWORKS": "192.0.2.0/24"})
    form = signed()
    refused = httpx.post(url + PATH, data=form)
    assert (refused.status_code, "echo" in refused.text) == (403, False)
    taken = httpx.post(url + PATH, data=form, headers={"X-Real-IP": "192.0.2.7"})
    assert taken.headers["X-Tether-Result"] == "accepted"


def now() -> datetime:
    """The time of arrival."""
    return datetime.now(UTC)
