"""`golive report`."""

from pathlib import Path
from typing import Annotated

import typer

from golive import gate
from golive.catalog.catalog import Catalog
from golive.cli.app import CRASHED
from golive.cli.console import explain, say, write
from golive.cli.gating import CatalogOption, OutOption
from golive.cli.judge import RunArgument
from golive.errors import ConfigurationError
from golive.ledger.listing import find_run


def command(
    run: RunArgument,
    report_format: Annotated[
        str,
        typer.Option(
            "--format", "-f", help="Print this format on stdout: html, json, junit, markdown, …"
        ),
    ] = "",
    catalog: CatalogOption = None,
    out: OutOption = Path("runs"),
) -> None:
    """Render the reports of a finished run again and say where they are.

    Example: golive report latest --format markdown > comment.md
    """
    entries = Catalog.of(tuple(catalog or ()))
    if report_format and report_format not in entries.exporters:
        raise ConfigurationError(
            f"--format {report_format}: there is no such exporter",
            remedy=f"There are {', '.join(sorted(entries.exporters))}.",
        )
    conclusion = gate.conclude(find_run(run, out), entries)
    for sentence in conclusion.unrendered:
        explain(sentence)
    rendered = {
        name: file
        for name, exporter in sorted(entries.exporters.items())
        if (file := conclusion.folder / exporter.file_name).exists()
    }
    if report_format in rendered:
        write(rendered[report_format].read_text(encoding="utf-8"))
    elif not report_format:
        for name, file in rendered.items():
            say(f"{name:<10} {file}")
    if conclusion.unrendered:
        raise typer.Exit(CRASHED)
