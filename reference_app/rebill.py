"""Bills again what a batch has left, and who was refused: `python -m reference_app.rebill ID`.

Whoever was refused is asked for before anything is sent again, like all whose fate is unknown.
"""

import argparse
import sys
from collections.abc import Sequence
from uuid import UUID, uuid4

import psycopg
from redis.exceptions import RedisError

from reference_app.billing import attempts
from reference_app.billing.vop_job import request_for
from reference_app.commands import refusals
from reference_app.job_database import JobDatabase
from reference_app.queueing.connections import impatient_redis
from reference_app.queueing.enqueuer import Enqueuer
from reference_app.settings import Settings, load_settings


class NotBilledError(Exception):
    """There is no such upload, or it is not completed."""


def rebill(settings: Settings, upload_id: UUID, rejected: str | None) -> int:
    """Queue the billing of an upload once more; gives how many rejections were undone."""
    database = JobDatabase(settings)
    try:
        with database.transaction(attempts.STATEMENT_TIMEOUT_MS) as connection:
            if not attempts.can_be_billed(connection, upload_id):
                raise NotBilledError("there is no completed upload of that id")
            reopened = 0 if rejected is None else attempts.reopen(connection, upload_id, rejected)
            # Still open: without its job, nothing is undone either.
            _enqueue(settings, upload_id)
    finally:
        database.close()
    return reopened


def foresee(settings: Settings, upload_id: UUID, rejected: str | None) -> int:
    """How many rejections `rebill` would undo now; nothing is changed."""
    database = JobDatabase(settings)
    try:
        with database.transaction(attempts.STATEMENT_TIMEOUT_MS) as connection:
            if not attempts.can_be_billed(connection, upload_id):
                raise NotBilledError("there is no completed upload of that id")
            return 0 if rejected is None else attempts.refused(connection, upload_id, rejected)
    finally:
        database.close()


def _enqueue(settings: Settings, upload_id: UUID) -> None:
    enqueuer, run = Enqueuer(impatient_redis(settings)), uuid4().hex
    try:
        enqueuer.enqueue_once(request_for(upload_id, run, request_id=run))
    finally:
        enqueuer.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Queue it, and say what was undone."""
    parser = argparse.ArgumentParser(prog="reference_app.rebill", description=__doc__)
    parser.add_argument("upload_id", type=UUID, metavar="UPLOAD_ID")
    parser.add_argument(
        "--rejected",
        metavar="REASON",
        help="also whose reason, as /billing lists it, begins so: 340; '' for all",
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    chosen = parser.parse_args(arguments)
    act = foresee if chosen.dry_run else rebill
    try:
        with refusals(NotBilledError):
            reopened = act(load_settings(), chosen.upload_id, chosen.rejected)
    except (psycopg.OperationalError, RedisError) as error:
        # Their texts may spell out the connection.
        sys.exit(f"a server is not available: {type(error).__name__}")
    queued = (
        "would queue its billing; rejections that it would undo"
        if chosen.dry_run
        else ("queued; rejections undone")
    )
    sys.stdout.write(f"{queued}: {reopened}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
