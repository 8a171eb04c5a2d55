"""What every route shares: request ids, size limits, problem documents, the access log."""

import asyncio
import re
from collections.abc import Awaitable
from functools import cached_property
from http import HTTPStatus
from types import TracebackType
from typing import Any, cast
from uuid import uuid4

import structlog
from tornado.escape import json_encode
from tornado.web import HTTPError, RequestHandler, stream_request_body

from reference_app.http.measures import RequestMeasures
from reference_app.http.problems import (
    CONTENT_TYPE,
    RETRY_AFTER_SECONDS,
    ProblemDocument,
    ProblemError,
    UnavailableError,
)
from reference_app.services import Services

_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

log = structlog.get_logger("access")


@stream_request_body
class BaseHandler(RequestHandler):
    """A route. Bodies are collected here, so that no route can be made to buffer without limit."""

    max_body_bytes: int | None = 0
    """The largest body this route takes; None stands for UPLOAD_MAX_BYTES and the form around."""

    _prepared = False
    _waiting: asyncio.TimerHandle | None = None

    @property
    def services(self) -> Services:
        """What the routes work with."""
        return cast("Services", self.settings["services"])

    @cached_property
    def request_id(self) -> str:
        """The caller's X-Request-ID if it is sane, else a new one."""
        given = self.request.headers.get("X-Request-ID", "")
        return given if _SANE_REQUEST_ID.fullmatch(given) else uuid4().hex

    @property
    def media_type(self) -> str:
        """The type of the body as declared, without its parameters."""
        return self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def set_default_headers(self) -> None:
        """Set what every answer carries, errors included."""
        self.set_header("Server", "tether")
        self.set_header("X-Request-ID", self.request_id)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        # Nothing here is a page; what is shown as one all the same must run and load nothing.
        self.set_header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        self.set_header("X-Frame-Options", "DENY")
        self.set_header("Referrer-Policy", "no-referrer")
        if self.services.lifecycle.draining:
            self.set_header("Connection", "close")

    async def prepare(self) -> None:
        """Decide before the body is read; what is refused here is answered after it."""
        self._received, self._oversized, self._prepared = bytearray(), False, True
        self.services.lifecycle.began(self)
        structlog.contextvars.bind_contextvars(request_id=self.request_id)
        try:
            self._check_request()
            await self.authorise()
        except (HTTPError, UnavailableError) as refusal:
            self._refuse_after_body(refusal)
        if self.max_body_bytes is not None and self._has_body():
            self._give_up_on_slow_body()

    def check_headers(self) -> None:
        """Refuse by header; routes with a body check its type here."""

    async def authorise(self) -> None:
        """Refuse who may not; open by default."""

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Collect the body up to the limit; the rest is drained, so that the refusal is heard."""
        if len(self._received) + len(chunk) > self._body_limit():
            self._oversized = True
        else:
            self._received += chunk
        return None

    def body(self) -> bytes:
        """The whole body, or the refusal of one that proved too large on the way."""
        if self._oversized:
            raise too_large(self._body_limit())
        return bytes(self._received)

    async def head(self, *args: str) -> None:
        """Answer HEAD as GET; Tornado leaves the body out."""
        if "GET" not in self._allowed_methods():
            raise HTTPError(HTTPStatus.METHOD_NOT_ALLOWED)
        await cast("Awaitable[None]", self.get(*args))

    def write_json(self, document: object, status: HTTPStatus = HTTPStatus.OK) -> None:
        """Answer with JSON."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.write(json_encode(document))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer any error with a problem document, never with a traceback."""
        self.finish(self._problem(status_code, kwargs.get("exc_info", (None, None, None))[1]))

    def _problem(self, status_code: int, error: BaseException | None) -> str:
        document = self._document(status_code, error)
        self.set_status(document.status)
        for name, value in error.headers.items() if isinstance(error, ProblemError) else ():
            self.set_header(name, value)
        if document.status is HTTPStatus.METHOD_NOT_ALLOWED:
            self.set_header("Allow", ", ".join(self._allowed_methods()))
        if document.status is HTTPStatus.SERVICE_UNAVAILABLE:
            self.set_header("Retry-After", str(RETRY_AFTER_SECONDS))
        if not self._prepared:
            # Tornado refused it by itself, and closes the connection: it must say so.
            self.set_header("Connection", "close")
        self.set_header("Content-Type", CONTENT_TYPE)
        return document.to_json(self.request_id)

    def log_exception(
        self,
        _typ: type[BaseException] | None,
        value: BaseException | None,
        _tb: TracebackType | None,
    ) -> None:
        """Log what is our fault in full, what is another service's in one line."""
        if isinstance(value, UnavailableError):
            log.warning("unavailable", service=value.service, cause=repr(value.__cause__))
        elif not isinstance(value, HTTPError):
            log.error("unhandled", exc_info=value)

    def on_finish(self) -> None:
        """Count the request as done."""
        self._stop_waiting()
        self.services.lifecycle.ended(self)

    def on_connection_close(self) -> None:
        """Count a request whose caller left as done."""
        self._stop_waiting()
        self.services.lifecycle.ended(self)
        super().on_connection_close()

    def _check_request(self) -> None:
        if self.request.method not in self._allowed_methods():
            raise HTTPError(HTTPStatus.METHOD_NOT_ALLOWED)
        self.check_headers()
        declared = self.request.headers.get("Content-Length", "")
        if declared.isdecimal() and int(declared[:20]) > self._body_limit():
            raise too_large(self._body_limit())

    def _refuse_after_body(self, refusal: Exception) -> None:
        # Answered at once, Tornado would close the connection with the body unread: the caller
        # gets a reset instead of the answer, a load balancer one on a connection it reuses.
        async def refuse(*_arguments: str) -> None:
            raise refusal

        setattr(self, str(self.request.method).lower(), refuse)

    def _has_body(self) -> bool:
        headers = self.request.headers
        return "Transfer-Encoding" in headers or headers.get("Content-Length", "0") != "0"

    def _give_up_on_slow_body(self) -> None:
        """Small bodies come at once: one that trickles must not hold the connection for hours."""
        name = str(self.request.method).lower()
        proceed = getattr(self, name)

        async def proceed_with_body(*arguments: str) -> None:
            self._stop_waiting()
            await proceed(*arguments)

        setattr(self, name, proceed_with_body)
        wait_s = self.services.settings.upload_idle_timeout_s
        self._waiting = asyncio.get_running_loop().call_later(wait_s, self._refuse_slow_body)

    def _refuse_slow_body(self) -> None:
        late = too_slow()
        self.send_error(late.status_code, exc_info=(type(late), late, None))

    def _stop_waiting(self) -> None:
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None

    def _body_limit(self) -> int:
        if self.max_body_bytes is None:
            return self.services.settings.upload_max_bytes + FORM_OVERHEAD_BYTES
        return self.max_body_bytes

    def _allowed_methods(self) -> list[str]:
        unimplemented = RequestHandler.put
        methods = [m for m in _METHODS if getattr(type(self), m.lower()) is not unimplemented]
        if "GET" not in methods:
            methods.remove("HEAD")
        return methods

    def _document(self, status_code: int, error: BaseException | None) -> ProblemDocument:
        if isinstance(error, ProblemError):
            return error.document
        if isinstance(error, UnavailableError):
            detail = f"{error.service} is not available; try again."
            return ProblemDocument(HTTPStatus.SERVICE_UNAVAILABLE, detail)
        status = HTTPStatus(status_code)
        return ProblemDocument(status, status.description or status.phrase)


FORM_OVERHEAD_BYTES = 16 * 1024
"""What a multipart form may add around its file."""


NOTHING_HERE = "There is nothing at this path."


class NotFoundHandler(BaseHandler):
    """Every path that is no route."""

    def _check_request(self) -> None:
        raise ProblemError(HTTPStatus.NOT_FOUND, NOTHING_HERE)


def log_request(handler: RequestHandler) -> None:
    """One line per request: the access log; and its time for the metrics."""
    cast("RequestMeasures", handler.settings["measures"]).observe(handler)
    log.info(
        "request",
        method=handler.request.method,
        path=handler.request.path[:200],
        status=handler.get_status(),
        duration_ms=round(handler.request.request_time() * 1000, 2),
    )


def too_slow() -> ProblemError:
    """The refusal of a body that hardly arrives any more."""
    return ProblemError(
        HTTPStatus.REQUEST_TIMEOUT, "The body came too slowly.", headers={"Connection": "close"}
    )


def too_large(limit: int) -> ProblemError:
    """The refusal of a body that is larger than the route takes."""
    return ProblemError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is larger than {limit} bytes."
    )
