"""Which column of an upload holds what."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields

from reference_app.http.problems import FieldError

MAX_HEADER_CHARS = 200


class MappingError(Exception):
    """The column mapping of a request cannot be used."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.error = FieldError("column_mapping", reason)


@dataclass(frozen=True)
class ColumnMapping:
    """The header of each column, compared without regard to case."""

    iban: str = "IBAN"
    name: str = "Name"
    amount: str = "Amount"

    def to_fields(self) -> dict[str, str]:
        """As stored."""
        return {"iban": self.iban, "name": self.name, "amount": self.amount}


COLUMNS = tuple(field.name for field in fields(ColumnMapping))


def parse_mapping(text: bytes) -> ColumnMapping:
    """Read the mapping of a request; columns left out keep their default header."""
    try:
        given = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError):
        raise MappingError("is not JSON") from None
    if not isinstance(given, dict):
        raise MappingError("is not a JSON object")
    return mapping_from(given)


def mapping_from(given: Mapping[str, object]) -> ColumnMapping:
    """Check a mapping and complete it."""
    unknown = sorted(set(given) - set(COLUMNS))
    if unknown:
        raise MappingError(f"knows only {', '.join(COLUMNS)}")
    checked = {column: _header(column, value) for column, value in given.items()}
    mapping = ColumnMapping(**checked)
    if len({fold(header) for header in mapping.to_fields().values()}) < len(COLUMNS):
        raise MappingError("maps two columns to the same header")
    return mapping


def fold(header: str) -> str:
    """A header as compared: spelling of case, accents' encoding and outer spaces do not count."""
    return unicodedata.normalize("NFC", header).strip().casefold()


def _header(column: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise MappingError(f"{column} is not the text of a header")
    # isprintable also refuses NUL and lone surrogates, which Postgres cannot store.
    if len(value) > MAX_HEADER_CHARS or not value.isprintable():
        raise MappingError(f"{column} is too long or not printable")
    return value
