"""What evidence and operations carry: named values that survive JSON unchanged."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

Scalar = str | int | float | bool | None
Row = tuple[Scalar, ...]
Fact = Scalar | tuple[Scalar | Row, ...]
"""A scalar, a list of scalars, or a table (a list of rows)."""

Facts = Mapping[str, Fact]

T = TypeVar("T")


def facts_of(record: Any) -> dict[str, Fact]:
    """The fields of a frozen dataclass as facts.

    Raises TypeError where a value would not survive JSON.
    """
    facts = {field.name: getattr(record, field.name) for field in fields(record)}
    for name, value in facts.items():
        _require_fact(f"{type(record).__name__}.{name}", value)
    return facts


def revive(kind: type[T], facts: Facts) -> T:
    """The dataclass that `facts_of` took apart. Raises TypeError when the names do not match."""
    return kind(**facts)


def frozen(value: Any) -> Fact:
    """A value read from JSON as a fact: arrays become tuples. Raises TypeError for objects."""
    fact = _tuples(value)
    _require_fact("value", fact)
    return fact  # type: ignore[no-any-return]


def _tuples(value: Any) -> Any:
    return tuple(_tuples(entry) for entry in value) if isinstance(value, list) else value


def _require_fact(name: str, value: Any) -> None:
    if isinstance(value, tuple):
        for entry in value:
            _require_fact(name, entry)
    elif not (value is None or isinstance(value, str | int | float | bool)):
        raise TypeError(f"{name} is a {type(value).__name__}; facts are scalars or tuples of them")
