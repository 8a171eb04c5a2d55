"""A notification of the gateway: parsed from its form, identified, and echoed.

Four kinds exist, told apart by the field that holds the signed id (Genesis API, notifications):
`unique_id` of a payment, `wpf_unique_id` of a payment form, `reference_id` of an identity check,
and `payment_transaction_unique_id` of an external event of a payment method.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from reference_app.http.problems import FieldError, ProblemError

MAX_AMOUNT_DIGITS = 15

_UNIQUE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WORD = re.compile(r"[A-Za-z0-9_ .-]{1,64}")


@dataclass(frozen=True)
class Kind:
    """Where one kind of notification says what."""

    name: str
    id_field: str
    status_field: str
    event_field: str
    moves_payment: bool
    """Whether it tells the state of a payment; the others are kept for the record only."""


PROCESSING = Kind("processing", "unique_id", "status", "event", moves_payment=True)
WPF = Kind("wpf", "wpf_unique_id", "wpf_status", "event", moves_payment=True)
KYC = Kind("kyc", "reference_id", "status", "event", moves_payment=False)
APM_EVENT = Kind(
    "apm_event", "payment_transaction_unique_id", "category", "code", moves_payment=False
)

# The last one's id field is also part of a WPF notification, where it is not what is signed.
_BY_OWN_ID = (PROCESSING, WPF, KYC)


@dataclass(frozen=True)
class Notification:
    """What the gateway said, without the signature: that one could be replayed."""

    kind: Kind
    unique_id: str
    """The signed id, whatever its field is called."""
    status: str
    event: str
    fields: Mapping[str, str]

    @property
    def key(self) -> str:
        """Identity of the event. One payment sends several, all with the same unique_id."""
        # A separator that no part can contain: "a" + "bc" must not equal "ab" + "c".
        return hashlib.sha256(f"{self.unique_id}\n{self.event}\n{self.status}".encode()).hexdigest()

    @property
    def terms(self) -> str:
        """Digest of what two deliveries of one event must agree on."""
        agreed = (self.amount, self.fields.get("currency"), self.transaction_type, self.reason_code)
        return hashlib.sha256("\n".join(str(part) for part in agreed).encode()).hexdigest()

    @property
    def transaction_id(self) -> str | None:
        """The merchant's own id, for people; payments are matched by unique_id."""
        return self.fields.get("transaction_id") or self.fields.get("wpf_transaction_id")

    @property
    def transaction_type(self) -> str | None:
        """The gateway's type, such as sdd_sale."""
        return self._either("transaction_type", "payment_transaction_transaction_type")

    @property
    def amount(self) -> str | None:
        """The amount as sent."""
        return self._either("amount", "payment_transaction_amount")

    @property
    def amount_cents(self) -> int | None:
        """The amount, which the gateway sends in minor units; None if it is not a plain number."""
        text = self.amount or ""
        return (
            int(text)
            if text.isascii() and text.isdigit() and len(text) <= MAX_AMOUNT_DIGITS
            else None
        )

    @property
    def reason_code(self) -> str | None:
        """Why a debit came back: an ISO 20022 code such as AC04."""
        return (self._either("reason_code", "rc_code", "error_code") or "").strip().upper() or None

    @property
    def reason(self) -> str | None:
        """The same in words."""
        return self._either("reason", "reason_description", "rc_description")

    def echo(self) -> bytes:
        """The only answer that stops the gateway from sending again."""
        name = self.kind.id_field
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<notification_echo>\n  <{name}>{self.unique_id}</{name}>\n</notification_echo>"
        ).encode()

    def _either(self, *names: str) -> str | None:
        return next((self.fields[name] for name in names if self.fields.get(name)), None)


def from_fields(given: Mapping[str, str]) -> Notification:
    """Build a notification from its fields, or say which one is missing or malformed."""
    fields = {name: value for name, value in given.items() if name != "signature"}
    kind = _kind(fields)
    unique_id = _checked(fields, kind.id_field, _UNIQUE_ID)
    status = _checked(fields, kind.status_field, _WORD)
    event = _checked(fields, kind.event_field, _WORD) if fields.get(kind.event_field) else ""
    return Notification(kind, unique_id, status, event, fields)


def _kind(fields: Mapping[str, str]) -> Kind:
    if fields.get("notification_type") == "apm_external_event":
        return APM_EVENT
    named = [kind for kind in _BY_OWN_ID if kind.id_field in fields]
    if len(named) > 1:
        # The signature covers one id; taking the other would let anybody write to any payment.
        raise malformed(named[1].id_field, f"is given beside {named[0].id_field}")
    return named[0] if named else PROCESSING


def _checked(fields: Mapping[str, str], name: str, pattern: re.Pattern[str]) -> str:
    value = fields.get(name, "")
    if not value:
        raise malformed(name, "is missing")
    if not pattern.fullmatch(value):
        raise malformed(name, "is malformed")
    return value


def malformed(name: str, reason: str) -> ProblemError:
    """The refusal of a notification, naming the field."""
    return ProblemError(
        HTTPStatus.BAD_REQUEST, "The notification is malformed.", FieldError(name, reason)
    )
