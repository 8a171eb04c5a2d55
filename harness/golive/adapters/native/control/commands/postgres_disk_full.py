"""PostgreSQL cannot write its log any further: it panics, recovers, and panics again."""

from golive.adapters.native.control import postgres
from golive.adapters.native.control.commands import Command
from golive.adapters.native.control.deployed import Deployed, await_true
from golive.adapters.native.restraints import can_limit

PAGE_BYTES = 8192
# Small files that are written whole must not be cut in half: a disk that is full does not do that.
LEAST_BYTES = 8 * PAGE_BYTES
OFFSET = "select file_offset from pg_walfile_name_offset(pg_current_wal_insert_lsn())"


def _begin(deployed: Deployed) -> None:
    with postgres.connect(deployed) as session:
        row = session.execute(OFFSET).fetchone()
    offset_bytes = int(row[0]) if row else 0
    deployed.limit(postgres.ROLE, max(LEAST_BYTES, offset_bytes // PAGE_BYTES * PAGE_BYTES))


def _end(deployed: Deployed) -> None:
    await_true(lambda: _mended(deployed), "PostgreSQL takes writes")
    postgres.await_service(deployed)


def _mended(deployed: Deployed) -> bool:
    serves = postgres.serves(deployed)
    # After that, for the one that serves: it may have been started just before the limit went.
    deployed.lift(postgres.ROLE)
    return serves


COMMAND = Command("the disk under PostgreSQL", _begin, _end, can_limit)
