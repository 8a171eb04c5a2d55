"""Billing against a gateway, Postgres and Redis: one debit per debtor, whatever happens."""

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from reference_app.billing.attempts import Batch, open_batch
from reference_app.billing.bill import BatchEnd, Biller
from reference_app.job_database import JobDatabase
from reference_app.queueing.connections import cache_redis
from reference_app.settings import Settings

from .conftest import Debtors, Gateway

Wait = Callable[..., None]
MakeBiller = Callable[..., Biller]
MakeDebtors = Callable[..., Debtors]

JOB = "import sys; from reference_app.billing.bill_job import bill_batch; bill_batch(*sys.argv[1:])"


@pytest.fixture
def start_job(
    billing_settings: Settings, root: Path
) -> Callable[[Debtors], subprocess.Popen[bytes]]:
    """Runs the job of a batch in a process of its own, which can be killed."""
    # Asked for so that the environment is that of these settings.
    assert billing_settings

    def start(of: Debtors) -> subprocess.Popen[bytes]:
        arguments = (str(of.id), str(of.batch.first_id), str(of.batch.last_id))
        return subprocess.Popen(
            [sys.executable, "-c", JOB, *arguments], cwd=root, stderr=subprocess.DEVNULL
        )

    return start


def assert_one_debit_each(gateway: Gateway, count: int) -> None:
    """As many debits as debtors, all of different accounts."""
    debits = gateway.debits
    assert len(debits) == count
    assert len({debit["iban_sha256"] for debit in debits}) == count


def test_a_batch_is_billed_once(
    gateway: Gateway, make_biller: MakeBiller, debtors: MakeDebtors
) -> None:
    """A second run of the same batch calls the gateway for nobody."""
    upload = debtors(7)
    assert make_biller().bill(upload.batch) is BatchEnd.DONE
    calls = gateway.ask("truth")["calls"]
    assert make_biller().bill(upload.batch) is BatchEnd.DONE

    assert_one_debit_each(gateway, 7)
    assert gateway.ask("truth")["calls"] == calls
    assert upload.attempts() == {"sent": 7}
    assert upload.payments() == {"pending": 7}


def test_killed_again_and_again_it_bills_everybody_once(
    gateway: Gateway,
    debtors: MakeDebtors,
    start_job: Callable[[Debtors], subprocess.Popen[bytes]],
    wait_for: Wait,
) -> None:
    """SIGKILL in the middle, three times, then two runs at once."""
    upload = debtors(50)
    gateway.control("faults", latency_ms=10)
    for goal in (1, 8, 23):
        job = start_job(upload)
        wait_for(lambda goal=goal: len(gateway.debits) >= goal, "some are billed")
        job.kill()
        assert job.wait() < 0
    last = [start_job(upload), start_job(upload)]

    assert [job.wait(60) for job in last] == [0, 0]
    assert_one_debit_each(gateway, 50)
    assert upload.attempts() == {"sent": 50}
    assert upload.payments() == {"pending": 50}


def test_two_workers_at_once_bill_everybody_once(
    gateway: Gateway, make_biller: MakeBiller, debtors: MakeDebtors
) -> None:
    """Neither waits for the other, and no sale is even sent twice."""
    upload = debtors(20)
    gateway.control("faults", latency_ms=5)
    billers = [make_biller(), make_biller()]
    threads = [threading.Thread(target=one.bill, args=(upload.batch,)) for one in billers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert_one_debit_each(gateway, 20)
    assert gateway.ask("truth")["calls"]["ProcessHandler"] == 20
    assert upload.attempts() == {"sent": 20}


def test_two_workers_who_open_a_batch_at_the_same_moment_share_it(
    job_databases: Callable[[], JobDatabase], debtors: MakeDebtors
) -> None:
    """Each row is made by one of them; the other one waits for that, and fails at none."""
    upload = debtors(150)
    batches = [Batch(upload.id, one, one) for one in upload.ids]
    together = threading.Barrier(2)

    def open_all(database: JobDatabase) -> list[int]:
        fresh: list[int] = []
        for batch in batches:
            together.wait(timeout=30)
            with database.transaction() as connection:
                fresh += open_batch(connection, batch).fresh
        return fresh

    with ThreadPoolExecutor(2) as workers:
        one, two = workers.map(open_all, [job_databases(), job_databases()])

    assert sorted([*one, *two]) == sorted(upload.ids)
    assert upload.attempts() == {"sending": 150}


def test_a_lost_answer_is_asked_for_and_not_sent_again(
    gateway: Gateway, make_biller: MakeBiller, debtors: MakeDebtors
) -> None:
    """The gateway has the debits, we do not know: the next run finds them."""
    upload = debtors(5)
    gateway.control("faults", lost_rate=1)
    assert make_biller().bill(upload.batch) is BatchEnd.UNKNOWN_LEFT
    assert upload.attempts() == {"unknown": 5}
    gateway.control("faults")
    assert make_biller().bill(upload.batch) is BatchEnd.DONE

    assert_one_debit_each(gateway, 5)
    assert gateway.ask("truth")["calls"]["ProcessHandler"] == 5
    assert upload.attempts() == {"sent": 5}


def test_a_failure_before_the_debit_is_made_up_for(
    gateway: Gateway, make_biller: MakeBiller, debtors: MakeDebtors
) -> None:
    """The gateway says that it does not know them, so they are sent under the same id."""
    upload = debtors(5)
    gateway.control("faults", error_rate=1)
    assert make_biller().bill(upload.batch) is BatchEnd.UNKNOWN_LEFT
    gateway.control("faults")
    assert make_biller().bill(upload.batch) is BatchEnd.DONE

    assert_one_debit_each(gateway, 5)
    assert upload.attempts() == {"sent": 5}


def test_an_attempt_is_on_record_before_the_gateway_is_called(
    gateway: Gateway, make_biller: MakeBiller, debtors: MakeDebtors, wait_for: Wait
) -> None:
    """While the gateway thinks, other connections see the rows already."""
    upload = debtors(2)
    gateway.control("faults", latency_ms=500)
    thread = threading.Thread(target=make_biller().bill, args=(upload.batch,))
    thread.start()
    wait_for(lambda: upload.attempts() == {"sending": 2}, "both are on record")
    assert not gateway.debits
    thread.join()


def test_a_refused_repetition_is_adopted(
    gateway: Gateway,
    make_biller: MakeBiller,
    debtors: MakeDebtors,
    database: psycopg.Connection,
) -> None:
    """Even if all our memory of a batch is gone, the gateway's answer brings it back."""
    upload = debtors(3)
    make_biller().bill(upload.batch)
    database.execute("DELETE FROM billing_attempts WHERE upload_id = %s", (upload.id,))
    assert make_biller().bill(upload.batch) is BatchEnd.DONE

    assert_one_debit_each(gateway, 3)
    assert upload.attempts() == {"sent": 3}


def test_declined_and_failed_sales_are_payments_of_that_status(
    gateway: Gateway, make_biller: MakeBiller, debtors: MakeDebtors
) -> None:
    """They have been sent; what came of them is the payment's status."""
    upload = debtors(6)
    gateway.control("answers", declined_rate=0.5, error_rate=0.5)
    assert make_biller().bill(upload.batch) is BatchEnd.DONE

    assert upload.attempts() == {"sent": 6}
    assert set(upload.payments()) <= {"declined", "error"}
    assert not gateway.debits


def test_who_may_not_be_billed_is_on_record_with_the_reason(
    gateway: Gateway,
    make_biller: MakeBiller,
    debtors: MakeDebtors,
    database: psycopg.Connection,
) -> None:
    """Blacklisted, foreign, too small: rejected and visible, and the others are billed."""
    upload = debtors(5)
    upload.change("amount_cents = 5", 1)
    upload.change("iban = 'CH9300762011623852957'", 2)
    for number, level in ((3, "block"), (4, "review")):
        database.execute(
            """INSERT INTO blacklisted_ibans (iban, reason_code, level, unique_id)
               SELECT iban, 'AC04', %s, 'x' FROM debtors WHERE id = %s""",
            (level, upload.ids[number]),
        )
    make_biller().bill(upload.batch)

    assert_one_debit_each(gateway, 2)
    assert upload.attempts() == {"sent": 2, "rejected": 3}
    assert upload.reasons() == [
        "The amount is too small.",
        "The country has no direct debit.",
        "The IBAN is blacklisted.",
    ]


def test_the_gateways_refusal_is_on_record(
    gateway: Gateway, make_biller: MakeBiller, debtors: MakeDebtors
) -> None:
    """With the gateway's code, and not tried again."""
    upload = debtors(2)
    gateway.control("answers", refused_rate=1)
    assert make_biller().bill(upload.batch) is BatchEnd.DONE
    gateway.control("answers")
    assert make_biller().bill(upload.batch) is BatchEnd.DONE

    assert upload.reasons() == ["340 The account cannot be debited"] * 2
    assert not gateway.debits


def test_an_error_that_is_not_about_the_debtor_refuses_nobody(
    gateway: Gateway, make_biller: MakeBiller, debtors: MakeDebtors, billing_settings: Settings
) -> None:
    """A mistyped terminal opens the circuit; once it is right, everybody is billed once."""
    upload = debtors(6)
    wrong = {"emp_terminal_token": SecretStr("another-terminal"), "billing_breaker_failures": 3}
    assert make_biller(**wrong).bill(upload.batch) is BatchEnd.CIRCUIT_OPEN
    assert upload.attempts() == {"unknown": 3, "sending": 3}
    with cache_redis(billing_settings) as redis:
        redis.flushdb()
    assert make_biller().bill(upload.batch) is BatchEnd.DONE

    assert_one_debit_each(gateway, 6)
    assert upload.attempts() == {"sent": 6}


def test_a_repetition_that_the_gateway_cannot_find_yet_stays_unknown(
    gateway: Gateway, make_biller: MakeBiller, debtors: MakeDebtors
) -> None:
    """It says that it had the sale and that it has none: asked later, it has one, sent once."""
    upload = debtors(3)
    gateway.control("faults", lost_rate=1)
    make_biller().bill(upload.batch)
    gateway.control("faults", unfound_rate=1)
    assert make_biller().bill(upload.batch) is BatchEnd.UNKNOWN_LEFT
    assert upload.attempts() == {"unknown": 3}
    gateway.control("faults")
    assert make_biller().bill(upload.batch) is BatchEnd.DONE

    assert_one_debit_each(gateway, 3)
    assert upload.attempts() == {"sent": 3}


def test_the_same_rejection_in_a_row_stops_the_batch(
    gateway: Gateway, make_biller: MakeBiller, debtors: MakeDebtors
) -> None:
    """Then our settings are wrong and not ten debtors: the rest is left to be billed later."""
    upload = debtors(8)
    gateway.control("answers", refused_rate=1)
    biller = make_biller(billing_same_rejections=3)
    assert biller.bill(upload.batch) is BatchEnd.REJECTED_IN_A_ROW
    assert upload.attempts() == {"rejected": 3, "sending": 5}
    gateway.control("answers")
    assert biller.bill(upload.batch) is BatchEnd.DONE

    assert upload.attempts() == {"rejected": 3, "sent": 5}


def test_single_rejections_stop_nothing(
    gateway: Gateway, make_biller: MakeBiller, debtors: MakeDebtors
) -> None:
    """A sale that is taken in between, and every batch's start, begins the count anew."""
    upload = debtors(100)
    gateway.control("answers", refused_rate=0.3)
    assert make_biller(billing_same_rejections=12).bill(upload.batch) is BatchEnd.DONE

    assert 12 < upload.attempts()["rejected"] < 100
    assert upload.attempts().total() == 100


def test_the_open_circuit_is_shared_and_closes_again(
    gateway: Gateway, make_biller: MakeBiller, debtors: MakeDebtors, wait_for: Wait
) -> None:
    """After three failures nobody calls; nobody's turn is lost; one call closes it again."""
    upload, other = debtors(10), debtors(4)
    limits = {"billing_breaker_failures": 3, "billing_breaker_reset_s": 2}
    gateway.control("faults", down=1)
    assert make_biller(**limits).bill(upload.batch) is BatchEnd.CIRCUIT_OPEN
    assert make_biller(**limits).bill(other.batch) is BatchEnd.CIRCUIT_OPEN
    assert gateway.ask("truth")["calls"]["ProcessHandler"] == 3
    assert upload.attempts() == {"unknown": 3, "sending": 7}
    assert other.attempts() == {"sending": 4}

    gateway.control("faults")
    biller = make_biller(**limits)
    wait_for(lambda: biller.bill(upload.batch) is BatchEnd.DONE, "the circuit closes")
    assert biller.bill(other.batch) is BatchEnd.DONE
    assert_one_debit_each(gateway, 14)


def test_without_the_cache_redis_billing_goes_on_and_bills_once(
    gateway: Gateway, make_biller: MakeBiller, debtors: MakeDebtors
) -> None:
    """Losing the limits' memory costs the limits' memory."""
    upload = debtors(4)
    for _ in range(2):
        assert make_biller(redis_cache_port=1).bill(upload.batch) is BatchEnd.DONE

    assert_one_debit_each(gateway, 4)


def test_the_rate_is_shared_by_all_workers(make_biller: MakeBiller) -> None:
    """Five a second are five a second, however many workers ask."""
    throttles = [make_biller(billing_rate_per_s=5).throttle for _ in range(3)]
    allowed = sum(one.try_once() for _ in range(10) for one in throttles)

    # A second may end in between, if the machine is busy.
    assert allowed in {5, 10}


def test_a_killed_postgres_connection_bills_nobody_twice(
    gateway: Gateway, make_biller: MakeBiller, debtors: MakeDebtors, database: psycopg.Connection
) -> None:
    """The debit was made and could not be written down: the next run finds it."""
    upload = debtors(1)
    gateway.control("faults", latency_ms=400)
    biller = make_biller()

    def bill() -> None:
        with suppress(psycopg.Error):
            biller.bill(upload.batch)

    thread = threading.Thread(target=bill)
    thread.start()
    while not database.execute(
        """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE state = 'idle in transaction' AND query LIKE '%FOR UPDATE OF a%'"""
    ).fetchall():
        pass
    thread.join()
    gateway.control("faults")
    assert upload.attempts() == {"sending": 1}
    assert biller.bill(upload.batch) is BatchEnd.DONE

    assert_one_debit_each(gateway, 1)
    assert upload.attempts() == {"sent": 1}
