"""What an upload does: its file becomes debtors, all of them or none."""

import hashlib
import tempfile
from dataclasses import dataclass
from typing import IO
from uuid import UUID

import psycopg
import structlog

from reference_app.bucket import CHUNK_BYTES, Bucket, ObjectMissingError
from reference_app.job_database import JobDatabase
from reference_app.uploads.amounts import CURRENCY
from reference_app.uploads.column_mapping import ColumnMapping, mapping_from
from reference_app.uploads.spreadsheet import FileRejectedError, ParsedFile, parse_csv

STATEMENT_TIMEOUT_MS = 60_000

log = structlog.get_logger("uploads")


class ObjectDiffersError(Exception):
    """The bucket did not give back the bytes that were uploaded; trying again may help."""


@dataclass(frozen=True)
class ClaimedUpload:
    """An upload that this run is to process."""

    id: UUID
    account: str
    object_key: str
    sha256: str
    mapping: ColumnMapping


def process(database: JobDatabase, bucket: Bucket, upload_id: UUID) -> None:
    """Process one upload; harmless when it runs again, or twice at the same time."""
    upload = _claim(database, upload_id)
    if upload is None:
        log.info("upload_already_settled", upload_id=str(upload_id))
        return
    try:
        parsed = _read(bucket, upload)
    except FileRejectedError as error:
        fail(database, upload_id, str(error))
    except ObjectMissingError:
        fail(database, upload_id, "The file is not in the bucket.")
    else:
        _complete(database, upload, parsed)


def fail(database: JobDatabase, upload_id: UUID, reason: str) -> None:
    """Settle an upload as failed, unless it is settled already."""
    with database.transaction(STATEMENT_TIMEOUT_MS) as connection:
        connection.execute(
            """UPDATE uploads SET status = 'failed', failure = %s, updated_at = now()
               WHERE id = %s AND status IN ('pending', 'processing')""",
            (reason, upload_id),
        )
    log.warning("upload_failed", upload_id=str(upload_id), reason=reason)


def _claim(database: JobDatabase, upload_id: UUID) -> ClaimedUpload | None:
    with database.transaction(STATEMENT_TIMEOUT_MS) as connection:
        # "processing" counts as claimable: the run that set it may have been killed.
        row = connection.execute(
            """UPDATE uploads SET status = 'processing', updated_at = now()
               WHERE id = %s AND status IN ('pending', 'processing')
               RETURNING account, object_key, sha256, column_mapping""",
            (upload_id,),
        ).fetchone()
    if row is None:
        return None
    account, object_key, sha256, mapping = row
    return ClaimedUpload(upload_id, account, object_key, sha256, mapping_from(mapping or {}))


def _read(bucket: Bucket, upload: ClaimedUpload) -> ParsedFile:
    # Without a name on the disk: nothing is left behind, however this process ends.
    with tempfile.TemporaryFile() as file:
        bucket.copy_to(upload.object_key, file)
        if _sha256(file) != upload.sha256:
            raise ObjectDiffersError(upload.object_key)
        return parse_csv(file, upload.mapping)


def _sha256(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def _complete(database: JobDatabase, upload: ClaimedUpload, parsed: ParsedFile) -> None:
    with database.transaction(STATEMENT_TIMEOUT_MS) as connection:
        # The row lock makes a second run of the same job wait here, and then find it settled.
        open_row = connection.execute(
            "SELECT 1 FROM uploads WHERE id = %s AND status = 'processing' FOR UPDATE", (upload.id,)
        ).fetchone()
        if open_row is None:
            return
        _write_debtors(connection, upload, parsed)
        _write_problems(connection, upload, parsed)
        _settle(connection, upload, parsed)
    log.info(
        "upload_completed", upload_id=str(upload.id), rows=parsed.rows, created=len(parsed.debtors)
    )


def _write_debtors(
    connection: psycopg.Connection, upload: ClaimedUpload, parsed: ParsedFile
) -> None:
    statement = (
        "COPY debtors (upload_id, account, line, iban, name, amount_cents, currency) FROM STDIN"
    )
    with connection.cursor().copy(statement) as copy:
        for debtor in parsed.debtors:
            copy.write_row(
                (
                    upload.id,
                    upload.account,
                    debtor.line,
                    debtor.iban,
                    debtor.name,
                    debtor.amount_cents,
                    CURRENCY,
                )
            )


def _write_problems(
    connection: psycopg.Connection, upload: ClaimedUpload, parsed: ParsedFile
) -> None:
    statement = "COPY upload_row_errors (upload_id, line, reason) FROM STDIN"
    with connection.cursor().copy(statement) as copy:
        for problem in parsed.problems:
            copy.write_row((upload.id, problem.line, problem.reason))


def _settle(connection: psycopg.Connection, upload: ClaimedUpload, parsed: ParsedFile) -> None:
    connection.execute(
        """UPDATE uploads SET status = 'completed', rows_total = %s, rows_created = %s,
               rows_duplicate = %s, rows_invalid = %s, updated_at = now() WHERE id = %s""",
        (parsed.rows, len(parsed.debtors), parsed.duplicates, parsed.invalid, upload.id),
    )
