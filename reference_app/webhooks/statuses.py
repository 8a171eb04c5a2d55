"""Statuses of a payment, and which one wins when notifications come late or out of order."""

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
