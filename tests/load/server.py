"""A Tornado server for tests of load: `server.py [--status N] [--delay S] [--freeze S,EVERY]`.

It prints its port. With `--spread S`, up to S seconds come on top, the same whenever the same
payment is asked about. `--freeze S,EVERY,LATER` begins later. Frozen means the whole process:
nothing is read or answered meanwhile.
"""

import argparse
import asyncio
import hashlib
import sys
import time

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler


class Handler(RequestHandler):
    """Answers every notification the same way."""

    def initialize(self, status: int, delay_seconds: float, spread_seconds: float) -> None:
        """Keep what to answer, and after how long."""
        self.answer = status
        self.delay_seconds = delay_seconds
        self.spread_seconds = spread_seconds

    async def post(self) -> None:
        """Read the form as a service would."""
        self.get_body_argument("signature")
        lot = hashlib.sha256(self.get_body_argument("unique_id", "").encode()).digest()[0] / 256
        await asyncio.sleep(self.delay_seconds + lot * self.spread_seconds)
        self.set_status(self.answer)


async def freeze(seconds: float, every_seconds: float, later_seconds: float = 0.0) -> None:
    """Stop the whole process now and again, the first time so much later."""
    await asyncio.sleep(later_seconds)
    while True:
        await asyncio.sleep(every_seconds - seconds)
        time.sleep(seconds)  # noqa: ASYNC251 - that is the point


async def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--status", type=int, default=200)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--spread", type=float, default=0.0)
    parser.add_argument("--freeze", default="")
    options = parser.parse_args()
    about = {
        "status": options.status,
        "delay_seconds": options.delay,
        "spread_seconds": options.spread,
    }
    server = HTTPServer(Application([("/.*", Handler, about)], log_function=lambda _handler: None))
    sockets = bind_sockets(0, "127.0.0.1", backlog=4096)
    server.add_sockets(sockets)
    sys.stdout.write(f"{sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    if options.freeze:
        await freeze(*map(float, options.freeze.split(",")))
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
