"""`golive runs`."""

from pathlib import Path

from golive.cli.console import say, say_json
from golive.cli.gating import JsonOption, OutOption
from golive.ledger.listing import list_runs


def command(out: OutOption = Path("runs"), as_json: JsonOption = False) -> None:
    """List the runs, newest first.

    Example: golive runs --json
    """
    runs = list(list_runs(out))
    if as_json:
        say_json(
            [
                {
                    "run": run.run,
                    "target": run.target,
                    "started": run.started,
                    "verdict": run.verdict or None,
                    "folder": str(run.folder),
                }
                for run in runs
            ]
        )
    elif not runs:
        say(f"there are no runs in {out}/ yet; `golive run` makes one")
    else:
        for run in runs:
            say(f"{run.run}  {run.verdict or 'not judged':<10} {run.target:<20} {run.folder}")
