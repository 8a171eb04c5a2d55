"""One API node: `python -m reference_app.api --host 127.0.0.1 --port 8000`."""

import argparse
import asyncio
import signal
import sys

import structlog
from tornado.httpserver import HTTPServer
from tornado.web import Application

from reference_app.billing.routes import UploadBillHandler, UploadBillingHandler
from reference_app.commands import refusals
from reference_app.http.contract import ContractHandler
from reference_app.http.handler import BaseHandler, NotFoundHandler, log_request
from reference_app.http.health import HealthHandler, ReadinessHandler
from reference_app.http.measures import RequestMeasures
from reference_app.http.metrics import MetricsHandler
from reference_app.logs import configure_logging
from reference_app.services import Services, build_services
from reference_app.settings import load_settings
from reference_app.uploads.collection import UploadsHandler
from reference_app.uploads.download import UploadDownloadHandler, UploadErrorsHandler
from reference_app.uploads.mapping_route import UploadMappingHandler
from reference_app.uploads.routes import UploadDebtorsHandler, UploadStatusHandler
from reference_app.webhooks.route import EmpWebhookHandler

DRAIN_NOTICE_S = 1.0
"""How long a leaving node still takes requests, so that its load balancer sees it unready first."""
DRAIN_LIMIT_S = 25.0

# Refused bodies are read and dropped up to here: closing at once would reset the connection and
# the caller would never see why it was refused.
DISCARD_LIMIT_BYTES = 128 * 1024 * 1024
BODY_TIMEOUT_S = 60.0
# Longer than a load balancer keeps its side open, so that it is never us who close under a request.
IDLE_TIMEOUT_S = 75.0

log = structlog.get_logger("api")


_UPLOAD = r"/api/uploads/([^/]+)"

ROUTES: tuple[tuple[str, type[BaseHandler]], ...] = (
    ("/openapi.json", ContractHandler),
    ("/health", HealthHandler),
    ("/health/ready", ReadinessHandler),
    ("/metrics", MetricsHandler),
    ("/api/webhooks/emp", EmpWebhookHandler),
    ("/api/uploads", UploadsHandler),
    (_UPLOAD, UploadStatusHandler),
    (f"{_UPLOAD}/bill", UploadBillHandler),
    (f"{_UPLOAD}/billing", UploadBillingHandler),
    (f"{_UPLOAD}/debtors", UploadDebtorsHandler),
    (f"{_UPLOAD}/download", UploadDownloadHandler),
    (f"{_UPLOAD}/errors", UploadErrorsHandler),
    (f"{_UPLOAD}/mapping", UploadMappingHandler),
)


def build_application(services: Services) -> Application:
    """The routes and what they share."""
    return Application(
        list(ROUTES),
        default_handler_class=NotFoundHandler,
        log_function=log_request,
        services=services,
        measures=RequestMeasures(ROUTES),
    )


def build_server(services: Services) -> HTTPServer:
    """The server around the routes, with its limits."""
    return HTTPServer(
        build_application(services),
        max_body_size=DISCARD_LIMIT_BYTES,
        max_buffer_size=1024 * 1024,
        body_timeout=BODY_TIMEOUT_S,
        idle_connection_timeout=IDLE_TIMEOUT_S,
    )


async def serve(services: Services, host: str, port: int) -> None:
    """Serve until told to leave, then leave without dropping a request."""
    leave = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, leave.set)
    await services.database.open()
    server = build_server(services)
    server.listen(port, host)
    log.info("listening", host=host, port=port)
    await leave.wait()
    await drain(services, server)
    await services.close()
    log.info("stopped")


async def drain(services: Services, server: HTTPServer) -> None:
    """Become unready, keep serving for a moment, then finish what is in flight."""
    services.lifecycle.draining = True
    log.info("draining", in_flight=len(services.lifecycle.in_flight))
    await asyncio.sleep(DRAIN_NOTICE_S)
    server.stop()
    await services.lifecycle.finish(DRAIN_LIMIT_S)
    await server.close_all_connections()


def main() -> int:
    """Run one node."""
    parser = argparse.ArgumentParser(prog="reference_app.api", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    with refusals():
        settings = load_settings()
    configure_logging(settings, "api")
    services = build_services(settings)
    asyncio.run(serve(services, arguments.host, arguments.port))
    return 0


if __name__ == "__main__":
    sys.exit(main())
