"""`golive compare`."""

from collections import defaultdict
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from golive import gate
from golive.catalog.catalog import Catalog
from golive.cli.console import say, say_json
from golive.cli.gating import CatalogOption, OutOption
from golive.ledger.listing import find_run
from golive.model.comparison import Change, Comparison, Difference

WORSE, UNTOLD = 1, 2
STYLES = {Change.WORSE: "bold red", Change.BETTER: "green"}

BeforeArgument = Annotated[
    str, typer.Argument(metavar="RUN_A", help="The earlier run: its folder or its id.")
]
AfterArgument = Annotated[
    str, typer.Argument(metavar="RUN_B", help="The later run: its folder, its id, or `latest`.")
]


def command(
    before: BeforeArgument,
    after: AfterArgument,
    catalog: CatalogOption = None,
    out: OutOption = Path("runs"),
    as_json: Annotated[bool, typer.Option("--json", help="Print it for a program.")] = False,
) -> None:
    """Say what changed between two runs of one target, and what of it is more than chance.

    Exit code 0: nothing got worse; 1: something did; 2: a load could not be compared.

    Example: golive compare 20260105T080000Z-3f9c2a latest
    """
    comparison = gate.compare(
        find_run(before, out), find_run(after, out), Catalog.of(tuple(catalog or ()))
    )
    if as_json:
        say_json({"schema": 1, "worse": comparison.worse, **asdict(comparison)})
    else:
        _tell(comparison)
    raise typer.Exit(WORSE if comparison.worse else UNTOLD if comparison.untold else 0)


def _tell(comparison: Comparison) -> None:
    say(f"{comparison.target}, profile {comparison.profile}")
    say(f"before  {comparison.before}  {comparison.verdict_before}")
    say(f"after   {comparison.after}  {comparison.verdict_after}")
    for note in comparison.notes:
        say(f"  {note}")
    for one in comparison.findings:
        outcome = f"{one.before} -> {one.after}: {one.summary}"
        say(f"  {one.change:<8} {one.finding:<24} {outcome}", style=STYLES.get(one.change))
    stages: dict[str, list[Difference]] = defaultdict(list)
    for figure in comparison.differences:
        stages[f"{figure.scenario}, {figure.stage}"].append(figure)
    for name, figures in stages.items():
        say(f"{name}{'' if figures[0].counts else ' (may be slow: not held against it)'}")
        for figure in figures:
            say(f"  {_word(figure):<32}{_told(figure)}", style=STYLES.get(figure.change))
    for sentence in comparison.untold:
        say(f"not compared: {sentence}")
    say(_sum(comparison))


def _word(figure: Difference) -> str:
    words = {Change.WORSE: "slower", Change.BETTER: "faster"} if figure.unit else {}
    return words.get(figure.change, figure.change)


def _told(figure: Difference) -> str:
    if not figure.unit:
        return f"{figure.what}: {figure.before:g} -> {figure.after:g}"
    told = f"{figure.what} of a second {figure.before:.3g} -> {figure.after:.3g} {figure.unit}"
    if not figure.times:
        return told
    return f"{told}, {figure.times:.2f} times ({figure.low:.2f} to {figure.high:.2f})"


def _of(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


def _sum(comparison: Comparison) -> str:
    if comparison.worse:
        findings = sum(one.change is Change.WORSE for one in comparison.findings)
        figures = sum(one.change is Change.WORSE and one.counts for one in comparison.differences)
        return f"worse: {_of(findings, 'finding')}, {_of(figures, 'figure')} of loads"
    return "nothing got worse" + (", as far as it could be compared" * bool(comparison.untold))
