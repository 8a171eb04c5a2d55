"""Finds the runs in a folder."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from golive.errors import LedgerError
from golive.ledger import folder as layout

VERDICT = "verdict.json"
LATEST = "latest"


@dataclass(frozen=True)
class RunSummary:
    """One line of `golive runs`. `verdict` is empty where the run was never judged."""

    run: str
    target: str
    started: str
    verdict: str
    folder: Path


def list_runs(out: Path) -> Iterator[RunSummary]:
    """The runs in a folder, newest first."""
    for plan in sorted(out.glob(f"*/{layout.PLAN}"), reverse=True):
        try:
            document = json.loads(plan.read_bytes())
            yield RunSummary(
                document["run"],
                document["target"],
                document["started"],
                _verdict(plan.parent),
                plan.parent,
            )
        except (OSError, ValueError, KeyError):
            continue  # not a run, or one that is being written


def find_run(name: str, out: Path) -> Path:
    """The folder of a run, named by its path, its id, or `latest`. Raises LedgerError."""
    if Path(name).is_dir():
        return Path(name)
    runs = list(list_runs(out))
    if name == LATEST and runs:
        return runs[0].folder
    for run in runs:
        if run.run == name:
            return run.folder
    raise LedgerError(f"there is no run {name!r} in {out}/", remedy="`golive runs` lists the runs.")


def _verdict(folder: Path) -> str:
    try:
        return str(json.loads((folder / VERDICT).read_bytes())["verdict"])
    except (OSError, ValueError, KeyError):
        return ""
