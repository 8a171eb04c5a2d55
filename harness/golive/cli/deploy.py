"""`golive deploy`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from golive.cli.console import err
from golive.cli.gating import OutOption, ended_by_sigterm
from golive.cli.rolling import (
    Deploying,
    DryRunOption,
    TargetFile,
    deploying,
    leave,
    tell_plan,
)
from golive.errors import DeployError, StepFailedError
from golive.model.deploying import DeployRecord, steps_of


def command(
    target: TargetFile,
    version: Annotated[
        str,
        typer.Option(
            metavar="REV|DIR", help="What to deploy: a revision or a folder.", show_default=False
        ),
    ] = "",
    resume: Annotated[
        bool, typer.Option("--resume", help="Finish what a golive began that was killed.")
    ] = False,
    dry_run: DryRunOption = False,
    out: OutOption = Path("runs"),
    as_json: Annotated[bool, typer.Option("--json", help="Print deploy.json on stdout.")] = False,
) -> None:
    """Deploy a version while the service runs: check, back up, migrate, replace, prove.

    What fails after the first change is rolled back. Ends with 0 when it is deployed, 1 when it was
    rolled back, 4 when it could not be, and 3 when nothing was touched.

    Example: golive deploy targets/staging.toml --version v1.4.0
    """
    with deploying(target, out) as found, ended_by_sigterm():
        record = _record(found, version, resume=resume)
        if dry_run:
            _look(found, record)
            return
        done = found.rollout(record).forward()
    leave(done, as_json=as_json)


def _record(found: Deploying, version: str, *, resume: bool) -> DeployRecord:
    last = found.records.last()
    left = last if last and last.is_left else None
    if resume:
        if left is None:
            raise DeployError("no deploy to this target was left half way")
        begun = found.begin(left.version, left.release, left.previous)
        # What was touched before is to be undone as well, should this one fail.
        return replace(begun, steps=left.steps)
    if left:
        raise DeployError(
            f"the deploy of {left.version} that began at {left.started} was left at {left.last}",
            remedy="Finish it: golive deploy TARGET --resume; or undo it: golive rollback TARGET",
        )
    if not version:
        raise DeployError("there is no --version to deploy")
    where = Path(version)
    chosen = str(where.resolve()) if where.is_dir() else version
    return found.begin(chosen, chosen, found.current())


def _look(found: Deploying, record: DeployRecord) -> None:
    """Check what can be checked, and say the rest."""
    err.print(f"would deploy {record.version} in place of {record.previous}:", markup=False)
    tell_plan(found, steps_of(found.deploy, tuple(found.target.nodes)), record.version)
    rollout = found.rollout(record)
    rollout.keep = lambda _record: None
    err.print("its checks now, which change nothing:")
    try:
        rollout.look()
    except StepFailedError as error:
        raise DeployError(f"it would be refused: {error}") from error
