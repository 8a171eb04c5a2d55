"""What the commands of `golive checklist` share: options, tables, the exit code."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.markup import escape

from golive.adapters.git import user_name
from golive.cli.console import out, say_json
from golive.cli.gating import EXIT_CODES
from golive.cli.narration import DECISION_STYLES
from golive.config.secrets import printable
from golive.errors import ConfigurationError
from golive.model.checklist import SECTIONS, Item
from golive.model.outcome import Outcome
from golive.model.standing import ListStatus, Standing
from golive.model.wording import WAIVED, WORDS
from golive.reporting.tally import shortened
from golive.worklist import Order

HOUR_SECONDS = 3600.0
DEFAULT_LIST = "go_live"

ListArgument = Annotated[str, typer.Argument(metavar="LIST", help="A folder of checklists/.")]
TargetFileArgument = Annotated[
    Path, typer.Argument(metavar="[TARGET.toml]", help="On which target.")
]
ItemArgument = Annotated[
    str, typer.Argument(metavar="ITEM", help="Its id, or the end of it: go_live.109-dns, dns.")
]
ListOption = Annotated[str, typer.Option("--list", help="The checklist the item is in.")]
AsOption = Annotated[
    str, typer.Option("--as", help="Who you are; else as git knows you.", show_default=False)
]
MaxAgeOption = Annotated[
    float, typer.Option("--max-age", min=0.0, help="Hours after which evidence is stale.")
]
REFERENCE = Path("targets/reference.toml")
WEEK_HOURS = 168.0

BAR_WIDTH = 12
BLOCKING_SHOWN = 8
LACKS_SHOWN = 2
MARKS = {"passed": "✓", "failed": "✗", "inconclusive": "?", "waived": "~"}
STYLES = {"passed": "green", "failed": "bold red", "inconclusive": "yellow", "waived": "yellow"}


def person(given: str) -> str:
    """The name of whoever signs. Raises ConfigurationError: nobody signs on behalf of nobody."""
    name = (given or user_name(Path.cwd())).strip()
    if not name:
        raise ConfigurationError(
            "nobody knows who you are", remedy='--as "Your Name", or: git config user.name'
        )
    return name


def word_of(standing: Standing) -> str:
    """passed, failed, inconclusive or waived."""
    return WAIVED if standing.accepted else WORDS[standing.outcome]


@dataclass(frozen=True)
class Progress:
    """One section of a list: how many of its items are settled."""

    heading: str
    standings: tuple[Standing, ...]

    @property
    def settled(self) -> int:
        """How many are proven or accepted."""
        return sum(one.settled for one in self.standings)


def by_section(standings: Sequence[Standing]) -> Iterator[Progress]:
    """The items by section, in the order of the sections; those without one come last."""
    for name, heading in (*SECTIONS.items(), (None, "Further items")):
        inside = tuple(one for one in standings if one.item.section == name)
        if inside:
            yield Progress(heading, inside)


def show_status(status: ListStatus, *, everything: bool) -> None:
    """One screen: progress, what blocks, who signs next, the verdict; or every item."""
    for section in by_section(status.standings):
        _show_section(section, everything=everything)
    if not everything:
        _show_blocking(status)
    signers: dict[str, list[str]] = {}
    for role, one in status.signers:
        signers.setdefault(role, []).append(one.item.name)
    for role, names in signers.items():
        said = f"{role}: {', '.join(names)}"
        out.print(f"[bold]next to sign[/]: {escape(printable(said))}")
    settled = sum(one.settled for one in status.standings)
    words = f"{status.list} on {status.target}: {settled} of {len(status.standings)} items"
    out.print(
        f"[{DECISION_STYLES[status.decision]}] {status.decision} [/] {escape(printable(words))}"
    )
    if status.damage:
        _aside(f"the logbook cannot be trusted: {status.damage}")


def _show_section(section: Progress, *, everything: bool) -> None:
    total = len(section.standings)
    failed = sum(one.outcome is Outcome.FAIL and not one.accepted for one in section.standings)
    done = round(BAR_WIDTH * section.settled / total)
    bar = f"[green]{'█' * done}[/][dim]{'░' * (BAR_WIDTH - done)}[/]"
    red = f", [bold red]{failed} failed[/]" if failed else ""
    out.print(f"{bar} [bold]{section.heading}[/]: {section.settled} of {total}{red}")
    for one in section.standings if everything else ():
        _show_line(one)


def _show_blocking(status: ListStatus) -> None:
    """What keeps the list from being GO and can be done now: what failed comes first."""
    blocking = [one for one in status.standings if one.ready and one.item.level == "must"]
    blocking.sort(key=lambda one: one.outcome is not Outcome.FAIL)
    waiting = sum(bool(one.waits_for) and not one.settled for one in status.standings)
    for one in blocking[:BLOCKING_SHOWN]:
        _show_line(one)
    if (more := len(blocking) - BLOCKING_SHOWN) > 0:
        _aside(f"and {more} more, which --all shows")
    if waiting:
        _aside(f"{waiting} {'item waits' if waiting == 1 else 'items wait'} for others")


def _show_line(standing: Standing) -> None:
    word = word_of(standing)
    optional = "" if standing.item.level == "must" else " [dim](recommended)[/]"
    out.print(
        f"  [{STYLES[word]}]{MARKS[word]} {word:<12}[/] {escape(standing.item.name):<22} "
        f"{escape(printable(standing.item.statement))}{optional}"
    )
    if standing.waits_for and not standing.settled:
        _aside(f"waits for {shortened(name.partition('.')[2] for name in standing.waits_for)}")
    elif not standing.settled:
        for lack in standing.lacks[:LACKS_SHOWN]:
            _aside(lack)
        if (more := len(standing.lacks) - LACKS_SHOWN) > 0:
            _aside(f"and {more} more of this kind")
        if standing.outcome is Outcome.FAIL and standing.item.rollback:
            _aside(f"the way back: {standing.item.rollback}")
    for signed in standing.signed:
        _aside(f"signed by {signed}")


def _aside(text: str) -> None:
    out.print(f"{'':17}{printable(text)}", markup=False, style="dim")


def tell_status(status: ListStatus, *, as_json: bool, everything: bool = False) -> NoReturn:
    """Show how a list stands, and leave with the exit code of its verdict."""
    if as_json:
        say_json(document_of(status))
    else:
        show_status(status, everything=everything)
    raise typer.Exit(EXIT_CODES[status.decision])


def document_of(status: ListStatus) -> dict[str, object]:
    """The same for a program."""
    return {
        "list": status.list,
        "target": status.target,
        "verdict": status.decision,
        "reasons": list(status.reasons),
        "damage": status.damage,
        "head": status.head,
        "items": [_item_document(one) for one in status.standings],
    }


def _item_document(standing: Standing) -> dict[str, object]:
    item = standing.item
    return {
        "id": item.id,
        "section": item.section,
        "statement": item.statement,
        "level": item.level,
        "outcome": standing.outcome,
        "waived": standing.accepted,
        "lacks": list(standing.lacks),
        "waits_for": list(standing.waits_for),
        "next_signature": item.signature if standing.ready and standing.to_sign else "",
        "signed": list(standing.signed),
    }


def rests_on(item: Item) -> str:
    """What an item rests on, in words."""
    findings = f"findings {', '.join(item.findings)}" if item.findings else ""
    return "; ".join(filter(None, (findings, item.by_hand))) or "nothing"


def order_of(name: str, target: Path, lists: Path, max_age_hours: float, by: str = "") -> Order:
    """An order that only looks or signs."""
    return Order(
        list=name,
        target_file=target,
        by=by,
        lists=lists,
        max_age_seconds=max_age_hours * HOUR_SECONDS,
    )
