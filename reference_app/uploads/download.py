"""Give back what was uploaded, and the lines of it that were refused."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from http import HTTPStatus
from typing import cast

import structlog
from tornado.http1connection import HTTP1Connection
from tornado.iostream import StreamClosedError

from reference_app.bucket import CHUNK_BYTES, ObjectMissingError, ObjectStream
from reference_app.database import within
from reference_app.http.problems import ProblemError, UnavailableError
from reference_app.uploads.ranges import ByteRange, UnsatisfiableRangeError, requested_range
from reference_app.uploads.routes import UploadHandler
from reference_app.uploads.store import RowError, Upload
from reference_app.uploads.views import content_disposition, errors_csv

BUCKET_TIMEOUT_S = 10.0
CALLER_TIMEOUT_S = 60.0
"""How long a caller may take to read one chunk."""
ERRORS_AT_ONCE = 1000

log = structlog.get_logger("uploads")


class StreamedAnswerHandler(UploadHandler):
    """A route whose answer is sent piece by piece."""

    def set_attachment(self, media_type: str, filename: str) -> None:
        """Let no browser show the content as if it were ours."""
        self.set_header("Content-Type", media_type)
        self.set_header("Content-Disposition", content_disposition(filename))
        self.set_header("Content-Security-Policy", "sandbox; default-src 'none'")

    async def send(self, chunks: AsyncIterator[bytes]) -> None:
        """Send all, no faster than the caller reads; cut the connection if that breaks.

        Ended properly, a short answer could pass for the whole.
        """
        try:
            async for chunk in chunks:
                self.write(chunk)
                await asyncio.wait_for(self.flush(), CALLER_TIMEOUT_S)
        except (UnavailableError, TimeoutError) as error:
            log.warning("answer_cut", path=self.request.path, error=repr(error))
            cast("HTTP1Connection", self.request.connection).close()
        except StreamClosedError:
            log.info("caller_left", path=self.request.path)


class UploadDownloadHandler(StreamedAnswerHandler):
    """The file of one upload."""

    async def get(self, upload_id: str) -> None:
        """Stream the file, or a part of it, byte for byte as it was uploaded."""
        upload = await self.upload(upload_id)
        self.set_header("ETag", f'"{upload.sha256}"')
        self.set_header("Accept-Ranges", "bytes")
        if self.check_etag_header():
            self.set_status(HTTPStatus.NOT_MODIFIED)
            return
        part = self._part(upload)
        self.set_attachment(upload.media_type, upload.filename)
        if self.request.method == "HEAD":
            self.set_header("Content-Length", str(upload.size_bytes))
            return
        source = await self._open(upload, part)
        if part:
            self.set_status(HTTPStatus.PARTIAL_CONTENT)
            self.set_header("Content-Range", part.content_range(upload.size_bytes))
        self.set_header("Content-Length", str(part.length if part else upload.size_bytes))
        try:
            await self.send(self._chunks(source))
        finally:
            await self.services.threads.run(source.close)

    def _part(self, upload: Upload) -> ByteRange | None:
        headers = self.request.headers
        # A date cannot match: this file has an ETag only.
        if self.request.method != "GET" or headers.get("If-Range") not in {
            None,
            f'"{upload.sha256}"',
        }:
            return None
        try:
            return requested_range(headers.get("Range"), upload.size_bytes)
        except UnsatisfiableRangeError:
            raise ProblemError(
                HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
                "The file has no such range.",
                headers={"Content-Range": f"bytes */{upload.size_bytes}"},
            ) from None

    async def _open(self, upload: Upload, part: ByteRange | None) -> ObjectStream:
        first, length = (part.first, part.length) if part else (0, 0)
        opened = partial(self.services.bucket.open, upload.object_key, first, length)
        try:
            return await within(BUCKET_TIMEOUT_S, "bucket", self.services.threads.run(opened))
        except ObjectMissingError as missing:
            log.warning("object_missing", upload_id=str(upload.id), object_key=upload.object_key)
            raise ProblemError(
                HTTPStatus.NOT_FOUND, "The file of this upload is gone."
            ) from missing

    async def _chunks(self, source: ObjectStream) -> AsyncIterator[bytes]:
        threads = self.services.threads
        read = partial(source.read, CHUNK_BYTES)
        while chunk := await within(BUCKET_TIMEOUT_S, "bucket", threads.run(read)):
            yield chunk


class UploadErrorsHandler(StreamedAnswerHandler):
    """The refused lines of one upload."""

    async def get(self, upload_id: str) -> None:
        """Stream them all as CSV, for the one who has to mend the file."""
        upload = await self.upload(upload_id)
        first = await self._page(upload, 0)
        self.set_attachment("text/csv; charset=utf-8", f"errors-{upload.id}.csv")
        if self.request.method != "HEAD":
            await self.send(self._chunks(upload, first))

    async def _page(self, upload: Upload, after_line: int) -> list[RowError]:
        return await self.services.uploads.row_errors(upload.id, after_line, ERRORS_AT_ONCE)

    async def _chunks(self, upload: Upload, page: list[RowError]) -> AsyncIterator[bytes]:
        yield b"line,reason\r\n"
        while page:
            yield errors_csv(page).encode()
            page = await self._page(upload, page[-1].line)
