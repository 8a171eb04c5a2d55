"""Amounts of money as targets give them."""

from decimal import Decimal
from typing import Any


def cents(amount: Any, unit: str) -> int:
    """An amount in whole cents. Raises ValueError where it is not a whole number of them."""
    exact = Decimal(str(amount)) * (100 if unit == "decimal" else 1)
    if exact != exact.to_integral_value():
        raise ValueError(f"{amount!r} is not a whole number of cents; is the unit {unit!r} right?")
    return int(exact)
