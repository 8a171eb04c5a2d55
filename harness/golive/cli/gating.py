"""What `golive run` and its short forms share: options, the reference deployment, the exit code."""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from golive import gate
from golive.adapters.load.crew import Crew
from golive.cli.app import CRASHED, INTERRUPTED
from golive.cli.console import write
from golive.cli.mending import mend_abandoned
from golive.cli.narration import Narration, tell_conclusion
from golive.errors import HealError, LedgerError
from golive.ledger.listing import VERDICT
from golive.model.outcome import Decision
from golive.model.profile import Profile
from golive.model.settings import Selection, Settings

Gathering = Callable[[Callable[[str], None]], AbstractContextManager[Crew]]
"""Gathers workers from elsewhere; is given where to say how that goes on."""

EXIT_CODES = {Decision.GO: 0, Decision.NO_GO: 1, Decision.UNPROVEN: 2}

TargetArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="[TARGET.toml]",
        help="Target file. Without one, the reference deployment is started, gated and stopped.",
        show_default=False,
    ),
]
ProfileOption = Annotated[
    Profile,
    typer.Option("--profile", "-p", envvar="GOLIVE_PROFILE", help="How much is run."),
]
OnlyOption = Annotated[
    str,
    typer.Option(
        "--only",
        help="Comma-separated suites (smoke) or scenarios (smoke.health).",
        show_default=False,
    ),
]
CatalogOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--catalog", help="A folder with your own scenarios/, checklists/, reports/. Runs its code."
    ),
]
OutOption = Annotated[
    Path, typer.Option("--out", envvar="GOLIVE_OUT", help="Where run folders are kept.")
]
SeedOption = Annotated[
    str,
    typer.Option(help="Repeat the chance of the run that named this seed.", show_default=False),
]
BreakOption = Annotated[
    str,
    typer.Option(
        "--break",
        metavar="NAME",
        help="The target's name: it may be broken. Needed where its environment is not local.",
        show_default=False,
    ),
]
LISTS = Path("go-live")
ListsOption = Annotated[
    Path, typer.Option("--lists", envvar="GOLIVE_LISTS", help="Where logbooks are kept.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print verdict.json on stdout.")]


def suite_command(suite: str, summary: str) -> Callable[..., None]:
    """The command that runs one suite alone, and has no options of its own."""

    def command(
        target: TargetArgument = None,
        profile: ProfileOption = Profile.QUICK,
        catalog: CatalogOption = None,
        out: OutOption = Path("runs"),
        as_json: JsonOption = False,
    ) -> None:
        wanted = settings_of(Selection.of(profile, suite), catalog, out)
        run_gate(target, wanted, as_json=as_json)

    command.__doc__ = (
        f"{summary} alone; the same as `golive run --only {suite}`.\n\n"
        f"Example: golive {suite} targets/staging.toml"
    )
    return command


def settings_of(
    selection: Selection, catalogs: list[Path] | None, out: Path, lists: Path = LISTS
) -> Settings:
    """The settings of a run whose target is known later."""
    return Settings(Path(), selection, tuple(catalogs or ()), out, lists)


def run_gate(
    target: Path | None,
    wanted: Settings,
    *,
    as_json: bool,
    gathering: Gathering | None = None,
) -> None:
    """Gate a target and leave with the exit code of its verdict."""
    mend_abandoned()
    narration = Narration()
    with ended_by_sigterm(), _target_file(target, narration) as target_file:
        settings = replace(wanted, target_file=target_file)
        try:
            crew = gathering(narration.line) if gathering else gate.NOBODY
            conclusion = gate.run(settings, narration, crew)
        finally:
            narration.done()
        tell_conclusion(conclusion)
    narration.done()
    leave(conclusion, as_json=as_json)


def leave(conclusion: gate.Conclusion, *, as_json: bool) -> NoReturn:
    """Print verdict.json if that is wanted, and leave with the exit code of the verdict."""
    if as_json:
        file = conclusion.folder / VERDICT
        if not file.exists():
            raise LedgerError(f"{file} was not written")
        write(file.read_text(encoding="utf-8"))
    code = EXIT_CODES[conclusion.report.verdict.decision]
    if conclusion.unhealed:
        code = HealError.exit_code
    elif conclusion.interrupted:
        code = INTERRUPTED
    elif conclusion.unrendered and code == 0:
        # Whoever waits for a report that is not there must not read GO.
        code = CRASHED
    raise typer.Exit(code)


@contextmanager
def _target_file(target: Path | None, narration: Narration) -> Iterator[Path]:
    if target is not None:
        yield target
        return
    from golive.adapters.deployments import reference_deployment

    with reference_deployment(progress=narration.line) as deployment:
        yield Path(deployment.target_file)
        narration.line("stopping the reference deployment")


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """SIGTERM ends a run as Ctrl-C does: heal, save, report. So does a terminal that goes away, but
    where that is ignored (`nohup`).
    """
    numbers = [signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    before = {one: signal.signal(one, signal.default_int_handler) for one in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
