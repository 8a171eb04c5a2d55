"""Names are checked before billing, as many as may be paid for, and none twice."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from reference_app.billing.bill import Biller
from reference_app.billing.payees import MAX_FAILURES, PayeeChecks
from reference_app.job_database import JobDatabase
from reference_app.settings import Settings

from .conftest import Debtors, Gateway

MakeChecks = Callable[..., PayeeChecks]
MakeDebtors = Callable[..., Debtors]


@pytest.fixture
def make_checks(
    billing_settings: Settings, job_databases: Callable[[], JobDatabase]
) -> Iterator[MakeChecks]:
    """Makes checkers; keywords change their settings."""
    opened: list[PayeeChecks] = []

    def make(**changes: object) -> PayeeChecks:
        settings = billing_settings.model_copy(update=changes)
        opened.append(PayeeChecks(settings, job_databases()))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def calls(gateway: Gateway) -> int:
    """How often the provider was asked."""
    return int(gateway.ask("truth")["calls"].get("VerifyHandler", 0))


def results(upload: Debtors) -> list[str]:
    """What is on record, in the order of the file."""
    rows = upload.database.execute(
        """SELECT c.result FROM payee_checks c JOIN debtors d ON d.id = c.debtor_id
           WHERE d.upload_id = %s ORDER BY d.id""",
        (upload.id,),
    )
    return [row[0] for row in rows]


def test_another_name_is_not_billed(
    gateway: Gateway,
    make_checks: MakeChecks,
    make_biller: Callable[..., Biller],
    debtors: MakeDebtors,
) -> None:
    """A close match is billed, and so is who could not be checked."""
    upload = debtors(4)
    for number, word in enumerate(("Match", "Nomatch", "Closematch", "Unavailable")):
        upload.database.execute(
            "UPDATE debtors SET name = %s WHERE id = %s", (f"Anna {word}", upload.ids[number])
        )
    make_checks().check(upload.id)
    make_biller().bill(upload.batch)

    assert results(upload) == ["match", "no_match", "close_match", "unavailable"]
    assert upload.attempts() == {"sent": 3, "rejected": 1}
    assert upload.reasons() == ["The account belongs to another name."]
    assert len(gateway.debits) == 3


def test_nobody_is_checked_twice(
    gateway: Gateway, make_checks: MakeChecks, debtors: MakeDebtors
) -> None:
    """A job that runs again pays for nothing."""
    upload = debtors(6)
    assert make_checks().check(upload.id) == 6
    assert make_checks().check(upload.id) == 0
    assert calls(gateway) == 6


def test_the_daily_cap_holds_for_all_uploads(
    gateway: Gateway, make_checks: MakeChecks, debtors: MakeDebtors, database: psycopg.Connection
) -> None:
    """Once it is reached nobody is asked for, and nobody is held up."""
    row = database.execute(
        "SELECT count(*) FROM payee_checks WHERE checked_at >= date_trunc('day', now())"
    ).fetchone()
    assert row
    first, second = debtors(3), debtors(3)
    assert make_checks(vop_daily_cap=row[0] + 3).check(first.id) == 3
    assert make_checks(vop_daily_cap=row[0] + 3).check(second.id) == 0
    assert calls(gateway) == 3


def test_the_daily_cap_holds_within_an_upload(
    make_checks: MakeChecks, debtors: MakeDebtors, database: psycopg.Connection
) -> None:
    """Not one more is paid for than allowed."""
    row = database.execute(
        "SELECT count(*) FROM payee_checks WHERE checked_at >= date_trunc('day', now())"
    ).fetchone()
    assert row
    assert make_checks(vop_daily_cap=row[0] + 5).check(debtors(12).id) == 5


def test_without_a_sample_nobody_is_asked(
    gateway: Gateway, make_checks: MakeChecks, debtors: MakeDebtors
) -> None:
    """Zero percent is nobody."""
    assert make_checks(vop_sample_percent=0).check(debtors(5).id) == 0
    assert calls(gateway) == 0


def test_a_provider_that_is_away_does_not_block(
    gateway: Gateway, make_checks: MakeChecks, debtors: MakeDebtors
) -> None:
    """After a few failures the rest is left, and all can be billed."""
    upload = debtors(20)
    gateway.control("faults", error_rate=1)
    assert make_checks().check(upload.id) == MAX_FAILURES
    assert results(upload) == ["unavailable"] * MAX_FAILURES
