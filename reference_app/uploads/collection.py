"""/api/uploads: take files and list them. A file goes into the bucket as it arrives."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar
from uuid import UUID, uuid4

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from reference_app.http.auth import AccountHandler
from reference_app.http.problems import ProblemError, UnavailableError
from reference_app.http.streamed_body import StreamedBodyHandler
from reference_app.scopes import READ_UPLOADS, WRITE_UPLOADS
from reference_app.transfer import StoredFile, Transfer
from reference_app.uploads.file_types import FileFormat
from reference_app.uploads.form import MULTIPART, FormReader, UploadForm
from reference_app.uploads.job_request import job_for
from reference_app.uploads.routes import PAGE_DEFAULT, whole_number
from reference_app.uploads.store import NewUpload
from reference_app.uploads.views import cursor_after, page_start, upload_document

UPLOADS_PAGE_MAX = 100

log = structlog.get_logger("uploads")


class UploadsHandler(StreamedBodyHandler, AccountHandler):
    """The collection."""

    max_body_bytes = None
    scopes: ClassVar[Mapping[str, str]] = {"GET": READ_UPLOADS, "POST": WRITE_UPLOADS}

    _form: FormReader | None = None
    _transfer: Transfer | None = None

    def check_headers(self) -> None:
        """Take multipart forms only."""
        if self.request.method == "POST" and self.media_type != MULTIPART:
            raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send {MULTIPART}.")

    async def get(self) -> None:
        """List uploads, newest first, a page at a time."""
        limit = whole_number(self, "limit", PAGE_DEFAULT, lowest=1, highest=UPLOADS_PAGE_MAX)
        given = self.get_query_arguments("cursor")
        after = page_start(given[-1]) if given else None
        found = await self.services.uploads.page(self.account, after, limit + 1)
        page = found[:limit]
        following = cursor_after(page[-1]) if len(found) > limit else None
        items = [upload_document(upload) for upload in page]
        self.write_json({"items": items, "next": following})

    async def consume(self, chunk: bytes) -> None:
        """Read on in the form; its file goes to the bucket."""
        await self._reader().feed(chunk)

    def abandon(self) -> None:
        """Store nothing."""
        if self._transfer:
            self._transfer.abort()

    async def post(self) -> None:
        """Store a file and queue its processing: object, then row, then job."""
        self.body_is_complete()
        upload = await self._complete()
        await self._record(upload)
        await self._enqueue(upload)
        self.set_header("Location", f"/api/uploads/{upload.id}")
        self.write_json({"id": str(upload.id), "status": "pending"}, HTTPStatus.ACCEPTED)

    def _reader(self) -> FormReader:
        if not self._form:
            self._upload_id = uuid4()
            limit = self.services.settings.upload_max_bytes
            content_type = self.request.headers["Content-Type"]
            self._form = FormReader(content_type, limit, self._open_sink)
        return self._form

    def _open_sink(self, file_format: FileFormat) -> Transfer:
        bucket, threads = self.services.bucket, self.services.upload_threads
        key = _object_key(self._upload_id, file_format)
        self._transfer = Transfer(bucket, threads, key, file_format.media_type)
        return self._transfer

    async def _complete(self) -> NewUpload:
        # Only a form that is right to its end makes an object: until then the transfer is open.
        try:
            form = self._reader().finish()
        except ProblemError:
            self.abandon()
            raise
        assert self._transfer  # noqa: S101  a form without a file was refused above
        stored = await self._transfer.finish()
        return _new_upload(self._upload_id, self.account, form, stored)

    async def _record(self, upload: NewUpload) -> None:
        try:
            await self.services.uploads.add(upload)
        except UnavailableError as error:
            # The row may have been committed all the same, so the object stays: one without a
            # row is harmless, a row without its object is a lost file.
            if isinstance(error.__cause__, PoolTimeout):
                self._discard()
            else:
                log.warning("object_without_row", object_key=upload.object_key)
            raise
        except psycopg.Error as error:
            self._discard()
            raise UnavailableError("postgres") from error

    def _discard(self) -> None:
        if self._transfer:
            self._transfer.discard()

    async def _enqueue(self, upload: NewUpload) -> None:
        try:
            await self.services.queue.claim(
                f"tether:upload:{upload.id}", job_for(upload.id, "", self.request_id)
            )
        except UnavailableError:
            await self.services.uploads.mark_failed(upload.id, "The upload could not be queued.")
            raise


def _object_key(upload_id: UUID, file_format: FileFormat) -> str:
    return f"uploads/{upload_id}{file_format.extension}"


def _new_upload(upload_id: UUID, account: str, form: UploadForm, stored: StoredFile) -> NewUpload:
    return NewUpload(
        id=upload_id,
        account=account,
        filename=form.filename,
        object_key=_object_key(upload_id, form.format),
        media_type=form.format.media_type,
        size_bytes=stored.size_bytes,
        sha256=stored.sha256,
        column_mapping=form.mapping,
    )
