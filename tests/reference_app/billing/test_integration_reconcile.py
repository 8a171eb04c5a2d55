"""What notifications missed is asked for: debits without a final status, chargebacks by day."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import LiteralString

import psycopg
import pytest

from reference_app.billing.bill import Biller
from reference_app.billing.chargebacks import CURSOR, ChargebackSync
from reference_app.billing.gateway import GatewayUnavailableError
from reference_app.billing.reconcile import Reconciled, Reconciler
from reference_app.settings import Settings

from .conftest import Debtors, Gateway

MakeBiller = Callable[..., Biller]
MakeDebtors = Callable[..., Debtors]
MakeReconciler = Callable[..., Reconciler]

AGE: LiteralString = """UPDATE billing_attempts SET updated_at = now() - interval '6 minutes'
    WHERE upload_id = %s"""
TODAY = datetime.now(UTC).date()


@pytest.fixture(autouse=True)
def alone(database: psycopg.Connection) -> Iterator[None]:
    """Attempts of other tests are none of ours: they would be asked for as well."""
    database.execute("UPDATE billing_attempts SET status = 'rejected' WHERE status <> 'rejected'")
    database.execute("DELETE FROM sync_cursors WHERE name = %s", (CURSOR,))
    yield
    database.execute("DELETE FROM sync_cursors WHERE name = %s", (CURSOR,))


@pytest.fixture
def make_reconciler(make_biller: MakeBiller, billing_settings: Settings) -> MakeReconciler:
    """Makes who asks back; keywords change his settings."""

    def make(**changes: object) -> Reconciler:
        settings = billing_settings.model_copy(update=changes)
        biller = make_biller()
        return Reconciler(settings, biller.database, biller.gateway, biller.throttle)

    return make


@pytest.fixture
def sync(make_biller: MakeBiller) -> ChargebackSync:
    """Brings chargebacks up to date, with two days of overlap."""
    biller = make_biller()
    return ChargebackSync(
        biller.database, biller.gateway, biller.throttle, biller.policy, overlap_days=2
    )


def cursor_day(database: psycopg.Connection) -> date | None:
    """Up to when chargebacks are known."""
    row = database.execute("SELECT day FROM sync_cursors WHERE name = %s", (CURSOR,)).fetchone()
    return row[0] if row else None


def test_a_status_that_was_never_notified_is_asked_for(
    gateway: Gateway, make_biller: MakeBiller, make_reconciler: MakeReconciler, debtors: MakeDebtors
) -> None:
    """The payment ends in the mapped status, and is not asked for again."""
    upload = debtors(3)
    make_biller().bill(upload.batch)
    gateway.control("settle", life="approved")

    assert make_reconciler().run() == Reconciled(asked=3, found=3)
    assert upload.payments() == {"approved": 3}
    assert make_reconciler().run() == Reconciled(asked=0, found=0)


def test_what_is_still_pending_stays_so(
    gateway: Gateway, make_biller: MakeBiller, make_reconciler: MakeReconciler, debtors: MakeDebtors
) -> None:
    """The gateway's raw pending_async never replaces the mapped status."""
    upload = debtors(2)
    make_biller().bill(upload.batch)
    make_reconciler().run()

    assert upload.payments() == {"pending": 2}
    assert gateway.ask("truth")["calls"]["ReconcileHandler"] == 2


def test_lost_answers_are_reconciled_without_another_sale(
    gateway: Gateway, make_biller: MakeBiller, make_reconciler: MakeReconciler, debtors: MakeDebtors
) -> None:
    """They are found by our own id, and belong to their payments from then on."""
    upload = debtors(4)
    gateway.control("faults", lost_rate=1)
    make_biller().bill(upload.batch)
    gateway.control("faults")

    assert make_reconciler().run() == Reconciled(asked=4, found=4)
    assert upload.attempts() == {"sent": 4}
    assert upload.payments() == {"pending": 4}
    assert len(gateway.debits) == 4


def test_each_is_asked_for_a_bounded_number_of_times(
    gateway: Gateway, make_biller: MakeBiller, make_reconciler: MakeReconciler, debtors: MakeDebtors
) -> None:
    """Then it is left, visible as unknown."""
    upload = debtors(2)
    gateway.control("faults", error_rate=1)
    make_biller().bill(upload.batch)
    gateway.control("faults")
    runs = [make_reconciler(reconcile_max_tries=3).run().asked for _ in range(5)]

    assert runs == [2, 2, 2, 0, 0]
    assert upload.attempts() == {"unknown": 2}


def test_one_run_is_bounded_and_the_young_are_not_asked_for(
    gateway: Gateway,
    make_biller: MakeBiller,
    make_reconciler: MakeReconciler,
    debtors: MakeDebtors,
    database: psycopg.Connection,
) -> None:
    """The oldest first, so many at a time, and with each try the next one is further away."""
    upload = debtors(3)
    make_biller().bill(upload.batch)
    assert make_reconciler(reconcile_after_minutes=5).run().asked == 0
    database.execute(AGE, (upload.id,))
    assert make_reconciler(reconcile_after_minutes=5, reconcile_batch=2).run().asked == 2
    assert make_reconciler(reconcile_after_minutes=5).run().asked == 1
    database.execute(AGE, (upload.id,))
    assert make_reconciler(reconcile_after_minutes=5).run().asked == 0
    assert gateway.ask("truth")["calls"]["ReconcileHandler"] == 3


def test_a_gateway_that_is_away_costs_no_try(
    gateway: Gateway,
    make_biller: MakeBiller,
    make_reconciler: MakeReconciler,
    debtors: MakeDebtors,
    database: psycopg.Connection,
) -> None:
    """The run ends, and the next one starts where it stopped."""
    upload = debtors(2)
    make_biller().bill(upload.batch)
    gateway.control("faults", down=1)
    assert make_reconciler().run() == Reconciled(asked=0, found=0)

    tries = database.execute(
        "SELECT sum(reconcile_tries) FROM billing_attempts WHERE upload_id = %s", (upload.id,)
    ).fetchone()
    assert tries == (0,)


def test_chargebacks_are_found_without_any_notification(
    gateway: Gateway,
    make_biller: MakeBiller,
    sync: ChargebackSync,
    debtors: MakeDebtors,
    database: psycopg.Connection,
) -> None:
    """Over several pages, weeks later, each once; the reversal as well."""
    upload = debtors(120)
    make_biller().bill(upload.batch)
    gateway.control("settle", life="chargebacked", day=str(TODAY - timedelta(days=20)))
    assert sync.run(TODAY) == 120
    assert upload.payments() == {"chargebacked": 120}
    assert cursor_day(database) == TODAY

    gateway.control("settle", life="chargeback_reversed", day=str(TODAY - timedelta(days=1)))
    assert sync.run(TODAY) == 120
    assert sync.run(TODAY) == 0
    assert upload.payments() == {"chargeback_reversed": 120}


def test_a_day_that_was_not_read_to_its_end_is_read_again(
    gateway: Gateway,
    make_biller: MakeBiller,
    sync: ChargebackSync,
    debtors: MakeDebtors,
    database: psycopg.Connection,
) -> None:
    """The cursor does not pass a day that failed."""
    upload = debtors(2)
    make_biller().bill(upload.batch)
    gateway.control("settle", life="chargebacked", day=str(TODAY))
    gateway.control("faults", down=1)
    with pytest.raises(GatewayUnavailableError):
        sync.run(TODAY)
    assert cursor_day(database) is None

    gateway.control("faults")
    assert sync.run(TODAY) == 2
    assert cursor_day(database) == TODAY


def test_a_chargeback_asked_for_and_notified_is_one_event(
    gateway: Gateway,
    make_biller: MakeBiller,
    make_reconciler: MakeReconciler,
    sync: ChargebackSync,
    debtors: MakeDebtors,
    database: psycopg.Connection,
) -> None:
    """Both ways of asking give the event that the notification would have been."""
    upload = debtors(1)
    make_biller().bill(upload.batch)
    gateway.control("settle", life="chargebacked")
    make_reconciler().run()

    assert sync.run(TODAY) == 0
    events = database.execute(
        """SELECT e.event, e.status, e.source FROM webhook_events e
           JOIN billing_attempts a ON a.unique_id = e.unique_id
           WHERE a.upload_id = %s ORDER BY e.id""",
        (upload.id,),
    ).fetchall()
    assert events == [
        ("", "pending_async", "reconciliation"),
        ("chargeback", "chargebacked", "reconciliation"),
    ]
