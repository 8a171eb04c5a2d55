"""Uploads as the API shows them, and the small texts around: cursors, file names, CSV cells."""

import base64
import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import quote
from uuid import UUID

from reference_app.http.problems import FieldError, ProblemError
from reference_app.uploads.store import PageStart, RowError, Upload

MAX_CURSOR_CHARS = 200
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def upload_document(upload: Upload) -> dict[str, object]:
    """An upload, without its lines."""
    return {
        "id": str(upload.id),
        "filename": upload.filename,
        "media_type": upload.media_type,
        "status": upload.status,
        "size_bytes": upload.size_bytes,
        "sha256": upload.sha256,
        "counts": {
            "rows": upload.rows_total,
            "created": upload.rows_created,
            "duplicate": upload.rows_duplicate,
            "invalid": upload.rows_invalid,
            "blacklisted": upload.rows_blacklisted,
        },
        "failure": upload.failure,
        "created_at": upload.created_at.isoformat(),
        "column_mapping": upload.column_mapping,
        **_waiting(upload),
    }


def _waiting(upload: Upload) -> dict[str, object]:
    if upload.status != "awaiting_mapping":
        return {}
    return {
        "headers": upload.headers or [],
        "suggested_mapping": upload.suggested_mapping or {},
    }


def cursor_after(upload: Upload) -> str:
    """What asks for the page after the one that this upload ends."""
    place = f"{upload.created_at.isoformat()} {upload.id}"
    return base64.urlsafe_b64encode(place.encode()).decode()


def page_start(cursor: str) -> PageStart:
    """Where a cursor points to, or the refusal of one that is not ours."""
    try:
        place = base64.b64decode(cursor[:MAX_CURSOR_CHARS], altchars=b"-_", validate=True)
        at, _, upload_id = place.decode("ascii").partition(" ")
        # In UTC, which also refuses what lies beyond the calendar's ends.
        return PageStart(datetime.fromisoformat(at).astimezone(UTC), UUID(upload_id))
    except (ValueError, OverflowError):
        raise bad_query("cursor", "is none of ours") from None


def bad_query(name: str, reason: str) -> ProblemError:
    """The refusal of a parameter of the query."""
    return ProblemError(HTTPStatus.BAD_REQUEST, "The query is malformed.", FieldError(name, reason))


def content_disposition(filename: str) -> str:
    """A download name that no header or path can be smuggled through (RFC 6266)."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-") else "_" for c in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def errors_csv(errors: Iterable[RowError]) -> str:
    """Lines of the CSV of refused lines."""
    text = io.StringIO()
    csv.writer(text).writerows((error.line, _as_text(error.reason)) for error in errors)
    return text.getvalue()


def _as_text(cell: str) -> str:
    # A spreadsheet would take it for a formula, and the reason may quote what the file said.
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
