"""PUT /api/uploads/{id}/mapping: say which column holds what, and let the file be processed."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar
from uuid import uuid4

from reference_app.http.problems import FieldError, ProblemError, UnavailableError
from reference_app.scopes import WRITE_UPLOADS
from reference_app.uploads.column_mapping import ColumnMapping, MappingError, fold, mapping_from
from reference_app.uploads.job_request import job_for
from reference_app.uploads.routes import UploadHandler
from reference_app.uploads.store import Upload


class UploadMappingHandler(UploadHandler):
    """The mapping of one upload."""

    max_body_bytes = 16 * 1024
    scopes: ClassVar[Mapping[str, str]] = {"PUT": WRITE_UPLOADS}

    def check_headers(self) -> None:
        """Take JSON only."""
        if self.media_type != "application/json":
            raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send application/json.")

    async def put(self, upload_id: str) -> None:
        """Confirm a mapping; what is left out is taken from the suggestion."""
        given = _json_object(self.body())
        upload = await self.upload(upload_id)
        if upload.status != "awaiting_mapping":
            raise _does_not_wait()
        mapping = _confirmed(given, upload)
        if not await self.services.uploads.confirm_mapping(self.account, upload.id, mapping):
            raise _does_not_wait()
        await self._enqueue(upload)
        self.set_header("Location", f"/api/uploads/{upload.id}")
        self.write_json({"id": str(upload.id), "status": "pending"}, HTTPStatus.ACCEPTED)

    async def _enqueue(self, upload: Upload) -> None:
        # The first run holds the upload's own key and id; the row lets only one caller come here.
        run = uuid4().hex
        job = job_for(upload.id, run, self.request_id)
        try:
            await self.services.queue.claim(f"tether:upload:{upload.id}:{run}", job)
        except UnavailableError:
            # Should the job be queued all the same, it finds nothing to do, or has begun already.
            await self.services.uploads.await_mapping_again(self.account, upload.id)
            raise


def _json_object(body: bytes) -> dict[str, object]:
    try:
        given = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise ProblemError(HTTPStatus.BAD_REQUEST, "The body is not JSON.") from None
    if not isinstance(given, dict):
        raise _unusable("is not a JSON object")
    return given


def _confirmed(given: dict[str, object], upload: Upload) -> ColumnMapping:
    suggested = {
        column: header for column, header in (upload.suggested_mapping or {}).items() if header
    }
    try:
        mapping = mapping_from({**suggested, **given})
    except MappingError as error:
        raise _unusable(error.error.reason) from None
    known = [fold(header) for header in upload.headers or []]
    for column, header in mapping.to_fields().items():
        # One that stands there twice names no column either, and the job would fail for good.
        if known.count(fold(header)) != 1:
            raise _unusable(f"{column} is not the header of one column of the file")
    return mapping


def _does_not_wait() -> ProblemError:
    return ProblemError(HTTPStatus.CONFLICT, "The upload does not wait for a mapping.")


def _unusable(reason: str) -> ProblemError:
    return ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The mapping cannot be used.",
        FieldError("column_mapping", reason),
    )
