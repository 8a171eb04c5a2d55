"""A checklist on paper: Markdown and PDF."""

import re
import zlib
from pathlib import Path

import pytest

from golive.adapters.printing import write_pdf
from golive.catalog.catalog import Catalog
from golive.errors import ConfigurationError
from golive.model.checklist import Item
from golive.model.paper import paper_of
from golive.reporting.paper import to_markdown

ROOT = Path(__file__).parents[3]
GO_LIVE = [item for item in Catalog.of().items if item.list == "go_live"]


def text_of(pdf: Path) -> str:
    """All words that are drawn on the pages of a PDF."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf.read_bytes(), re.DOTALL)
    drawn = b"".join(map(zlib.decompress, streams)).decode("latin-1")
    pieces = re.findall(r"\[?\((.*?)(?<!\\)\)\]? *T[jJ]", drawn, re.DOTALL)
    return re.sub(r"\\([()\\])", r"\1", " ".join(pieces))


def test_the_manual_checklist_is_the_printed_list() -> None:
    """docs/manual-testing-checklist.md is what `golive checklist print go_live` says."""
    document = (ROOT / "docs/manual-testing-checklist.md").read_text()

    assert document == to_markdown(paper_of("go_live", GO_LIVE))


def test_the_five_sections_are_headings_and_each_item_a_box() -> None:
    """In the order of the epic, and one box for each item, by its name."""
    text = to_markdown(paper_of("go_live", GO_LIVE))

    assert re.findall(r"^## \d\. (.*)$", text, re.MULTILINE) == [
        *("Pre-deployment checks", "Deployment steps", "Smoke tests"),
        *("Integration tests", "Monitoring checks"),
    ]
    assert re.findall(r"^- \[ \] \*\*(\S+)\*\*", text, re.MULTILINE) == [
        item.name for item in sorted(GO_LIVE, key=lambda item: item.name)
    ]


def test_a_pdf_has_every_sentence(tmp_path: Path) -> None:
    """Nothing is lost at the end of a line or page."""
    write_pdf(paper_of("go_live", GO_LIVE), tmp_path / "list.pdf")
    words = text_of(tmp_path / "list.pdf").split()

    assert (tmp_path / "list.pdf").read_bytes().startswith(b"%PDF-")
    for item in GO_LIVE:
        assert {*item.statement.split()} <= {*words}
        assert item.name in words


def test_letters_that_the_font_lacks_are_named(tmp_path: Path) -> None:
    """A PDF without them would say something else."""
    paper = paper_of("mine", [Item("Проверка", "w", id="mine.1", signature="QA")])

    with pytest.raises(ConfigurationError, match=r"has no .*П"):
        write_pdf(paper, tmp_path / "list.pdf")
    assert not (tmp_path / "list.pdf").exists()
