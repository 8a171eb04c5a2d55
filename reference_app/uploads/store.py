"""Uploads as the API reads and writes them in Postgres; every query names the account."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from reference_app.database import Database
from reference_app.uploads.column_mapping import ColumnMapping

LIST_LIMIT = 100

_FIND = """
    SELECT id, filename, object_key, status, size_bytes, sha256, rows_total, rows_created,
           rows_duplicate, rows_invalid, failure, created_at
    FROM uploads WHERE id = %s AND account = %s"""

_NEWEST = """
    SELECT id, filename, object_key, status, size_bytes, sha256, rows_total, rows_created,
           rows_duplicate, rows_invalid, failure, created_at
    FROM uploads WHERE account = %s ORDER BY created_at DESC, id LIMIT %s"""


@dataclass(frozen=True)
class NewUpload:
    """An upload about to be recorded; its object is in the bucket already."""

    id: UUID
    account: str
    filename: str
    object_key: str
    size_bytes: int
    sha256: str
    column_mapping: ColumnMapping


@dataclass(frozen=True)
class Upload:
    """An upload as recorded."""

    id: UUID
    filename: str
    object_key: str
    status: str
    size_bytes: int
    sha256: str
    rows_total: int
    rows_created: int
    rows_duplicate: int
    rows_invalid: int
    failure: str | None
    created_at: datetime


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


class UploadStore:
    """Reads and writes; each call is bounded in time or raises UnavailableError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, upload: NewUpload) -> None:
        """Record a pending upload."""
        await self._database.execute(
            """INSERT INTO uploads (id, account, filename, object_key, size_bytes, sha256,
                                    status, column_mapping)
               VALUES (%s, %s, %s, %s, %s, %s, 'pending', %s)""",
            upload.id,
            upload.account,
            upload.filename,
            upload.object_key,
            upload.size_bytes,
            upload.sha256,
            Jsonb(upload.column_mapping.to_fields()),
        )

    async def mark_failed(self, upload_id: UUID, reason: str) -> None:
        """Record that an upload will not be processed; a job already at it is not disturbed."""
        await self._database.execute(
            """UPDATE uploads SET status = 'failed', failure = %s, updated_at = now()
               WHERE id = %s AND status = 'pending'""",
            reason,
            upload_id,
        )

    async def find(self, account: str, upload_id: UUID) -> Upload | None:
        """One upload of the account."""
        found = await self._database.fetch(class_row(Upload), _FIND, upload_id, account)
        return found[0] if found else None

    async def newest(self, account: str) -> list[Upload]:
        """The account's uploads, newest first."""
        return await self._database.fetch(class_row(Upload), _NEWEST, account, LIST_LIMIT)

    async def row_errors(self, upload_id: UUID) -> list[RowError]:
        """The lines of an upload that were refused, in order."""
        return await self._database.fetch(
            class_row(RowError),
            "SELECT line, reason FROM upload_row_errors WHERE upload_id = %s ORDER BY line",
            upload_id,
        )

    async def debtors(self, upload_id: UUID, after_line: int, limit: int) -> list[Debtor]:
        """A page of debtors, by line."""
        return await self._database.fetch(
            class_row(Debtor),
            """SELECT line, iban, name, amount_cents, currency FROM debtors
               WHERE upload_id = %s AND line > %s ORDER BY line LIMIT %s""",
            upload_id,
            after_line,
            limit,
        )
