"""Sends notifications as the gateway does, each until it has its echo:
`python _notifying.py IP PORT DOMAIN CA RATE PREFIX`, with the password in NOTIFYING_PASSWORD.

It runs until its stdin is closed and the last one has its echo, then prints what it saw as JSON.
"""

import asyncio
import json
import os
import ssl
import sys
import time
from urllib.parse import urlencode

from golive.model.notification import Notification, form_of

TIMEOUT_SECONDS = 5.0
RETRY_SECONDS = 1.0


class Gateway:
    """One gateway; `refused` are the moments of tries that had no echo."""

    def __init__(self, ip: str, port: str, domain: str, ca_file: str) -> None:
        self._address = ip, int(port)
        self._domain = domain
        self._trusted = ssl.create_default_context(cafile=ca_file)
        self.password = os.environ["NOTIFYING_PASSWORD"]
        self.echoed: list[str] = []
        self.refused: list[tuple[float, str]] = []

    async def notify(self, unique_id: str) -> None:
        """Until it is echoed."""
        form = form_of(Notification(unique_id, unique_id, "approved", 500), self.password, "sha1")
        body = urlencode(form).encode()
        # Nothing tells a gateway when to come again.
        while not await self._try(unique_id, body):  # noqa: ASYNC110
            await asyncio.sleep(RETRY_SECONDS)
        self.echoed.append(unique_id)

    async def _try(self, unique_id: str, body: bytes) -> bool:
        head = (
            f"POST /api/webhooks/emp HTTP/1.1\r\nHost: {self._domain}\r\nConnection: close\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                reader, writer = await asyncio.open_connection(
                    *self._address, ssl=self._trusted, server_hostname=self._domain
                )
                writer.write(head.encode() + body)
                answer = await reader.read()
                writer.close()
        except (OSError, TimeoutError) as problem:
            self.refused.append((time.monotonic(), type(problem).__name__))
            return False
        if b" 200 " in answer[:16] and unique_id.encode() in answer:
            return True
        self.refused.append((time.monotonic(), answer[:16].decode(errors="replace")))
        return False


async def main() -> None:
    """Notify until nobody listens any more."""
    *where, rate, prefix = sys.argv[1:]
    gateway = Gateway(*where)
    over = asyncio.ensure_future(asyncio.to_thread(sys.stdin.read))
    began = time.monotonic()
    sent = 0
    async with asyncio.TaskGroup() as group:
        while not over.done():
            group.create_task(gateway.notify(f"{prefix}{sent:06d}"))
            sent += 1
            await asyncio.sleep(max(0.0, began + sent / float(rate) - time.monotonic()))
    refused = [(round(moment - began, 1), said) for moment, said in gateway.refused]
    sys.stdout.write(json.dumps({"sent": sent, "echoed": len(gateway.echoed), "refused": refused}))


asyncio.run(main())
