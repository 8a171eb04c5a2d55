"""What is written into a run folder after judging."""

import json
from collections.abc import Callable
from pathlib import Path

from pydantic import TypeAdapter

from golive.ledger import folder as layout
from golive.model.finding import Finding

_FINDINGS = TypeAdapter(tuple[Finding, ...])


def write_findings(
    folder: Path, findings: tuple[Finding, ...], redact: Callable[[str], str]
) -> None:
    """Write `findings.json`: the findings as they were judged, tracebacks included."""
    document = _FINDINGS.dump_python(findings, mode="json")
    write_text(folder, layout.FINDINGS, json.dumps(document, indent=2) + "\n", redact)


def write_text(folder: Path, name: str, text: str, redact: Callable[[str], str]) -> Path:
    """Write one rendered file whole, without secrets, and return its path."""
    path = folder / name
    layout.write_whole(path, redact(text).encode(errors="replace"))
    return path
