"""Opens a run folder. What is missing or altered is said, and then proves nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from golive.errors import LedgerError
from golive.ledger import folder as layout
from golive.ledger.logbook import LogbookFolder
from golive.model.evidence import StepRecord
from golive.model.facts import frozen
from golive.model.ledger import Ledger
from golive.model.logbook import Logbook
from golive.model.operation import Operation, Phase
from golive.model.plan import Plan

_PLAN = TypeAdapter(Plan)
_STEP = TypeAdapter(StepRecord)


def read_plan(folder: Path) -> Plan:
    """The plan of a run. Raises LedgerError where the folder does not hold one."""
    path = folder / layout.PLAN
    try:
        return _PLAN.validate_json(path.read_bytes())
    except FileNotFoundError:
        raise LedgerError(
            f"{folder} is not a run folder: it has no {layout.PLAN}",
            remedy="`golive runs` lists the runs.",
        ) from None
    except (OSError, ValidationError) as error:
        raise LedgerError(f"{path} cannot be read: {error}") from None


def read_ledger(folder: Path) -> Ledger:
    """The ledger of a run, with the reason why it must not be trusted where there is one."""
    damage, seconds = _verify(folder)
    try:
        steps = tuple(
            _STEP.validate_json(path.read_bytes())
            for path in sorted((folder / layout.EVIDENCE).glob("*.json"))
        )
        operations = tuple(read_operations(folder / layout.OPERATIONS))
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Ledger((), (), seconds, damage or f"the ledger cannot be read: {error}")
    return Ledger(steps, operations, seconds, damage)


def read_logbooks(folder: Path, about: str) -> dict[str, Logbook]:
    """The logbooks of checklists that were copied into a run folder."""
    books = sorted((folder / layout.LOGBOOKS).glob("*/"))
    return {path.name: LogbookFolder(path, path.name, about).read() for path in books}


def read_operations(path: Path) -> Iterator[Operation]:
    """Every line of `operations.ndjson`."""
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        yield Operation(
            number=entry["number"],
            phase=Phase(entry["phase"]),
            process=entry["process"],
            name=entry["name"],
            at_seconds=entry["at_seconds"],
            facts={name: frozen(value) for name, value in entry["facts"].items()},
        )


def _verify(folder: Path) -> tuple[str, float]:
    """Why the ledger must not be trusted (empty = intact), and the run's duration in seconds."""
    try:
        seal = json.loads((folder / layout.SEAL).read_bytes())
        sealed, seconds = dict(seal["sha256"]), float(seal["seconds"])
        found = layout.digests(folder)
    except FileNotFoundError:
        return "the run did not finish: its ledger has no seal", 0.0
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"the ledger's seal cannot be read: {error}", 0.0
    names = sealed.keys() | found.keys()
    changed = sorted(name for name in names if sealed.get(name) != found.get(name))
    if changed:
        return f"the ledger was changed after the run: {', '.join(changed)}", seconds
    return "", seconds
