"""What one API node measures of its own requests."""

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from tornado.web import RequestHandler

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0)
UNMATCHED = "unmatched"

Route = tuple[str, type[RequestHandler]]


class RequestMeasures:
    """Latency by route, method and status; as many series as there are routes, never as paths."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._patterns: Mapping[type[RequestHandler], str] = {
            handler: pattern.replace("([^/]+)", "{id}") for pattern, handler in routes
        }
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._latency = Histogram(
            "tether_request_duration_seconds",
            "Time from the request's first byte to its answer.",
            ("route", "method", "status"),
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        self.accepted = Counter(
            "tether_notifications_accepted",
            "Notifications that were new, and have got their job.",
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "tether_requests_in_flight", "Requests being answered.", registry=self.registry
        )

    def observe(self, handler: RequestHandler) -> None:
        """Note an answered request."""
        route = self._patterns.get(type(handler), UNMATCHED)
        method = str(handler.request.method)
        known = method if method in RequestHandler.SUPPORTED_METHODS else "other"
        series = self._latency.labels(route, known, str(handler.get_status()))
        series.observe(handler.request.request_time())
