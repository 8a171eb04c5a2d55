"""The gateway's side of the webhook: signs notifications and delivers them."""

from golive.adapters.step import StepIdentity
from golive.model.notification import Hash, Notification, form_of, signature_of
from golive.model.ports import HttpPort, Reply
from golive.model.target import Webhook

SAMPLE_CENTS = 1_000


class WebhookAdapter:
    """Deliveries of one step."""

    def __init__(
        self, section: Webhook, http: HttpPort, base_url: str, password: str, step: StepIdentity
    ) -> None:
        self._section = section
        self._http = http
        self._base_url = base_url
        self._password = password
        self._step = step

    def sample(self, *, status: str = "approved", event: str = "") -> Notification:
        """A notification about a transaction that no other run knows."""
        unique_id = f"{self._step.fresh.getrandbits(128):032x}"
        return Notification(
            unique_id=unique_id,
            transaction_id=f"{self._step.marker}-{unique_id[:8]}",
            status=status,
            amount_cents=SAMPLE_CENTS,
            event=event,
        )

    def signature(self, unique_id: str, algorithm: Hash | None = None) -> str:
        """The signature of an id, by the target's hash or another."""
        return signature_of(unique_id, self._password, algorithm or self._section.signature)

    def send(self, notification: Notification) -> Reply:
        """Sign a notification with the target's password and deliver it through the balancer."""
        form = form_of(notification, self._password, self._section.signature)
        return self._http.request("POST", f"{self._base_url}{self._section.path}", form=form)
