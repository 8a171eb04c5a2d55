"""`python -m infra.backup create|list|verify|restore`; the environment says of what.

Exit codes: 0 done, 1 refused or failed, in a sentence. A backup that is not whole does not appear.
"""

import argparse
import fcntl
import os
import secrets
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from infra.backup import database, manifest, streams
from infra.backup.bucket import OBJECTS, Bucket
from infra.backup.manifest import Manifest
from infra.backup.settings import BackupError, Settings, load

KEPT = 7
UNFINISHED = ".unfinished-"


def create(settings: Settings, to: Path, keep: int, *, dry_run: bool) -> str:
    """Make a backup, then remove the oldest beyond `keep`."""
    bucket = Bucket(settings)
    with database.snapshot(settings) as connection:
        needed = database.size_bytes(connection) + sum(bucket.sizes().values())
        _require_room(to, needed)
        old = backups(to)[: -(keep - 1)] if keep > 1 else backups(to)
        if dry_run:
            fate = f"; would remove {', '.join(one.name for one in old)}" if old else ""
            return f"would write up to {needed} bytes to {to}{fate}"
        _sweep(to)
        folder = to / f"{UNFINISHED}{secrets.token_hex(4)}"
        folder.mkdir(mode=0o700)
        try:
            with _held(folder):
                made = _fill(settings, connection, bucket, folder)
                whole = to / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
                folder.rename(whole)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    for one in old:
        shutil.rmtree(one)
    return f"{whole}\n{made.summary}{', encrypted' if made.encrypted else ''}"


def _fill(
    settings: Settings, connection: psycopg.Connection, bucket: Bucket, folder: Path
) -> Manifest:
    encrypted = bool(settings.recipient)
    names = tuple(streams.name_of(one, encrypted=encrypted) for one in (database.DUMP, OBJECTS))
    database.dump(settings, connection, folder / names[0])
    # After the database: a row is written after its object, so every row has its object here.
    objects = bucket.save(folder / names[1])
    made = Manifest(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        postgres=database.version(connection),
        encrypted=encrypted,
        tables=database.tables(connection),
        objects=objects,
    )
    manifest.write(folder, made, names)
    return made


def restore(settings: Settings, folder: Path, *, dry_run: bool) -> str:
    """Restore a backup into an empty deployment, and compare every table and object."""
    known = manifest.verify(folder)
    database.require_empty(settings)
    bucket = Bucket(settings)
    if there := bucket.sizes():
        raise BackupError(f"the bucket is not empty, and is left as it is: {len(there)} objects")
    if dry_run:
        return f"would restore {known.summary}, made {known.created}; nothing is replaced"
    dump, objects = (
        folder / streams.name_of(one, encrypted=known.encrypted) for one in (database.DUMP, OBJECTS)
    )
    # First the files: a row must never be there without its object.
    bucket.restore(objects, known.objects)
    database.restore(settings, dump)
    with database.snapshot(settings) as connection:
        now = database.tables(connection)
    differing = sorted(name for name in known.tables if now.get(name) != known.tables[name])
    if differing:
        raise BackupError(f"restored, but not as it was saved: {', '.join(differing)}")
    return f"restored and compared: {known.summary}"


def backups(folder: Path) -> list[Path]:
    """The whole backups of a folder, the oldest first."""
    return sorted(one.parent for one in folder.glob(f"[!.]*/{manifest.SUMS}"))


@contextmanager
def _held(folder: Path) -> Iterator[bool]:
    """Hold a folder that is being filled; False where somebody else does. The kernel lets go of it
    when its holder dies.
    """
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(place)


def _sweep(to: Path) -> None:
    """Remove what a killed backup has left: copies of everything that nobody lists."""
    for left in to.glob(f"{UNFINISHED}*"):
        with _held(left) as is_ours:
            if is_ours:
                shutil.rmtree(left, ignore_errors=True)


def _require_room(to: Path, needed_bytes: int) -> None:
    try:
        to.mkdir(parents=True, mode=0o700, exist_ok=True)
        free = shutil.disk_usage(to).free
    except OSError as error:
        raise BackupError(f"{to} cannot be used: {error.strerror}") from None
    if free < needed_bytes:
        raise BackupError(f"{to} has {free} bytes free, and {needed_bytes} may be needed")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="infra.backup", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    creating = verbs.add_parser("create", help="save the database and the bucket")
    creating.add_argument("--to", type=Path, required=True, help="the folder of all backups")
    creating.add_argument("--keep", type=int, default=KEPT, help=f"so many; default: {KEPT}")
    listing = verbs.add_parser("list", help="show the backups of a folder, the oldest first")
    listing.add_argument("to", type=Path, metavar="FOLDER")
    verifying = verbs.add_parser("verify", help="look whether a backup is as it was written")
    restoring = verbs.add_parser("restore", help="restore one into an empty deployment")
    for one in (verifying, restoring):
        one.add_argument("backup", type=Path, metavar="BACKUP")
    for one in (creating, restoring):
        one.add_argument("--dry-run", action="store_true", help="only say what would be done")
    return parser


def _run(chosen: argparse.Namespace) -> str:
    match chosen.verb:
        case "create":
            return create(load(), chosen.to, max(1, chosen.keep), dry_run=chosen.dry_run)
        case "restore":
            return restore(load(), chosen.backup, dry_run=chosen.dry_run)
        case "verify":
            return f"whole: {manifest.verify(chosen.backup).summary}"
        case _:
            return "\n".join(map(str, backups(chosen.to))) or f"there is no backup in {chosen.to}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Do it, and say in a sentence what could not be done."""
    # systemd's way to end it: it tidies up, as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        said = _run(_parser().parse_args(arguments))
    except BackupError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    sys.stdout.write(f"{said}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
