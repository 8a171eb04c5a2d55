"""`golive checklist run`."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from golive.cli.console import err
from golive.cli.gating import (
    LISTS,
    BreakOption,
    CatalogOption,
    JsonOption,
    ListsOption,
    OutOption,
    ProfileOption,
    SeedOption,
    ended_by_sigterm,
)
from golive.cli.listing import (
    DEFAULT_LIST,
    REFERENCE,
    WEEK_HOURS,
    AsOption,
    ListArgument,
    MaxAgeOption,
    TargetFileArgument,
    order_of,
    person,
    rests_on,
    tell_status,
)
from golive.cli.mending import mend_abandoned
from golive.cli.narration import Narration
from golive.errors import ConfigurationError
from golive.model.profile import Profile
from golive.model.settings import Selection
from golive.model.standing import Standing
from golive.worklist import OpenList, find_item, open_list, run_list

UNATTENDED = "golive, unattended"


VersionOption = Annotated[
    str, typer.Option("--version", help="What goes live; deploy commands need it.")
]
AgainOption = Annotated[
    list[str] | None, typer.Option("--again", help="An item: run its command once more.")
]
RehearsedOption = Annotated[
    str,
    typer.Option("--rehearsed", help="A run of staging: shows what production refuses."),
]
TimeScaleOption = Annotated[
    float,
    typer.Option("--time-scale", min=1.0, help="A rehearsal's days go by so much faster."),
]


def command(  # noqa: PLR0913, PLR0917 - Typer reads options in this order
    name: ListArgument = DEFAULT_LIST,
    target: TargetFileArgument = REFERENCE,
    version: VersionOption = "",
    again: AgainOption = None,
    rehearsed: RehearsedOption = "",
    time_scale: TimeScaleOption = 1.0,
    by: AsOption = "",
    max_age: MaxAgeOption = WEEK_HOURS,
    profile: ProfileOption = Profile.QUICK,
    seed: SeedOption = "",
    may_break: BreakOption = "",
    lists: ListsOption = LISTS,
    catalog: CatalogOption = None,
    out: OutOption = Path("runs"),
    as_json: JsonOption = False,
) -> None:
    """Work through a checklist: gather findings, run commands, ask for signatures.

    What is proven is not done again, also after a crash; what is stale is (another commit, or older
    than --max-age). Where no terminal is, nobody is asked and nothing is signed.

    Example: golive checklist run go_live targets/staging.toml --version v1.2.0
    """
    if version.startswith("-"):
        raise ConfigurationError(f"--version {version}: a version does not begin with '-'")
    asked = sys.stdin.isatty() and err.is_terminal and not as_json
    order = replace(
        order_of(name, target, lists, max_age, _name(by, asked=asked)),
        selection=Selection(profile=profile, seed=seed, may_break=may_break),
        catalogs=tuple(catalog or ()),
        out=out,
        version=version,
        rehearsed=rehearsed,
        time_scale=time_scale,
    )
    mend_abandoned()
    opened = open_list(order)
    _require_whole_days(opened)
    _repeat(opened, again or [])
    attendant = Attendant(order.by, asked=asked)
    with ended_by_sigterm():
        try:
            status = run_list(opened, attendant)
        finally:
            attendant.done()
    tell_status(status, as_json=as_json)


def _name(given: str, *, asked: bool) -> str:
    """Who runs it; without a terminal nobody need be known, for nobody signs."""
    if asked or given:
        return person(given)
    return UNATTENDED


def _require_whole_days(opened: OpenList) -> None:
    if opened.order.time_scale > 1 and opened.environment == "production":
        raise ConfigurationError("a day of production takes a day: leave out --time-scale")


def _repeat(opened: OpenList, words: list[str]) -> None:
    for word in words:
        opened.again(find_item(word, opened.items))


class Attendant(Narration):
    """Narrates the runs, and asks at the terminal."""

    def __init__(self, by: str, *, asked: bool) -> None:
        super().__init__()
        self._by = by
        self._asked = asked

    def tell(self, text: str) -> None:
        """One line that stays."""
        self.done()
        err.print(f"  {text}", markup=False)

    def decide(self, standing: Standing) -> str | None:
        """The note of a signature, None where nobody signs."""
        if not self._asked:
            return None
        self.done()
        item = standing.item
        for line in ("", f"{item.id}: {item.statement}", item.why, f"rests on {rests_on(item)}"):
            err.print(line, markup=False)
        question = f"{self._by}, do you sign this as {item.signature}?"
        if not typer.confirm(question, default=False, err=True):
            return None
        return str(typer.prompt("What was seen", default="", show_default=False, err=True))
