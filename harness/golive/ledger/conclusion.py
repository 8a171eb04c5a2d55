"""What is written into a run folder after judging."""

import json
from pathlib import Path

from pydantic import TypeAdapter

from golive.ledger import folder as layout
from golive.model.finding import Finding

_FINDINGS = TypeAdapter(tuple[Finding, ...])


def write_findings(folder: Path, findings: tuple[Finding, ...]) -> None:
    """Write `findings.json`: the findings as they were judged, tracebacks included."""
    document = _FINDINGS.dump_python(findings, mode="json")
    write_text(folder, layout.FINDINGS, json.dumps(document, indent=2) + "\n")


def remove_text(folder: Path, name: str) -> None:
    """Remove a rendered file: one of an earlier rendering must not pass for this one's."""
    (folder / name).unlink(missing_ok=True)


def write_text(folder: Path, name: str, text: str) -> Path:
    """Write one rendered file whole and return its path.

    It is made of the ledger, which holds no secret; replacing words of a rendered page would break
    it where a password is a word of its markup.
    """
    path = folder / name
    layout.write_whole(path, text.encode(errors="replace"))
    return path
