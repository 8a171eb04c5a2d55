"""`golive checklist print`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from golive.catalog.catalog import Catalog
from golive.cli.console import say, write
from golive.cli.gating import CatalogOption
from golive.cli.listing import DEFAULT_LIST, ListArgument
from golive.errors import ConfigurationError
from golive.model.paper import paper_of
from golive.reporting.paper import to_markdown
from golive.worklist import items_of


class Format(StrEnum):
    """What a checklist is printed as."""

    MARKDOWN = "markdown"
    PDF = "pdf"


def command(
    name: ListArgument = DEFAULT_LIST,
    form: Annotated[
        Format, typer.Option("--format", "-f", help="How it is printed.")
    ] = Format.MARKDOWN,
    out: Annotated[
        Path | None, typer.Option("--out", help="Into which file; Markdown goes to stdout.")
    ] = None,
    font: Annotated[
        Path | None,
        typer.Option("--font", help="A .ttf file for letters that are not Latin. PDF only."),
    ] = None,
    catalog: CatalogOption = None,
) -> None:
    """Print a checklist, to be ticked by hand.

    Example: golive checklist print go_live --format pdf --out checklist.pdf
    """
    paper = paper_of(name, items_of(name, Catalog.of(tuple(catalog or ()))))
    if form is Format.MARKDOWN and out is None:
        write(to_markdown(paper))
        return
    if out is None:
        raise ConfigurationError("a PDF goes into a file", remedy="--out FILE.pdf")
    if form is Format.PDF:
        from golive.adapters.printing import write_pdf

        write_pdf(paper, out, font)
    else:
        _save(out, to_markdown(paper))
    say(f"wrote {out}")


def _save(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}", remedy="--out FILE") from error
