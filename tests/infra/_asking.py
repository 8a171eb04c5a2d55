"""A client that asks at a steady rate: `python _asking.py IP PORT DOMAIN CA RATE [PATH]`.

Each request has a connection of its own, so that each handshake sees the certificate of its moment.
It runs until its stdin is closed, then prints what it saw as one line of JSON; each certificate
that it has not seen before is a line of its own, at once.
"""

import asyncio
import json
import ssl
import sys
from collections import Counter
from dataclasses import dataclass, field

TIMEOUT_SECONDS = 10.0


@dataclass
class Seen:
    """What came back."""

    sent: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    certificates: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


async def ask(
    ip: str, port: int, trusted: ssl.SSLContext, domain: str, path: str, seen: Seen
) -> None:
    """Ask once."""
    seen.sent += 1
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            reader, writer = await asyncio.open_connection(
                ip, port, ssl=trusted, server_hostname=domain
            )
            certificate = writer.get_extra_info("ssl_object").getpeercert()["serialNumber"]
            if certificate not in seen.certificates:
                seen.certificates.append(certificate)
                sys.stdout.write(f"certificate {certificate}\n")
                sys.stdout.flush()
            writer.write(
                f"GET {path} HTTP/1.1\r\nHost: {domain}\r\nConnection: close\r\n\r\n".encode()
            )
            answer = await reader.read()
            writer.close()
        seen.statuses[answer.split(b" ", 2)[1].decode()] += 1
    except (OSError, TimeoutError, IndexError) as problem:
        seen.failures.append(f"{type(problem).__name__}: {problem}")


async def main() -> None:
    """Ask until nobody listens any more."""
    ip, port, domain, ca_file, rate, *path = sys.argv[1:]
    trusted = ssl.create_default_context(cafile=ca_file)
    seen = Seen()
    over = asyncio.ensure_future(asyncio.to_thread(sys.stdin.read))
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.TaskGroup() as group:
        while not over.done():
            group.create_task(ask(ip, int(port), trusted, domain, *(path or ["/health"]), seen))
            # Each is due at its own moment, however long the ones before take.
            await asyncio.sleep(max(0.0, began + seen.sent / float(rate) - loop.time()))
    sys.stdout.write(
        json.dumps(
            {
                "sent": seen.sent,
                "seconds": loop.time() - began,
                "statuses": dict(seen.statuses),
                "certificates": seen.certificates,
                "failures": seen.failures,
            }
        )
    )


asyncio.run(main())
