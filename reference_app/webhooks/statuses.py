"""Statuses of a payment, and which one wins when notifications come late or out of order."""

from dataclasses import dataclass

from reference_app.webhooks.notification import Notification

UNKNOWN = "unknown"

# From weakest to strongest: a payment only ever moves to the right, whatever the order of arrival.
STATUS_ORDER: tuple[str, ...] = (
    UNKNOWN,
    "pending",
    "error",
    "declined",
    "approved",
    "voided",
    "refunded",
    "chargebacked",
    "chargeback_reversed",
    "second_chargebacked",
    "pre_arbitrated",
)

_BY_GATEWAY_STATUS = {
    **dict.fromkeys(
        (
            "new",
            "user",
            "submitted",
            "pending",
            "pending_async",
            "pending_hold",
            "pending_review",
            "in_progress",
        ),
        "pending",
    ),
    **dict.fromkeys(("error", "timeout"), "error"),
    **dict.fromkeys(("declined", "unsuccessful"), "declined"),
    "approved": "approved",
    "voided": "voided",
    "refunded": "refunded",
    "chargebacked": "chargebacked",
    **dict.fromkeys(
        ("chargeback_reversed", "chargeback_reversal", "represented"), "chargeback_reversed"
    ),
    **dict.fromkeys(("second_chargebacked", "representment_reversed"), "second_chargebacked"),
    "pre_arbitrated": "pre_arbitrated",
}

# Fraud events; a retrieval request asks for papers and moves nothing.
_BY_EVENT = {
    "chargeback": "chargebacked",
    "chargeback_reversal": "chargeback_reversed",
    "second_chargeback": "second_chargebacked",
}


def map_emp_status(gateway_status: str) -> str:
    """The payment status that a gateway status means; `unknown` is visible, never silent.

    Statuses of recurring plans and of identity checks (active, enabled, accepted ...) are no
    statuses of a payment and are unknown here on purpose.
    """
    normal = gateway_status.strip().lower().replace(" ", "_").replace("-", "_")
    return _BY_GATEWAY_STATUS.get(normal, UNKNOWN)


def stronger(current: str, incoming: str) -> str:
    """Of two statuses of one payment, the one that holds."""
    return max(current, incoming, key=STATUS_ORDER.index)


@dataclass(frozen=True)
class PaymentState:
    """Where a payment stands, and by which notification."""

    status: str
    gateway_status: str = ""
    event: str = ""

    def strength(self) -> tuple[int, str, str]:
        """Of two states the greater one holds. Several statuses of the gateway mean the same, so
        its own words break the tie: not the order of arrival.
        """
        return STATUS_ORDER.index(self.status), self.gateway_status, self.event


def state_of(notification: Notification) -> PaymentState:
    """The state that a notification announces: by its status, or its event if that is stronger."""
    mapped = map_emp_status(notification.status)
    by_event = _BY_EVENT.get(notification.event, UNKNOWN)
    return PaymentState(stronger(mapped, by_event), notification.status, notification.event)
