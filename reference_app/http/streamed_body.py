"""Routes that take a body of any size as it arrives, with a deadline for silence, not for length.

A refusal is answered as soon as it is known. What the caller still sends is dropped for a while,
because closing at once would reset the connection and the answer would be lost.
"""

import asyncio
import contextlib
import sys
from http import HTTPStatus
from typing import cast

from tornado.http1connection import HTTP1Connection
from tornado.iostream import StreamClosedError

from reference_app.http.handler import BaseHandler, too_large, too_slow

LONGEST_BODY_S = 6 * 3600.0
PROGRESS_BYTES = 16 * 1024
"""What must arrive within one idle time-out, so that trickling does not pass for sending."""
EASILY_DRAINED_BYTES = 1024 * 1024
"""So little more is read to its end first: the connection then stays usable."""
DISCARD_LIMIT_BYTES = 16 * 1024 * 1024


class StreamedBodyHandler(BaseHandler):
    """A route that consumes its body chunk by chunk."""

    _arrived_bytes = 0
    _dropped_bytes = 0
    _refusal: Exception | None = None
    _answered = False
    _consuming = False
    _body_complete = False
    _watch: asyncio.TimerHandle | None = None

    async def consume(self, chunk: bytes) -> None:
        """Take the next bytes; returning is what lets more be read from the caller."""
        raise NotImplementedError

    def abandon(self) -> None:
        """The body will not come to its end, or is not wanted any more: undo what it began."""
        raise NotImplementedError

    async def prepare(self) -> None:
        """Decide as every route does, but answer a refusal before a long body rather than after."""
        connection = self._connection()
        connection.set_body_timeout(LONGEST_BODY_S)
        # Ours to judge: the server's own refusal would be a bare 400.
        connection.set_max_body_size(sys.maxsize)
        await super().prepare()
        if self._is_to_come(0):
            self._watch_progress()
        if self._refusal and "Expect" in self.request.headers:
            raise self._refusal
        await self._answer_if_long()

    async def data_received(self, chunk: bytes) -> None:
        """Consume, or drop after a refusal."""
        self._arrived_bytes += len(chunk)
        if self._refusal:
            self._drop(chunk)
            return
        self._consuming = True
        try:
            self._check_size()
            await self.consume(chunk)
        # Whatever it was: Tornado would only log it and cut the connection.
        except Exception as error:  # noqa: BLE001
            self._refuse_after_body(error)
            self.abandon()
            await self._answer_if_long()
        finally:
            self._consuming = False

    def body_is_complete(self) -> None:
        """Call first in the route's method: from now on a caller who leaves changes nothing."""
        self._body_complete = True
        self._stop_watch()

    def on_finish(self) -> None:
        """Stop watching."""
        self._stop_watch()
        super().on_finish()

    def on_connection_close(self) -> None:
        """Undo what a caller who left half way began."""
        self._stop_watch()
        if not self._body_complete:
            self._refusal = self._refusal or StreamClosedError()
            self.abandon()
        super().on_connection_close()

    def _check_size(self) -> None:
        if self._arrived_bytes > self._body_limit():
            raise too_large(self._body_limit())

    def _refuse_after_body(self, refusal: Exception) -> None:
        self._refusal = refusal
        setattr(self, str(self.request.method).lower(), self._refuse)

    async def _refuse(self, *_arguments: str) -> None:
        if self._refusal and not self._answered:
            raise self._refusal

    async def _answer_if_long(self) -> None:
        if not self._refusal or self._answered or not self._is_to_come(EASILY_DRAINED_BYTES):
            return
        self._answered = True
        status = getattr(self._refusal, "status_code", HTTPStatus.INTERNAL_SERVER_ERROR)
        self.log_exception(type(self._refusal), self._refusal, None)
        document = self._problem(status, self._refusal).encode()
        self.set_header("Content-Length", str(len(document)))
        self.set_header("Connection", "close")
        self.write(document)
        with contextlib.suppress(StreamClosedError):
            await self.flush()

    def _is_to_come(self, more_than_bytes: int) -> bool:
        if "Transfer-Encoding" in self.request.headers:
            return True
        declared = self.request.headers.get("Content-Length", "")
        if not declared.isdecimal():
            return False
        return int(declared[:20]) - self._arrived_bytes > more_than_bytes

    def _drop(self, chunk: bytes) -> None:
        self._dropped_bytes += len(chunk)
        if self._answered and self._dropped_bytes > DISCARD_LIMIT_BYTES and not self._finished:
            # Tornado closes the connection: the body was not read to its end.
            self.finish()

    def _watch_progress(self) -> None:
        wait_s = self.services.settings.upload_idle_timeout_s
        loop = asyncio.get_running_loop()
        self._watch = loop.call_later(wait_s, self._check_progress, self._arrived_bytes)

    def _check_progress(self, before_bytes: int) -> None:
        if self._consuming or self._arrived_bytes - before_bytes >= PROGRESS_BYTES:
            self._watch_progress()
            return
        late = too_slow()
        if not self._refusal:
            self._refuse_after_body(late)
            self.abandon()
        if self._answered and not self._finished:
            self.finish()
        elif not self._answered:
            self._answered = True
            self.send_error(late.status_code, exc_info=(type(late), late, None))

    def _stop_watch(self) -> None:
        if self._watch:
            self._watch.cancel()
            self._watch = None

    def _connection(self) -> HTTP1Connection:
        return cast("HTTP1Connection", self.request.connection)
