"""Uploads as the API reads and writes them in Postgres; every query names the account."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from reference_app.database import Database
from reference_app.uploads.column_mapping import ColumnMapping

_UPLOADS = """
    SELECT id, filename, object_key, media_type, status, size_bytes, sha256, rows_total,
           rows_created, rows_duplicate, rows_invalid, rows_blacklisted, failure, created_at,
           column_mapping, headers, suggested_mapping
    FROM uploads WHERE account = %s"""

_FIND = _UPLOADS + " AND id = %s"

_PAGE = (
    _UPLOADS
    + """
    AND (%s::timestamptz IS NULL OR created_at < %s OR (created_at = %s AND id > %s))
    ORDER BY created_at DESC, id LIMIT %s"""
)

# A debtor has a payment once it was billed and the gateway has given the payment its id.
_DEBTORS = """
    SELECT d.line, d.iban, d.name, d.amount_cents, d.currency, p.status
    FROM debtors d
    LEFT JOIN billing_attempts b ON b.debtor_id = d.id
    LEFT JOIN payments p ON p.unique_id = b.unique_id
    WHERE d.upload_id = %s AND d.line > %s ORDER BY d.line LIMIT %s"""


@dataclass(frozen=True)
class NewUpload:
    """An upload about to be recorded; its object is in the bucket already."""

    id: UUID
    account: str
    filename: str
    object_key: str
    media_type: str
    size_bytes: int
    sha256: str
    column_mapping: ColumnMapping | None
    """None: the job takes the columns for what their headers say."""


@dataclass(frozen=True)
class Upload:
    """An upload as recorded."""

    id: UUID
    filename: str
    object_key: str
    media_type: str
    status: str
    size_bytes: int
    sha256: str
    rows_total: int
    rows_created: int
    rows_duplicate: int
    rows_invalid: int
    rows_blacklisted: int
    failure: str | None
    created_at: datetime
    column_mapping: Mapping[str, str] | None
    headers: list[str] | None
    suggested_mapping: Mapping[str, str] | None


@dataclass(frozen=True)
class PageStart:
    """The upload that the page before ended with."""

    created_at: datetime
    id: UUID


@dataclass(frozen=True)
class RowError:
    """A line of the file that made no debtor."""

    line: int
    reason: str


@dataclass(frozen=True)
class Debtor:
    """A line of the file that did."""

    line: int
    iban: str
    name: str
    amount_cents: int
    currency: str
    status: str | None
    """Of its payment; None as long as there is none."""


class UploadStore:
    """Reads and writes; each call is bounded in time or raises UnavailableError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, upload: NewUpload) -> None:
        """Record a pending upload."""
        mapping = upload.column_mapping
        await self._database.execute(
            """INSERT INTO uploads (id, account, filename, object_key, media_type, size_bytes,
                                    sha256, status, column_mapping)
               VALUES (%s, %s, %s, %s, %s, %s, %s, 'pending', %s)""",
            upload.id,
            upload.account,
            upload.filename,
            upload.object_key,
            upload.media_type,
            upload.size_bytes,
            upload.sha256,
            Jsonb(mapping.to_fields()) if mapping else None,
        )

    async def mark_failed(self, upload_id: UUID, reason: str) -> None:
        """Record that an upload will not be processed; a job already at it is not disturbed."""
        await self._database.execute(
            """UPDATE uploads SET status = 'failed', failure = %s, updated_at = now()
               WHERE id = %s AND status = 'pending'""",
            reason,
            upload_id,
        )

    async def confirm_mapping(self, account: str, upload_id: UUID, mapping: ColumnMapping) -> bool:
        """Let an upload that waits for its mapping be processed; False if it does not wait."""
        confirmed = await self._database.fetch(
            scalar_row,
            """UPDATE uploads SET status = 'pending', column_mapping = %s, updated_at = now()
               WHERE id = %s AND account = %s AND status = 'awaiting_mapping' RETURNING id""",
            Jsonb(mapping.to_fields()),
            upload_id,
            account,
        )
        return bool(confirmed)

    async def await_mapping_again(self, account: str, upload_id: UUID) -> None:
        """Take a confirmation back; a job already at the upload is not disturbed."""
        await self._database.execute(
            """UPDATE uploads SET status = 'awaiting_mapping', column_mapping = NULL,
                                  updated_at = now()
               WHERE id = %s AND account = %s AND status = 'pending'""",
            upload_id,
            account,
        )

    async def find(self, account: str, upload_id: UUID) -> Upload | None:
        """One upload of the account."""
        found = await self._database.fetch(class_row(Upload), _FIND, account, upload_id)
        return found[0] if found else None

    async def page(self, account: str, after: PageStart | None, limit: int) -> list[Upload]:
        """The account's uploads, newest first, from the start of a page on."""
        at, last_id = (after.created_at, after.id) if after else (None, None)
        return await self._database.fetch(
            class_row(Upload), _PAGE, account, at, at, at, last_id, limit
        )

    async def row_errors(self, upload_id: UUID, after_line: int, limit: int) -> list[RowError]:
        """The lines of an upload that were refused, in order, a page at a time."""
        return await self._database.fetch(
            class_row(RowError),
            """SELECT line, reason FROM upload_row_errors
               WHERE upload_id = %s AND line > %s ORDER BY line LIMIT %s""",
            upload_id,
            after_line,
            limit,
        )

    async def count_row_errors(self, upload_id: UUID) -> int:
        """How many lines of an upload were refused."""
        [count] = await self._database.fetch(
            scalar_row, "SELECT count(*) FROM upload_row_errors WHERE upload_id = %s", upload_id
        )
        return int(count)

    async def debtors(self, upload_id: UUID, after_line: int, limit: int) -> list[Debtor]:
        """A page of debtors, by line."""
        return await self._database.fetch(class_row(Debtor), _DEBTORS, upload_id, after_line, limit)
