"""What customers do a few times a second: notifications, signed and new, and looks at lists."""

import secrets
import ssl
import threading
import time
from typing import Self

import httpx

from golive.model.notification import Notification, form_of


class Traffic:
    """Delivers notifications while the block lasts; what is not answered is not sent again."""

    def __init__(
        self, url: str, secret: str, per_second: float, verify: ssl.SSLContext | bool = True
    ) -> None:
        self._url = url
        self._verify = verify
        self._secret = secret
        self._apart = 1 / per_second
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._deliver, daemon=True)
        self.sent = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._enough.set()
        self._thread.join()

    def _deliver(self) -> None:
        due = time.monotonic()
        with httpx.Client(trust_env=False, timeout=5.0, verify=self._verify) as client:
            while not self._enough.wait(max(0.0, due - time.monotonic())):
                due += self._apart
                try:
                    self._send(client)
                except httpx.TransportError:
                    continue  # an outage: that is what is tried
                self.sent += 1

    def _send(self, client: httpx.Client) -> None:
        unique_id = secrets.token_hex(16)
        one = Notification(unique_id, f"golive-{unique_id[:8]}", "approved", 1000)
        client.post(self._url, data=form_of(one, self._secret, "sha1"))


class Readers(Traffic):
    """Asks for a list a few times a second, as somebody who is signed in."""

    def _send(self, client: httpx.Client) -> None:
        client.get(self._url, headers={"Authorization": f"Bearer {self._secret}"})
