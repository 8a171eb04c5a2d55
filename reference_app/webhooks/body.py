"""Reads the body of a notification: the gateway's form, or JSON, both into named texts.

Read strictly: what cannot be read or stored exactly is refused, not guessed.
"""

import json
import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl

from reference_app.http.problems import ProblemError
from reference_app.webhooks.notification import malformed

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
MAX_FIELDS = 200

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MAX_INTEGER_DIGITS = 18


def parse_body(media_type: str, body: bytes) -> Mapping[str, str]:
    """The fields of a body of either type."""
    return parse_json(body) if media_type == JSON else parse_form(body)


def parse_form(body: bytes) -> dict[str, str]:
    """Decode a form."""
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise ProblemError(HTTPStatus.BAD_REQUEST, "The body is not a readable form.") from None
    return _fields(pairs)


def parse_json(body: bytes) -> dict[str, str]:
    """Decode a flat JSON object of texts and whole numbers."""
    unreadable = ProblemError(HTTPStatus.BAD_REQUEST, "The body is not a readable JSON object.")
    try:
        # Pairs, not a dict: of a repeated name the last would win, and hide the other.
        pairs = json.loads(body.decode("utf-8"), object_pairs_hook=_Pairs, parse_int=_Whole)
    except (ValueError, RecursionError):
        raise unreadable from None
    if not isinstance(pairs, _Pairs) or len(pairs) > MAX_FIELDS:
        raise unreadable
    return _fields((name, _text(name, value)) for name, value in pairs if value is not None)


class _Pairs(list[tuple[str, object]]):
    """A JSON object as it was written."""


class _Whole(str):
    """A whole number as it was written; a thousand digits are not worth a number."""

    __slots__ = ()


def _text(name: str, value: object) -> str:
    if isinstance(value, _Whole) and len(value) > _MAX_INTEGER_DIGITS:
        raise malformed(_shown(name), "is too large a number")
    if not isinstance(value, str):
        raise malformed(_shown(name), "is neither a text nor a whole number")
    return str(value)


def _fields(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name in fields:
            raise malformed(_shown(name), "is given more than once")
        if _unstorable(name) or _unstorable(value):
            raise malformed(_shown(name), "contains characters that cannot be stored")
        fields[name] = value
    return fields


def _unstorable(text: str) -> bool:
    # JSON can spell a lone surrogate, which is no character and which Postgres refuses.
    return bool(_CONTROL.search(text)) or any("\ud800" <= c <= "\udfff" for c in text)


def _shown(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name)[:64]
