"""Where things lie in a run folder, and how files get there whole or not at all."""

import hashlib
import os
from pathlib import Path

from golive.errors import LedgerError

PLAN = "plan.json"
OPERATIONS = "operations.ndjson"
EVIDENCE = "evidence"
SEAL = "seal.json"
FINDINGS = "findings.json"
LOGBOOKS = f"{EVIDENCE}/checklists"


def evidence_file(scenario: str) -> str:
    """Path of a step's record, relative to the run folder."""
    return f"{EVIDENCE}/{scenario}.json"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that appears complete or not at all. Raises LedgerError."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise disk_error(path, error) from error


def disk_error(path: Path, error: OSError) -> LedgerError:
    """The sentence for a file that cannot be written."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    return LedgerError(
        f"{path} cannot be written: {reason}",
        remedy="Free space or choose another folder with --out; the run so far stays where it is.",
    )


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file that judging rests on, by its path within the run folder."""
    files = [folder / PLAN, folder / OPERATIONS, *sorted((folder / EVIDENCE).rglob("*"))]
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.is_file()
    }
