"""The gateway's notification: its form fields and its signature.

Source: emerchantpay / Genesis gateway API documentation, "Notifications": the signature is the hex
digest of `unique_id` and the API password, concatenated; its length tells the hash. Status, amount
and event are not signed.
"""

import hashlib
from dataclasses import dataclass
from typing import Literal

Hash = Literal["sha1", "sha256", "sha512"]


@dataclass(frozen=True)
class Notification:
    """A payment notification, unsigned. `status` and `event` are the gateway's words."""

    unique_id: str
    transaction_id: str
    status: str
    amount_cents: int
    transaction_type: str = "sdd_sale"
    event: str = ""


def signature_of(unique_id: str, password: str, algorithm: Hash) -> str:
    """The lower-case hex digest that the gateway sends as `signature`."""
    return hashlib.new(algorithm, f"{unique_id}{password}".encode()).hexdigest()


def form_of(notification: Notification, password: str, algorithm: Hash) -> dict[str, str]:
    """The fields of the signed form; an empty `event` is left out, as the gateway does."""
    event = {"event": notification.event} if notification.event else {}
    return {
        "transaction_id": notification.transaction_id,
        "unique_id": notification.unique_id,
        "transaction_type": notification.transaction_type,
        "status": notification.status,
        "amount": str(notification.amount_cents),
        "signature": signature_of(notification.unique_id, password, algorithm),
        **event,
    }
