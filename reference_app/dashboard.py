"""A window on the queues: `python -m reference_app.dashboard --port 9181`.

rq-dashboard, made to fit: it unpickles what is JSON in its list of workers, gives a job that is run
again no tries, and would serve anybody.
"""

import argparse
import asyncio
import hmac
import importlib
import ipaddress
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Request, Response, current_app, jsonify, request
from rq import Worker
from rq.job import Job
from rq.serializers import JSONSerializer
from tornado.httpserver import HTTPServer
from tornado.wsgi import WSGIContainer

from reference_app.commands import refusals
from reference_app.logs import configure_logging, mask_ibans
from reference_app.queueing import operations
from reference_app.queueing.connections import impatient_redis
from reference_app.settings import Settings, SettingsError, load_settings, weakness

USER = "operator"
THREADS = 4

log = structlog.get_logger("dashboard")


class _DescribedJob(Job):
    """A job that is told by its description: its arguments are personal data."""

    def get_call_string(self) -> str | None:
        return self.description


class _JsonWorker(Worker):
    """A worker whose jobs are JSON."""

    @classmethod
    def all(cls, *arguments: Any, **options: Any) -> list[Any]:
        fixed = {"serializer": JSONSerializer, "job_class": _DescribedJob}
        return super().all(*arguments, **{**options, **fixed})


def build_dashboard(settings: Settings) -> Flask:
    """The application, behind its password."""
    weak = weakness(settings.dashboard_password.get_secret_value())
    if weak:
        raise SettingsError(f"refusing to start:\n  DASHBOARD_PASSWORD: {weak}")
    web: Any = importlib.import_module("rq_dashboard.web")
    web.config.serializer = JSONSerializer
    web.Worker = _JsonWorker
    app = Flask("reference_app.dashboard")
    app.config.update(
        TETHER_SETTINGS=settings,
        RQ_DASHBOARD_REDIS_URL=[
            f"redis://{settings.redis_host}:{settings.redis_port}/{settings.redis_db}"
        ],
        RQ_DASHBOARD_REDIS_PASSWORD=settings.redis_password.get_secret_value() or None,
        RQ_DASHBOARD_DISABLE_DELETE=True,
        DEPRECATED_OPTIONS=[],
    )
    app.before_request(_refuse)
    app.after_request(_mask)
    app.register_blueprint(web.blueprint)
    app.view_functions["rq_dashboard.requeue_job_view"] = _retry
    app.view_functions["rq_dashboard.requeue_all"] = _retry_queue
    web.setup_rq_connection(app)
    return app


async def serve(app: Flask, host: str, port: int) -> None:
    """Serve for ever."""
    server = HTTPServer(WSGIContainer(app, ThreadPoolExecutor(THREADS)))
    server.listen(port, host)
    log.info("listening", host=host, port=port)
    await asyncio.Event().wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the dashboard until killed."""
    parser = argparse.ArgumentParser(prog="reference_app.dashboard", description=__doc__)
    parser.add_argument("--host", type=private_address, default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    chosen = parser.parse_args(arguments)
    with refusals():
        settings = load_settings()
        app = build_dashboard(settings)
    configure_logging(settings, "dashboard")
    asyncio.run(serve(app, chosen.host, chosen.port))
    return 0


def private_address(text: str) -> str:
    """An address of the loopback or of a private network; ValueError for any other."""
    address = ipaddress.ip_address(text)
    if address.is_unspecified or not address.is_private:
        raise ValueError(text)
    return text


def _refuse() -> Response | None:
    if not _is_authorised(request):
        challenge = {"WWW-Authenticate": 'Basic realm="tether queues"'}
        return Response("A password is needed.", HTTPStatus.UNAUTHORIZED, challenge)
    # A page elsewhere can make a browser send the password along, but not hide that it did.
    changes = request.method != "GET" or request.path.startswith("/requeue/")
    if changes and (
        request.method == "GET" or request.headers.get("Sec-Fetch-Site") == "cross-site"
    ):
        return Response("Not from there.", HTTPStatus.FORBIDDEN)
    return None


def _is_authorised(asked: Request) -> bool:
    settings: Settings = current_app.config["TETHER_SETTINGS"]
    given = asked.authorization
    expected = f"{USER}:{settings.dashboard_password.get_secret_value()}"
    said = f"{given.username}:{given.password}" if given else ""
    return hmac.compare_digest(said.encode(), expected.encode())


def _mask(response: Response) -> Response:
    if response.is_json:
        response.set_data(mask_ibans(response.get_data(as_text=True)))
    return response


def _retry(job_id: str) -> Response:
    with impatient_redis(current_app.config["TETHER_SETTINGS"]) as redis:
        done = operations.retry(redis, [job_id])
    return jsonify(status="OK" if done else "ERROR")


def _retry_queue(queue_name: str) -> Response:
    with impatient_redis(current_app.config["TETHER_SETTINGS"]) as redis:
        failed = [one for one in operations.failed_jobs(redis) if one.queue == queue_name]
        done = operations.retry(redis, [one.job_id for one in failed])
    return jsonify(status="OK", count=len(done))


if __name__ == "__main__":
    sys.exit(main())
