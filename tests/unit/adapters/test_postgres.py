"""The parts of the database adapter that need no database."""

from decimal import Decimal

import psycopg
import pytest

from golive.adapters.amounts import cents
from golive.adapters.postgres import _sorted_out, connect, driver_query
from golive.errors import UnobservableError, UnreachableError


@pytest.mark.parametrize(
    "query, expected",
    [
        ("select 1 where id = :id", "select 1 where id = %(id)s"),
        ("select a::text where id = :unique_id", "select a::text where id = %(unique_id)s"),
        (
            "select 1 where name like 'a%' and id = :id",
            "select 1 where name like 'a%%' and id = %(id)s",
        ),
        ("select now() - '10:30'::interval", "select now() - '10:30'::interval"),
    ],
)
def test_queries_are_translated(query: str, expected: str) -> None:
    """`:name` becomes a parameter; casts, per cents and times stay what they are."""
    assert driver_query(query) == expected


@pytest.mark.parametrize(
    "amount, unit, expected",
    [
        (1234, "cents", 1234),
        (Decimal("12.34"), "decimal", 1234),
        ("12.34", "decimal", 1234),
        (12, "decimal", 1200),
    ],
)
def test_amounts_become_cents(amount: object, unit: str, expected: int) -> None:
    """Cents and decimals of the target come out as the same whole cents."""
    assert cents(amount, unit) == expected


def test_a_wrong_unit_is_noticed() -> None:
    """Half a cent means that the target file names the wrong unit."""
    with pytest.raises(ValueError, match="is the unit 'cents' right"):
        cents(Decimal("12.34"), "cents")


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError('FATAL:  password authentication failed for user "gate"'),
        psycopg.OperationalError('FATAL:  role "gate" is not permitted to log in'),
        psycopg.OperationalError('FATAL:  permission denied for database "app"'),
        psycopg.OperationalError('invalid sslmode value: "sometimes"'),
        psycopg.errors.QueryCanceled("canceling statement due to statement timeout"),
        psycopg.errors.UndefinedTable('relation "payments" does not exist'),
        psycopg.errors.InsufficientPrivilege("permission denied for table payments"),
    ],
)
def test_a_database_that_does_not_let_us_look_says_nothing_of_the_target(error) -> None:
    """Credentials, rights and queries are the gate's own."""
    assert isinstance(_sorted_out(error, "SQL"), UnobservableError)


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError('connection to server at "h", port 1 failed: Connection refused'),
        psycopg.OperationalError("FATAL:  the database system is starting up"),
        psycopg.OperationalError("FATAL:  sorry, too many clients already"),
        psycopg.errors.AdminShutdown("terminating connection due to administrator command"),
        psycopg.InterfaceError("the connection is closed"),
    ],
)
def test_a_database_that_serves_nobody_is_away(error) -> None:
    """Nobody, our service included, can use it now."""
    assert isinstance(_sorted_out(error, "SQL"), UnreachableError)


@pytest.mark.parametrize(
    "dsn", ["postgresql://u:S3c/ret@127.0.0.1:1/x", "postgres//u:S3c/ret@127.0.0.1/x"]
)
def test_a_dsn_that_cannot_be_read_is_not_repeated(dsn: str) -> None:
    """What a driver makes of half a password is shown nowhere."""
    with pytest.raises(UnobservableError) as caught:
        connect(dsn)

    assert "S3c" not in str(caught.value)
