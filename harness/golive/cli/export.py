"""`golive export`."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from golive import gate
from golive.adapters.trackers import find_tracker
from golive.catalog.catalog import Catalog
from golive.catalog.epic import built_in_epic, read_epic
from golive.cli.console import say, write
from golive.cli.gating import CatalogOption
from golive.cli.scripting import (
    LoadOption,
    OnlyOption,
    TargetOption,
    load_of,
    require_alone,
    write_script,
)
from golive.config.variables import read_variables, require_private
from golive.errors import ConfigurationError
from golive.ledger.listing import find_run
from golive.model.progress import progress_of
from golive.model.ticket import Ticket, tickets_of
from golive.model.tracker import API, Document, Tracker
from golive.running.syncing import Change, Verb, apply, changes_of


def command(  # noqa: PLR0913, PLR0917 - Typer reads options in this order
    to: Annotated[str, typer.Option("--to", help="github, jira, linear or clickup.")] = "",
    way: Annotated[
        str, typer.Option("--as", help="api, or a file to use by hand: csv, script (GitHub).")
    ] = API,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print every change and make none.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder of files (export); file of a load (standard output)."),
    ] = None,
    run: Annotated[
        str,
        typer.Option("--run", help="A run: tasks whose findings passed in it go out as done."),
    ] = "",
    into: Annotated[
        str, typer.Option("--into", help="Repository, project, team or list to export into.")
    ] = "",
    base_url: Annotated[str, typer.Option("--base-url", help="Address of the tracker.")] = "",
    epic: Annotated[
        Path | None, typer.Option("--epic", help="A folder with an epic of your own.")
    ] = None,
    runs: Annotated[
        Path, typer.Option("--runs", envvar="GOLIVE_OUT", help="Where run folders are kept.")
    ] = Path("runs"),
    load: LoadOption = "",
    only: OnlyOption = "epic",
    target: TargetOption = None,
    catalog: CatalogOption = None,
) -> None:
    """Put the go-live epic into an issue tracker; a second time, only what changed.

    Tokens come from the environment: GITHUB_TOKEN, JIRA_TOKEN, LINEAR_API_KEY, CLICKUP_TOKEN.
    With GITHUB_PROJECT, a title, the issues also lie on the board of that project.

    With --load k6 it writes a load of the catalog as a script for k6 instead.

    Example: golive export --to github --into OWNER/NAME --dry-run

    Example: golive export --load k6 --only spike --target targets/staging.toml --out spike.js
    """
    if load:
        require_alone(load, to)
        write_script(load_of(only, Catalog.of(tuple(catalog or ()))), target, out)
        return
    tracker = _tracker(to, way)
    tickets = tracker.shape(tickets_of(read_epic(epic or built_in_epic())))
    if run:
        tickets = _after(find_run(run, runs), tickets, catalog)
    for loss in tracker.losses(way, tickets):
        say(f"note: {loss}", style="yellow")
    if way == API:
        given = {tracker.into: into, tracker.address: base_url}
        _synchronise(tracker, tickets, given, dry_run=dry_run)
    else:
        _leave(tracker.documents[way](tickets), out or Path("export"), dry_run=dry_run)


def _tracker(to: str, way: str) -> Tracker:
    """The tracker that was named, if it is exported to that way."""
    if not to:
        raise ConfigurationError(
            "nothing says what to export to", remedy="--to github, or --load k6; see --help."
        )
    tracker = find_tracker(to)
    if way != API and way not in tracker.documents:
        raise ConfigurationError(
            f"--as {way}: {tracker.title} is not exported to that way",
            remedy=f"There are {', '.join((API, *tracker.documents))}.",
        )
    return tracker


def _after(
    folder: Path, tickets: Sequence[Ticket], catalog: list[Path] | None
) -> tuple[Ticket, ...]:
    """The tickets after a run, which is judged again: nobody's word is taken for its verdict."""
    entries = Catalog.of(tuple(catalog or ()))
    report = gate.conclude(folder, entries).report
    progress = progress_of(tickets, report.plan, report.verdict, entries.items)
    for sentence in progress.open:
        say(f"note: {sentence}", style="yellow")
    return progress.tickets


def _synchronise(
    tracker: Tracker, tickets: Sequence[Ticket], given: dict[str, str], *, dry_run: bool
) -> None:
    values = read_variables(tracker.title, tracker.variables, given)
    require_private(values[tracker.address])
    with tracker.open_board(values) as board:
        held = board.held()
        changes = changes_of(tickets, held, board.lacking(tickets))
        if dry_run:
            for change in changes:
                say(f"would {_told(change)}")
        else:
            apply(changes, tickets, board, held, lambda change: say(_told(change)))
    _sum_up(tracker.title, changes, len(tickets), dry_run=dry_run)


def _told(change: Change) -> str:
    return f"{change.verb:<7} {change.words}"


def _sum_up(title: str, changes: Sequence[Change], tickets: int, *, dry_run: bool) -> None:
    counted = Counter(change.verb for change in changes)
    done = ", ".join(f"{counted[verb]} x {verb}" for verb in Verb if counted[verb])
    made = "a dry run, nothing was changed" if dry_run else "done"
    say(f"{title}: {tickets} tickets; {done or 'nothing to change'} ({made})")


def _leave(document: Document, out: Path, *, dry_run: bool) -> None:
    file = out / document.name
    if dry_run:
        write(document.text)
        say(f"would write {file}")
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
        # The line ends of a CSV document are its own.
        file.write_text(document.text, encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror}", remedy="--out DIR") from error
    say(f"wrote {file}")
