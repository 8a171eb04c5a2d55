"""What an upload does: its file becomes debtors, all of them or none."""

import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import IO
from uuid import UUID

import structlog
from psycopg.types.json import Jsonb

from reference_app.bucket import Bucket, ObjectMissingError
from reference_app.job_database import JobDatabase
from reference_app.uploads import sandbox
from reference_app.uploads.column_mapping import ColumnMapping, mapping_from
from reference_app.uploads.reading import Reading, read_file
from reference_app.uploads.settling import settle
from reference_app.uploads.table import FileRejectedError

SETTLE_TIMEOUT_MS = 240_000

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
    mapping: ColumnMapping | None


def process(database: JobDatabase, bucket: Bucket, upload_id: UUID, duplicate_days: int) -> None:
    """Process one upload; harmless when it runs again, or twice at the same time."""
    upload = _claim(database, upload_id)
    if upload is None:
        log.info("upload_already_settled", upload_id=str(upload_id))
        return
    # Without names on the disk: nothing is left behind, however this process ends.
    with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as spool:
        try:
            _fetch(bucket, upload, file)
            suffix = PurePosixPath(upload.object_key).suffix
            reading = sandbox.run(partial(_read, file, suffix, upload.mapping, spool))
        except FileRejectedError as error:
            fail(database, upload_id, str(error))
        except ObjectMissingError:
            fail(database, upload_id, "The file is not in the bucket.")
        else:
            _finish(database, upload, reading, spool, duplicate_days)


def fail(database: JobDatabase, upload_id: UUID, reason: str) -> None:
    """Settle an upload as failed, unless it is settled already."""
    with database.transaction() as connection:
        connection.execute(
            """UPDATE uploads SET status = 'failed', failure = %s, updated_at = now()
               WHERE id = %s AND status IN ('pending', 'processing')""",
            (reason, upload_id),
        )
    # Without the reason: it may quote the file.
    log.warning("upload_failed", upload_id=str(upload_id))


def _claim(database: JobDatabase, upload_id: UUID) -> ClaimedUpload | None:
    with database.transaction() as connection:
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
    known = None if mapping is None else mapping_from(mapping)
    return ClaimedUpload(upload_id, account, object_key, sha256, known)


def _fetch(bucket: Bucket, upload: ClaimedUpload, file: IO[bytes]) -> None:
    if bucket.copy_to(upload.object_key, file) != upload.sha256:
        raise ObjectDiffersError(upload.object_key)


def _read(file: IO[bytes], suffix: str, mapping: ColumnMapping | None, spool: IO[bytes]) -> Reading:
    reading = read_file(file, suffix, mapping, spool)
    # This process ends without closing what it shares with its parent.
    spool.flush()
    return reading


def _finish(
    database: JobDatabase,
    upload: ClaimedUpload,
    reading: Reading,
    spool: IO[bytes],
    duplicate_days: int,
) -> None:
    with database.transaction(SETTLE_TIMEOUT_MS) as connection:
        # The row lock makes a second run of the same job wait here, and then find it settled.
        open_row = connection.execute(
            "SELECT 1 FROM uploads WHERE id = %s AND status = 'processing' FOR UPDATE", (upload.id,)
        ).fetchone()
        if open_row is None:
            return
        if reading.suggested:
            connection.execute(
                """UPDATE uploads SET status = 'awaiting_mapping', headers = %s,
                       suggested_mapping = %s, updated_at = now() WHERE id = %s""",
                ([*reading.headers], Jsonb(reading.suggested.to_fields()), upload.id),
            )
            log.info("upload_awaits_mapping", upload_id=str(upload.id))
            return
        created = settle(connection, upload.id, upload.account, spool, duplicate_days)
    log.info("upload_completed", upload_id=str(upload.id), rows=reading.rows, created=created)
