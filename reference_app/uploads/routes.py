"""/api/uploads: take files, show what became of them, give them back."""

import hashlib
from functools import partial
from http import HTTPStatus
from urllib.parse import quote
from uuid import UUID, uuid4

import structlog

from reference_app.bucket import CHUNK_BYTES, ObjectMissingError, ObjectStream
from reference_app.database import within
from reference_app.http.auth import AccountHandler
from reference_app.http.problems import FieldError, ProblemError, UnavailableError
from reference_app.queueing.policies import DEFAULT, JobRequest
from reference_app.uploads.form import MULTIPART, UploadForm, parse_upload
from reference_app.uploads.store import NewUpload, Upload

PROCESS_JOB = "reference_app.uploads.job.process_upload"
STORE_TIMEOUT_S = 6.0
DEBTORS_DEFAULT, DEBTORS_MAX = 100, 1000
MAX_LINE = 2**31 - 1
UUID_CHARS = 36

log = structlog.get_logger("uploads")


class UploadHandler(AccountHandler):
    """A route under one upload of the caller's account."""

    async def upload(self, text: str) -> Upload:
        """The upload of that id; malformed, unknown and other people's ids are all 404."""
        try:
            upload_id = UUID(text) if len(text) == UUID_CHARS else None
        except ValueError:
            upload_id = None
        found = upload_id and await self.services.uploads.find(self.account, upload_id)
        if not found:
            raise ProblemError(HTTPStatus.NOT_FOUND, "There is no such upload.")
        return found


class UploadsHandler(AccountHandler):
    """The collection."""

    max_body_bytes = None

    def check_headers(self) -> None:
        """Take multipart forms only."""
        given = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if self.request.method == "POST" and given != MULTIPART:
            raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send {MULTIPART}.")

    async def get(self) -> None:
        """List the newest uploads."""
        uploads = await self.services.uploads.newest(self.account)
        self.write_json({"items": [summary(upload) for upload in uploads]})

    async def post(self) -> None:
        """Store a file and queue its processing: object, then row, then job."""
        form = parse_upload(
            self.request.headers["Content-Type"],
            self.body(),
            self.services.settings.upload_max_bytes,
        )
        upload = new_upload(self.account, form)
        await self._store(upload, form.content)
        await self._enqueue(upload)
        self.set_header("Location", f"/api/uploads/{upload.id}")
        self.write_json({"id": str(upload.id), "status": "pending"}, HTTPStatus.ACCEPTED)

    async def _store(self, upload: NewUpload, content: bytes) -> None:
        put = partial(self.services.bucket.put, upload.object_key, content, "text/csv")
        await within(STORE_TIMEOUT_S, "bucket", self.services.threads.run(put))
        try:
            await self.services.uploads.add(upload)
        except UnavailableError:
            # The row may have been committed all the same, so the object stays: one without a
            # row is harmless, a row without its object is a lost file.
            log.warning("object_without_row", object_key=upload.object_key)
            raise

    async def _enqueue(self, upload: NewUpload) -> None:
        try:
            await self.services.queue.claim(
                f"tether:upload:{upload.id}", job_for(upload, self.request_id)
            )
        except UnavailableError:
            await self.services.uploads.mark_failed(upload.id, "The upload could not be queued.")
            raise


class UploadStatusHandler(UploadHandler):
    """One upload."""

    async def get(self, upload_id: str) -> None:
        """Show how far the upload is and which lines were refused."""
        upload = await self.upload(upload_id)
        errors = await self.services.uploads.row_errors(upload.id)
        shown = [{"line": error.line, "reason": error.reason} for error in errors]
        self.write_json({**summary(upload), "errors": shown})


class UploadDebtorsHandler(UploadHandler):
    """The debtors of one upload."""

    async def get(self, upload_id: str) -> None:
        """Show a page of debtors, after the line that the page before ended with."""
        after = self._number("after", 0, lowest=0, highest=MAX_LINE)
        limit = self._number("limit", DEBTORS_DEFAULT, lowest=1, highest=DEBTORS_MAX)
        upload = await self.upload(upload_id)
        found = await self.services.uploads.debtors(upload.id, after, limit + 1)
        page = found[:limit]
        items = [
            {
                "line": debtor.line,
                "iban": debtor.iban,
                "name": debtor.name,
                "amount_cents": debtor.amount_cents,
                "currency": debtor.currency,
            }
            for debtor in page
        ]
        self.write_json({"items": items, "next": page[-1].line if len(found) > limit else None})

    def _number(self, name: str, default: int, *, lowest: int, highest: int) -> int:
        given = self.get_query_arguments(name)
        text = given[-1] if given else str(default)
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_LINE))):
            raise _bad_query(name, "is not a whole number")
        if not lowest <= int(text) <= highest:
            raise _bad_query(name, f"is not between {lowest} and {highest}")
        return int(text)


class UploadDownloadHandler(UploadHandler):
    """The file of one upload."""

    async def get(self, upload_id: str) -> None:
        """Stream the file from the bucket, byte for byte as it was uploaded."""
        upload = await self.upload(upload_id)
        self.set_header("ETag", f'"{upload.sha256}"')
        if self.check_etag_header():
            self.set_status(HTTPStatus.NOT_MODIFIED)
            return
        self.set_header("Content-Type", "text/csv")
        self.set_header("Content-Length", str(upload.size_bytes))
        self.set_header("Content-Disposition", content_disposition(upload.filename))
        if self.request.method != "HEAD":
            await self._stream(upload)

    async def _stream(self, upload: Upload) -> None:
        threads = self.services.threads
        opened = partial(self.services.bucket.open, upload.object_key)
        try:
            source: ObjectStream = await threads.run(opened)
        except ObjectMissingError as missing:
            log.warning("object_missing", upload_id=str(upload.id), object_key=upload.object_key)
            raise ProblemError(
                HTTPStatus.NOT_FOUND, "The file of this upload is gone."
            ) from missing
        try:
            while chunk := await threads.run(partial(source.read, CHUNK_BYTES)):
                self.write(chunk)
                await self.flush()
        finally:
            await threads.run(source.close)


def new_upload(account: str, form: UploadForm) -> NewUpload:
    """A new upload of the account, with its place in the bucket."""
    upload_id = uuid4()
    return NewUpload(
        id=upload_id,
        account=account,
        filename=form.filename,
        object_key=f"uploads/{upload_id}.csv",
        size_bytes=len(form.content),
        sha256=hashlib.sha256(form.content).hexdigest(),
        column_mapping=form.mapping,
    )


def job_for(upload: NewUpload, request_id: str) -> JobRequest:
    """The job that processes an upload."""
    return JobRequest(
        queue=DEFAULT,
        function=PROCESS_JOB,
        args=(str(upload.id),),
        job_id=f"upload-{upload.id}",
        description=f"upload {upload.id}",
        meta={"request_id": request_id},
    )


def summary(upload: Upload) -> dict[str, object]:
    """An upload as the API shows it."""
    return {
        "id": str(upload.id),
        "filename": upload.filename,
        "status": upload.status,
        "size_bytes": upload.size_bytes,
        "sha256": upload.sha256,
        "counts": {
            "rows": upload.rows_total,
            "created": upload.rows_created,
            "duplicate": upload.rows_duplicate,
            "invalid": upload.rows_invalid,
        },
        "failure": upload.failure,
        "created_at": upload.created_at.isoformat(),
    }


def content_disposition(filename: str) -> str:
    """A download name that no header or path can be smuggled through (RFC 6266)."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-") else "_" for c in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def _bad_query(name: str, reason: str) -> ProblemError:
    return ProblemError(HTTPStatus.BAD_REQUEST, "The query is malformed.", FieldError(name, reason))
