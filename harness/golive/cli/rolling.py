"""What `golive deploy` and `golive rollback` share: a target's commands, lines, exit codes."""

import secrets as randomness
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from golive import gate
from golive.adapters.deploying.operator import DeployOperator
from golive.adapters.deploying.records import Records
from golive.cli.console import err, explain, say_json
from golive.cli.mending import mend_abandoned
from golive.config.secrets import printable, redact
from golive.errors import ConfigurationError, DeployError, GoliveError, StepFailedError
from golive.model.deploying import (
    COMMANDS,
    DOES,
    Deploy,
    DeployOutcome,
    DeployRecord,
    DeployStep,
    StepRecord,
    StepState,
)
from golive.model.finding import Finding
from golive.model.outcome import Decision
from golive.model.plan import Plan, Step
from golive.model.profile import Profile
from golive.model.settings import Selection, Settings
from golive.model.target import Target
from golive.running.rolling import Rollout

TargetFile = Annotated[
    Path,
    typer.Argument(metavar="TARGET.toml", help="Target file with a [deploy].", show_default=False),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be done, in order; change nothing.")
]
EXIT_CODES = {
    DeployOutcome.DEPLOYED: 0,
    DeployOutcome.ROLLED_BACK: 1,
    DeployOutcome.NOT_BEGUN: GoliveError.exit_code,
    DeployOutcome.LEFT: 4,
}
STYLES = {StepState.DONE: "green", StepState.FAILED: "bold red", StepState.BEGUN: "dim"}


@dataclass(frozen=True)
class Deploying:
    """A target that can be deployed to."""

    target_file: Path
    target: Target
    deploy: Deploy
    records: Records
    out: Path

    @classmethod
    def of(cls, target_file: Path, out: Path) -> "Deploying":
        """Read the target file and its secrets. Touches nothing."""
        target = gate.resolve(_smoke_settings(target_file, out)).target
        if target.deploy is None:
            raise ConfigurationError(
                f"{target_file} has no [deploy]: it does not say how",
                remedy="docs/deploying.md lists the commands that it needs.",
            )
        return cls(target_file, target, target.deploy, Records.of(target, redact), out)

    def operator(self, folder: Path, touched: Collection[str] = ()) -> DeployOperator:
        """Performs steps; the runs of the smoke suite go into the folder."""
        return DeployOperator(self.target, self.deploy, partial(self._smoke, folder), touched)

    def current(self) -> str:
        """The version that runs now. Raises DeployError where nobody can say."""
        try:
            return self.operator(self.out).current()
        except StepFailedError as error:
            raise DeployError(f"what runs now is not known: {error}") from error

    def begin(self, version: str, release: str, previous: str) -> DeployRecord:
        """The record of one that begins now."""
        now = datetime.now(UTC)
        identifier = f"{now:%Y%m%dT%H%M%SZ}-{randomness.token_hex(3)}-deploy"
        return DeployRecord(
            id=identifier,
            target=self.target.target.name,
            version=version,
            release=release,
            previous=previous,
            started=now.isoformat(timespec="milliseconds"),
            folder=str((self.out / identifier).resolve()),
        )

    def rollout(self, record: DeployRecord) -> Rollout:
        """One deploy, with everything that it needs."""
        operator = self.operator(Path(record.folder), record.touched)
        nodes = tuple(self.target.nodes)
        return Rollout(self.deploy, nodes, operator, Lines(), self.records.keep, record)

    def _smoke(self, folder: Path, entrance: str) -> str:
        settings = _smoke_settings(self.target_file, folder)
        conclusion = gate.run(settings, _Silence(), entrance=entrance)
        report = conclusion.report
        said = f"{report.headline} ({conclusion.folder})"
        if conclusion.interrupted:
            raise KeyboardInterrupt
        if report.verdict.decision is not Decision.GO:
            raise StepFailedError("\n".join((said, *report.verdict.reasons)))
        return said


def _smoke_settings(target_file: Path, out: Path) -> Settings:
    return Settings(target_file, Selection.of(Profile.QUICK, "smoke"), (), out)


@contextmanager
def deploying(target_file: Path, out: Path) -> Iterator[Deploying]:
    """A target that nobody else deploys to meanwhile."""
    mend_abandoned()
    found = Deploying.of(target_file, out)
    with found.records.sole():
        yield found


class Lines:
    """One line for each step, on stderr. Where nobody reads them any more (a closed pipe: Rich
    leaves the program then), the deploy goes on: servers half way are worse than lines unread.
    """

    def began(self, step: StepRecord) -> None:
        """Say what goes on, where somebody watches."""
        title = DeployStep(step.act, step.node).title
        with suppress(OSError, SystemExit):
            if err.is_terminal:
                words = printable(f"  …        {title}: {DOES[step.act]}")
                err.print(words, style="dim", markup=False)

    def ended(self, step: StepRecord) -> None:
        """Say how it went."""
        style, title = STYLES[step.state], DeployStep(step.act, step.node).title
        words = f"{'back: ' if step.back else ''}{title}"
        first = printable(step.said.partition("\n")[0])
        with suppress(OSError, SystemExit):
            err.print(f"  [{style}]{step.state.upper():<7}[/] {words:<22}", end="")
            err.print(f"{first} ({step.seconds:.1f} s)", markup=False)


class _Silence:
    """Says nothing of a run of the smoke suite: its headline is the step's line."""

    def began(self, plan: Plan, folder: Path) -> None:
        """Nothing."""

    def started(self, step: Step) -> None:
        """Nothing."""

    def found(self, finding: Finding) -> None:
        """Nothing."""


def leave(record: DeployRecord, *, as_json: bool, asked: bool = False) -> NoReturn:
    """Say how it ended, and end with its exit code; rolling back is no failure where it was asked
    for.
    """
    match record.outcome:
        case DeployOutcome.DEPLOYED:
            err.print(f"[bold white on green] DEPLOYED [/] {record.release} on {record.target}")
        case DeployOutcome.ROLLED_BACK:
            err.print(f"[bold white on red] ROLLED BACK [/] {record.previous} runs again:")
        case DeployOutcome.LEFT:
            err.print("[bold white on red] LEFT HALF WAY [/] it is neither the one nor the other:")
        case _:
            err.print("[bold white on red] NOT DEPLOYED [/] nothing that runs was touched:")
    if record.reason:
        err.print(printable(record.reason), markup=False)
    if record.outcome is DeployOutcome.LEFT:
        explain("mend what is named, then: golive rollback TARGET")
    err.print(f"record: {record.folder}/deploy.json", markup=False)
    if as_json:
        say_json(asdict(record))
    done = asked and record.outcome is DeployOutcome.ROLLED_BACK
    raise typer.Exit(0 if done else EXIT_CODES[record.outcome])


def tell_plan(deploying: Deploying, steps: tuple[DeployStep, ...], version: str) -> None:
    """Say each step and the command that it would run."""
    operator = deploying.operator(deploying.out)
    for step in steps:
        err.print(f"  {step.title:<16} {DOES[step.act]}", markup=False)
        if step.act in COMMANDS:
            command = operator.command(step.act, version, step.node)
            err.print(printable(f"{'':<19}{' '.join(command.words)}"), style="dim", markup=False)
