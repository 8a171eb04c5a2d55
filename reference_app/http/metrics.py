"""GET /metrics: for the private network only, and never an error when what it asks is away."""

import asyncio
import ipaddress
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import cast

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from psycopg.rows import scalar_row

from reference_app.database import within
from reference_app.http.handler import NOTHING_HERE, BaseHandler
from reference_app.http.measures import RequestMeasures
from reference_app.http.problems import ProblemError, UnavailableError
from reference_app.queueing.figures import QueueFigures, long_wait_s
from reference_app.services import Services
from reference_app.settings import Settings

BUDGET_S = 0.9
_FORWARDED = ("X-Forwarded-For", "X-Real-IP", "Forwarded")

_GAUGES = (
    ("waiting", "tether_queue_waiting_jobs", "Jobs in line."),
    ("oldest_s", "tether_queue_oldest_seconds", "How long the first in line has waited."),
    ("running", "tether_queue_running_jobs", "Jobs that run."),
    ("scheduled", "tether_queue_scheduled_jobs", "Jobs that wait for their retry."),
    ("failed", "tether_queue_failed_jobs", "Jobs that failed for good."),
    ("paused", "tether_queue_paused", "1 while paused."),
    ("workers", "tether_workers_alive", "Workers that beat."),
)
_COUNTERS = (
    ("done_total", "tether_jobs_done", "Jobs done."),
    ("failed_tries_total", "tether_job_tries_failed", "Tries that failed."),
    ("wait_s_total", "tether_job_wait_seconds", "Time that jobs waited."),
    ("runtime_s_total", "tether_job_run_seconds", "Time that jobs ran."),
)


class Scraped(Collector):
    """What one scrape found elsewhere; what was away is absent, and told in one figure."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        """Give what was found."""
        return self._metrics


class MetricsHandler(BaseHandler):
    """The node's own measures, and the state of what all nodes share."""

    def check_headers(self) -> None:
        """Be there for direct callers on a private network only."""
        # The balancer adds its header to whatever the public sends.
        forwarded = any(name in self.request.headers for name in _FORWARDED)
        if forwarded or not is_private(self.request.remote_ip):
            raise ProblemError(HTTPStatus.NOT_FOUND, NOTHING_HERE)

    async def get(self) -> None:
        """Answer in Prometheus' text format, within a second."""
        measures = cast("RequestMeasures", self.settings["measures"])
        measures.in_flight.set(len(self.services.lifecycle.in_flight))
        shared = CollectorRegistry()
        shared.register(Scraped(await scrape(self.services)))
        self.set_header("Content-Type", CONTENT_TYPE_PLAIN_0_0_4)
        self.write(generate_latest(measures.registry) + generate_latest(shared))


def is_private(address: str | None) -> bool:
    """Whether a peer's address is one of a private network."""
    try:
        return ipaddress.ip_address(address or "").is_private
    except ValueError:
        return False


async def scrape(services: Services) -> list[Metric]:
    """Ask Redis and Postgres side by side."""
    figures, unknown = await asyncio.gather(_figures(services), _unknown(services))
    errors = GaugeMetricFamily(
        "tether_scrape_errors", "1 when the service did not answer.", labels=("service",)
    )
    errors.add_metric(["redis"], float(figures is None))
    errors.add_metric(["postgres"], float(unknown is None))
    metrics = [errors, *_pool(services)]
    if figures is not None:
        metrics += _queue_metrics(figures, services.settings)
    if unknown is not None:
        text = "Notifications of a status that is not known."
        metrics.append(GaugeMetricFamily("tether_unknown_statuses", text, value=unknown))
    return metrics


async def _figures(services: Services) -> list[QueueFigures] | None:
    try:
        return await services.queue.figures()
    except UnavailableError:
        return None


async def _unknown(services: Services) -> int | None:
    query = "SELECT count(*) FROM webhook_events WHERE payment_status = 'unknown'"
    try:
        [count] = await within(BUDGET_S, "postgres", services.database.fetch(scalar_row, query))
    except UnavailableError:
        return None
    return int(count)


def _queue_metrics(figures: Sequence[QueueFigures], settings: Settings) -> list[Metric]:
    metrics: list[Metric] = []
    families = ((GaugeMetricFamily, _GAUGES), (CounterMetricFamily, _COUNTERS))
    for kind, table in families:
        for field, name, text in table:
            family = kind(name, text, labels=("queue",))
            for one in figures:
                family.add_metric([one.name], float(getattr(one, field)))
            metrics.append(family)
    alarm = GaugeMetricFamily(
        "tether_queue_long_wait", "1 while the first in line waits too long.", labels=("queue",)
    )
    for one in figures:
        alarm.add_metric([one.name], float(one.oldest_s > long_wait_s(settings, one.name)))
    return [*metrics, alarm]


def _pool(services: Services) -> list[Metric]:
    stats = services.database.pool_stats()
    family = GaugeMetricFamily(
        "tether_database_pool", "Connections and waiting requests.", labels=("state",)
    )
    for state in ("pool_size", "pool_available", "requests_waiting"):
        family.add_metric([state], float(stats.get(state, 0)))
    return [family]
