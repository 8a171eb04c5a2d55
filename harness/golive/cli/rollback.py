"""`golive rollback`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from golive.cli.console import err, say
from golive.cli.gating import OutOption, ended_by_sigterm
from golive.cli.rolling import Deploying, DryRunOption, TargetFile, deploying, leave, tell_plan
from golive.errors import DeployError
from golive.model.deploying import DeployOutcome, DeployRecord, steps_back


def command(
    target: TargetFile,
    forget: Annotated[
        bool, typer.Option("--forget", help="Only forget what was left half way: touch nothing.")
    ] = False,
    dry_run: DryRunOption = False,
    out: OutOption = Path("runs"),
    as_json: Annotated[bool, typer.Option("--json", help="Print deploy.json on stdout.")] = False,
) -> None:
    """Have the version run again that ran before the last deploy, or finish undoing one.

    The schema stays as it is: a migration that the version before cannot go on with is refused
    when it is deployed. Ends with 0 when it is undone, and 4 when it could not be.

    Example: golive rollback targets/staging.toml --dry-run
    """
    with deploying(target, out) as found, ended_by_sigterm():
        last = found.records.last()
        if forget:
            found.records.forget()
            say("forgotten; nothing was touched")
            return
        if dry_run and not _is_there_a_way_back(found, last):
            _foretell(found)
            return
        last = _undoable(found, last)
        touched = last.touched or found.deploy.order
        if dry_run:
            err.print(f"would have {last.previous} run in place of {last.release}:", markup=False)
            tell_plan(found, steps_back(found.deploy, touched), last.previous)
            return
        begun = found.begin(last.version, last.release, last.previous)
        rollout = found.rollout(replace(begun, steps=last.steps))
        done = rollout.back("asked for", touched)
    leave(done, as_json=as_json, asked=True)


def _is_there_a_way_back(found: Deploying, last: DeployRecord | None) -> bool:
    """Whether there is a deploy that can be undone now."""
    if last is None or last.is_left:
        return last is not None
    is_deployed = last.outcome is DeployOutcome.DEPLOYED
    return is_deployed and found.current() == last.release


def _foretell(found: Deploying) -> None:
    """What it would do after the first deploy: the way back can be read before there is one."""
    current = found.current()
    err.print("no deploy from this machine is to be undone; after the next one it", markup=False)
    err.print(f"would have {current} run again:", markup=False)
    tell_plan(found, steps_back(found.deploy, found.deploy.order), current)


def _undoable(found: Deploying, last: DeployRecord | None) -> DeployRecord:
    if last is None:
        raise DeployError("nothing was deployed to this target from this machine")
    if last.is_left:
        return last
    if last.outcome is not DeployOutcome.DEPLOYED:
        raise DeployError(f"the last deploy was {last.outcome}: there is nothing to undo")
    current = found.current()
    if current != last.release:
        raise DeployError(f"{current} runs now, not {last.release}, which was deployed last")
    return last
