"""The payment gateway simulator: takes the service's sales and sends it notifications."""

import os
import sys
from collections.abc import Iterator
from functools import partial

from golive.adapters.native import health
from golive.adapters.native.site import Site
from golive.adapters.native.unit import Command, Server, Unit
from golive.adapters.native.units import nginx

USERNAME = "tether"
WEBHOOK_PATH = "/api/webhooks/emp"
# A quarter of an hour in reality; nobody who watches a deployment wants to wait for that.
RETRY_INTERVAL_SECONDS = 2


def units(site: Site) -> Iterator[Unit]:
    """Start it; it notifies through the balancer, as the real one would."""
    credentials = site.credentials
    environment = {
        "GATEWAY_USERNAME": USERNAME,
        "GATEWAY_PASSWORD": credentials.webhook_password,
        "GATEWAY_TERMINAL_TOKEN": credentials.gateway_terminal,
        "GATEWAY_VERIFY_KEY": credentials.payee_check_key,
        "PYTHONPATH": str(site.checkout),
        "PATH": os.environ.get("PATH", os.defpath),
    }
    arguments: tuple[str, ...] = (
        *(sys.executable, "-m", "infra.gateway", "--port", str(site.port("gateway"))),
        *("--notification-url", f"{nginx.base_url(site)}{WEBHOOK_PATH}"),
        *("--retry-interval-s", str(RETRY_INTERVAL_SECONDS)),
    )
    if authority := nginx.ca_file(site):
        arguments += ("--ca-file", str(authority))
    yield Server(
        role="gateway",
        command=Command(arguments, folder=site.checkout, environment=environment),
        healthy=partial(health.answers_http, f"{base_url(site)}/health"),
        port=site.port("gateway"),
    )


def base_url(site: Site) -> str:
    """Where sales go."""
    return f"http://{site.address('gateway')}"
