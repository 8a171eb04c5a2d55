"""Who does not sign is believed."""

from reference_app.webhooks.notification import Notification
from reference_app.webhooks.route import EmpWebhookHandler

DEFECT = "A notification without a signature is accepted; only a wrong signature is refused."
CAUGHT_BY = "chaos.forged"


def patch() -> None:
    """Check a signature only where there is one."""
    check = EmpWebhookHandler._check_signature

    def lenient(handler: EmpWebhookHandler, notification: Notification, given: str) -> None:
        if given:
            check(handler, notification, given)

    EmpWebhookHandler._check_signature = lenient
