"""A notification of the gateway: parsed from its form, identified, and echoed."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl

from reference_app.http.problems import FieldError, ProblemError

MAX_FIELDS = 200
MAX_AMOUNT_DIGITS = 15

_UNIQUE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WORD = re.compile(r"[A-Za-z0-9_ -]{1,64}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Notification:
    """What the gateway said, without the signature: that one could be replayed."""

    unique_id: str
    status: str
    event: str
    fields: Mapping[str, str]

    @property
    def key(self) -> str:
        """Identity of the event. One payment sends several, all with the same unique_id."""
        # A separator that no part can contain: "a" + "bc" must not equal "ab" + "c".
        return hashlib.sha256(f"{self.unique_id}\n{self.event}\n{self.status}".encode()).hexdigest()

    @property
    def transaction_id(self) -> str | None:
        """The merchant's own id, for people; payments are matched by unique_id."""
        return self.fields.get("transaction_id")

    @property
    def transaction_type(self) -> str | None:
        """The gateway's type, such as sdd_sale."""
        return self.fields.get("transaction_type")

    @property
    def amount_cents(self) -> int | None:
        """The amount, which the gateway sends in minor units; None if it is not a plain number."""
        text = self.fields.get("amount", "")
        return (
            int(text)
            if text.isascii() and text.isdigit() and len(text) <= MAX_AMOUNT_DIGITS
            else None
        )

    def echo(self) -> bytes:
        """The only answer that stops the gateway from sending again."""
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<notification_echo>\n  <unique_id>{self.unique_id}</unique_id>\n</notification_echo>"
        ).encode()


def parse_form(body: bytes) -> dict[str, str]:
    """Decode a form strictly: what cannot be read or stored exactly is refused, not guessed."""
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
    form: dict[str, str] = {}
    for name, value in pairs:
        if name in form:
            raise _malformed(_shown(name), "is given more than once")
        if _CONTROL.search(name) or _CONTROL.search(value):
            raise _malformed(_shown(name), "contains control characters")
        form[name] = value
    return form


def from_fields(form: Mapping[str, str]) -> Notification:
    """Build a notification from its form fields, or say which one is missing or malformed."""
    fields = {name: value for name, value in form.items() if name != "signature"}
    checks = (("unique_id", _UNIQUE_ID, True), ("status", _WORD, True), ("event", _WORD, False))
    for name, pattern, required in checks:
        value = fields.get(name, "")
        if not value and required:
            raise _malformed(name, "is missing")
        if value and not pattern.fullmatch(value):
            raise _malformed(name, "is malformed")
    return Notification(fields["unique_id"], fields["status"], fields.get("event", ""), fields)


def _malformed(name: str, reason: str) -> ProblemError:
    return ProblemError(
        HTTPStatus.BAD_REQUEST, "The notification is malformed.", FieldError(name, reason)
    )


def _shown(name: str) -> str:
    return _CONTROL.sub("?", name)[:64]
