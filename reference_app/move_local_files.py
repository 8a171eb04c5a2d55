"""Move files of a folder into the bucket: `python -m reference_app.move_local_files FOLDER`.

Every object is read back and compared before its file counts as moved. Running again goes on where
the last run ended, however it ended. Exit codes: 0 all is in the bucket, 1 something is not,
2 the command cannot be done, 130 stopped.
"""

import argparse
import json
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TextIO

import psycopg

from reference_app.bucket import Bucket
from reference_app.commands import refusals
from reference_app.database import conninfo
from reference_app.local_files import Kind, LocalFile, Outcome, StopRequestedError, Summary, survey
from reference_app.moving import MAX_KEY_BYTES, Mover
from reference_app.settings import Settings, load_settings

STOPPED = 130


def main() -> int:
    """Move."""
    arguments = _parser().parse_args()
    with refusals(OSError, status=2):
        settings = load_settings()
        folder = Path(arguments.folder).resolve(strict=True)
        files = survey(folder)
    say = _printer(sys.stderr if arguments.json else sys.stdout)
    say(_announcement(arguments, settings, folder, files))
    stop = _StopSignals()
    summary = Summary()
    try:
        with psycopg.connect(conninfo(settings), prepare_threshold=None, autocommit=True) as rows:
            mover = Mover(Bucket(settings), rows, arguments.prefix, stop.check)
            _move_all(mover, arguments, files, summary, say)
    except psycopg.OperationalError:
        sys.stderr.write("the database is not available\n")
        return 2
    _conclude(summary, arguments, say)
    if summary.stopped:
        return STOPPED
    return 1 if summary.conflicts or summary.failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="reference_app.move_local_files", description=__doc__)
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("--prefix", type=_prefix, default="uploads/", help="default: uploads/")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument(
        "--delete-moved", action="store_true", help="delete each file once its object is verified"
    )
    parser.add_argument("--json", action="store_true", help="the summary on stdout, as JSON")
    return parser


def _prefix(text: str) -> str:
    parts = text.split("/")
    if not text.isprintable() or text.startswith("/") or {".", ".."} & set(parts):
        raise argparse.ArgumentTypeError("is no prefix of keys")
    if len(text.encode()) > MAX_KEY_BYTES // 2:
        raise argparse.ArgumentTypeError("is too long")
    return text if not text or text.endswith("/") else f"{text}/"


def _printer(stream: TextIO) -> Callable[[str], None]:
    return partial(print, file=stream, flush=True)


def _announcement(
    arguments: argparse.Namespace, settings: Settings, folder: Path, files: list[LocalFile]
) -> str:
    movable = [file for file in files if not file.skipped]
    total = sum(file.size_bytes for file in movable)
    deed = "would move" if arguments.dry_run else "moving"
    fate = "delete each once verified" if arguments.delete_moved else "leave the files in place"
    return (
        f"{deed} {len(movable)} files ({total} bytes) from {_shown(str(folder))} to"
        f" {settings.aws_bucket}/{arguments.prefix}; {fate}; {len(files) - len(movable)} skipped"
    )


def _move_all(
    mover: Mover,
    arguments: argparse.Namespace,
    files: list[LocalFile],
    summary: Summary,
    say: Callable[[str], None],
) -> None:
    try:
        for file in files:
            if arguments.dry_run:
                outcome = mover.look(file)
            else:
                outcome = mover.move(file, delete=arguments.delete_moved)
            summary.add(outcome)
            say(_line(file, outcome))
            if summary.is_hopeless:
                say("stopped: the bucket does not answer")
                return
    except StopRequestedError:
        summary.stopped = True


def _line(file: LocalFile, outcome: Outcome) -> str:
    words = outcome.kind.value + (", deleted" if outcome.deleted else "")
    reason = f" ({outcome.reason})" if outcome.reason else ""
    return f"{words}: {_shown(file.name)}{reason}"


def _shown(name: str) -> str:
    # A name may hold what a terminal obeys.
    return "".join(character if character.isprintable() else "?" for character in name)


def _conclude(summary: Summary, arguments: argparse.Namespace, say: Callable[[str], None]) -> None:
    if arguments.json:
        document = {"dry_run": arguments.dry_run, **asdict(summary)}
        document.pop("failures_in_a_row")
        sys.stdout.write(f"{json.dumps(document)}\n")
    stopped = "stopped; run again to go on. " if summary.stopped else ""
    moved = Kind.WOULD_MOVE.value if arguments.dry_run else Kind.MOVED.value
    say(
        f"{stopped}{moved}: {summary.moved} ({summary.bytes_moved} bytes), already there:"
        f" {summary.already_there}, conflicts: {summary.conflicts}, failed: {summary.failed},"
        f" skipped: {summary.skipped}, deleted: {summary.deleted}"
    )


class _StopSignals:
    """Turns Ctrl-C and SIGTERM into a stop at the next chunk, where nothing is left half done."""

    def __init__(self) -> None:
        self._asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, *_arguments: object) -> None:
        self._asked = True

    def check(self) -> None:
        """Raise if a stop was asked for."""
        if self._asked:
            raise StopRequestedError


if __name__ == "__main__":
    sys.exit(main())
