"""What each exporter writes of a recorded run, letter by letter.

After a change that is meant, renew the stored files and read the difference:

    GOLIVE_RENEW_GOLDEN=1 pytest tests/golden
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from golive.model.exporter import Exporter
from golive.model.report import Report

HERE = Path(__file__).parent
RENEW = os.environ.get("GOLIVE_RENEW_GOLDEN") == "1"


@pytest.mark.parametrize("run", ["no_go", "go", "unproven"])
@pytest.mark.parametrize("format_name", ["html", "markdown", "junit", "json"])
def test_an_exporter_writes_the_stored_file(
    run: str,
    format_name: str,
    exporters: Mapping[str, Exporter],
    recorded: Callable[[str], Report],
) -> None:
    """A recorded run is rendered exactly as stored, so that no change of a report goes unseen."""
    exporter = exporters[format_name]
    stored = HERE / run / exporter.file_name
    rendered = exporter.render(recorded(run))
    if RENEW:
        stored.parent.mkdir(exist_ok=True)
        stored.write_text(rendered, encoding="utf-8")
    assert rendered == stored.read_text(encoding="utf-8")


def test_the_exporters_write_the_files_of_a_run_folder(exporters: Mapping[str, Exporter]) -> None:
    """A run folder gets report.html, report.md, junit.xml and verdict.json."""
    files = {name: exporter.file_name for name, exporter in exporters.items()}
    assert files == {
        "html": "report.html",
        "json": "verdict.json",
        "junit": "junit.xml",
        "markdown": "report.md",
    }
