"""Looks at and steers the queues: `python -m reference_app.queue status`."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict

from redis import Redis
from redis.exceptions import RedisError

from reference_app.commands import refusals
from reference_app.logs import mask_ibans
from reference_app.queueing import operations
from reference_app.queueing.connections import impatient_redis
from reference_app.queueing.figures import QUEUE_NAMES, QueueFigures, read_figures
from reference_app.settings import load_settings

Rows = list[dict[str, object]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one thing, and print what came of it."""
    chosen = _parser().parse_args(arguments)
    try:
        with refusals(), impatient_redis(load_settings()) as redis:
            rows, code = _COMMANDS[chosen.command](redis, chosen)
    except (RedisError, OSError) as error:
        sys.stderr.write(f"the queue Redis is not available: {type(error).__name__}\n")
        return 1
    sys.stdout.write(f"{json.dumps(rows, indent=2)}\n" if chosen.json else table(rows))
    return code


def table(rows: Rows) -> str:
    """Rows as aligned columns; every row has the same ones."""
    if not rows:
        return "none\n"
    lines = [[name.replace("_", " ") for name in rows[0]]]
    lines += [[_cell(value) for value in row.values()] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "".join(f"{line}\n" for line in padded)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(str(value).split()) or "-"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="reference_app.queue", description=__doc__)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", help="print JSON instead of a table")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("status", parents=[shared], help="all queues and their workers")
    for name, text in (("pause", "take nothing more"), ("continue", "undo a pause")):
        command = commands.add_parser(name, parents=[shared], help=text)
        command.add_argument("queue", nargs="?", choices=QUEUE_NAMES, help="all without one")
    commands.add_parser("failed", parents=[shared], help="jobs that failed for good")
    retry = commands.add_parser("retry", parents=[shared], help="run failed jobs again")
    which = retry.add_mutually_exclusive_group(required=True)
    which.add_argument("job_ids", nargs="*", default=[], metavar="JOB_ID")
    which.add_argument("--all", action="store_true")
    retry.add_argument("--dry-run", action="store_true", help="only list what would be run")
    commands.add_parser(
        "terminate", parents=[shared], help="end all workers gracefully, on every node"
    )
    return parser


def _status(redis: Redis, _chosen: argparse.Namespace) -> tuple[Rows, int]:
    return [_row(one) for one in read_figures(redis)], 0


def _row(one: QueueFigures) -> dict[str, object]:
    done = max(1, one.done_total)
    return {
        "queue": one.name,
        "paused": one.paused,
        "workers": one.workers,
        "waiting": one.waiting,
        "oldest_s": round(one.oldest_s, 1),
        "running": one.running,
        "scheduled": one.scheduled,
        "failed": one.failed,
        "done": one.done_total,
        "failed_tries": one.failed_tries_total,
        "mean_wait_ms": round(one.wait_s_total * 1000 / done, 1),
        "mean_run_ms": round(one.runtime_s_total * 1000 / done, 1),
    }


def _pause(redis: Redis, chosen: argparse.Namespace) -> tuple[Rows, int]:
    operations.pause(redis, chosen.queue)
    return _status(redis, chosen)


def _continue(redis: Redis, chosen: argparse.Namespace) -> tuple[Rows, int]:
    operations.go_on(redis, chosen.queue)
    return _status(redis, chosen)


def _failed(redis: Redis, _chosen: argparse.Namespace) -> tuple[Rows, int]:
    rows = [asdict(one) for one in operations.failed_jobs(redis)]
    return [{key: mask_ibans(str(value)) for key, value in row.items()} for row in rows], 0


def _retry(redis: Redis, chosen: argparse.Namespace) -> tuple[Rows, int]:
    if chosen.dry_run:
        known = [one.job_id for one in operations.failed_jobs(redis)]
        meant = known if chosen.all else chosen.job_ids
        return [{"job_id": one, "would_retry": one in known} for one in meant], 0
    if chosen.all:
        return [{"job_id": one, "retried": True} for one in operations.retry_all(redis)], 0
    retried = operations.retry(redis, chosen.job_ids)
    rows: Rows = [{"job_id": one, "retried": one in retried} for one in chosen.job_ids]
    return rows, 0 if len(retried) == len(set(chosen.job_ids)) else 1


def _terminate(redis: Redis, chosen: argparse.Namespace) -> tuple[Rows, int]:
    operations.terminate(redis)
    return _status(redis, chosen)


_COMMANDS: dict[str, Callable[[Redis, argparse.Namespace], tuple[Rows, int]]] = {
    "status": _status,
    "pause": _pause,
    "continue": _continue,
    "failed": _failed,
    "retry": _retry,
    "terminate": _terminate,
}

if __name__ == "__main__":
    sys.exit(main())
