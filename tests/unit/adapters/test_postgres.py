"""The parts of the database adapter that need no database."""

from decimal import Decimal

import pytest

from golive.adapters.postgres import cents, driver_query


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
