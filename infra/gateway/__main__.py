"""`python -m infra.gateway --port N --notification-url URL`; what merchants must know comes from
the environment: GATEWAY_USERNAME, GATEWAY_PASSWORD, GATEWAY_TERMINAL_TOKEN, GATEWAY_VERIFY_KEY.
"""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Mapping

from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

from infra.gateway import control, merchant
from infra.gateway.delivery import Rules, Sender
from infra.gateway.world import Secrets, World

LOOPBACK = "127.0.0.1"
MAX_BODY_BYTES = 1024 * 1024
VARIABLES = (
    "GATEWAY_USERNAME",
    "GATEWAY_PASSWORD",
    "GATEWAY_TERMINAL_TOKEN",
    "GATEWAY_VERIFY_KEY",
)


class HealthHandler(RequestHandler):
    """Says that it runs."""

    def get(self) -> None:
        """Whatever faults it was told to have."""
        self.write({"status": "ok"})


def build_application(world: World, secrets: Secrets, sender: Sender) -> Application:
    """The routes."""
    shared = {"world": world, "secrets": secrets}
    ours = {"world": world, "sender": sender}
    return Application(
        [
            (r"/health", HealthHandler),
            (r"/process/([^/]+)", merchant.ProcessHandler, shared),
            (r"/reconcile/([^/]+)", merchant.ReconcileHandler, shared),
            (r"/chargebacks/by_date", merchant.ChargebacksByDateHandler, shared),
            (r"/chargebacks", merchant.ChargebackHandler, shared),
            (r"/verify", merchant.VerifyHandler, shared),
            (r"/control/notifications", control.NotificationsHandler, ours),
            (r"/control/settle", control.SettleHandler, ours),
            (r"/control/truth", control.TruthHandler, ours),
            (r"/control/progress", control.ProgressHandler, ours),
            (r"/control/faults", control.FaultsHandler, ours),
            (r"/control/answers", control.AnswersHandler, ours),
        ],
        log_function=_say_nothing,
    )


async def serve(host: str, port: int, secrets: Secrets, world: World, rules: Rules) -> None:
    """Serve until told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    sender = Sender(world, rules, secrets.password)
    server = HTTPServer(
        build_application(world, secrets, sender), max_body_size=MAX_BODY_BYTES, body_timeout=60
    )
    server.listen(port, host)
    sys.stderr.write(f"listening on {host}:{port}, seed {world.seed}\n")
    await stop.wait()
    server.stop()
    await sender.close()
    await server.close_all_connections()


def main() -> int:
    """Run the gateway."""
    parser = argparse.ArgumentParser(prog="infra.gateway", description=__doc__)
    parser.add_argument("--host", default=LOOPBACK)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--notification-url", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--retry-interval-s", type=float, default=900.0)
    parser.add_argument("--try-timeout-s", type=float, default=30.0)
    parser.add_argument("--concurrency", type=int, default=50)
    parser.add_argument("--ca-file", help="whom to trust at an https:// notification url")
    given = parser.parse_args()
    secrets = read_secrets(os.environ)
    if secrets is None:
        sys.stderr.write(f"set all of {', '.join(VARIABLES)}\n")
        return 1
    rules = Rules(
        given.notification_url,
        given.retry_interval_s,
        given.try_timeout_s,
        given.concurrency,
        given.ca_file,
    )
    asyncio.run(serve(given.host, given.port, secrets, World(given.seed), rules))
    return 0


def read_secrets(environment: Mapping[str, str]) -> Secrets | None:
    """What merchants must know, if all of it is there."""
    values = [environment.get(name, "") for name in VARIABLES]
    return Secrets(*values) if all(values) else None


def _say_nothing(_handler: RequestHandler) -> None:
    """The truth is asked for, not logged."""


if __name__ == "__main__":
    sys.exit(main())
