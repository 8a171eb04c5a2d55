"""Evidence: immutable facts that a scenario saw, and the operations they rest on."""

from dataclasses import dataclass
from enum import StrEnum

from golive.model.facts import Facts


@dataclass(frozen=True)
class Evidence:
    """One thing that was seen. `id` is `<scenario>/<number>`."""

    id: str
    kind: str
    facts: Facts
    operations: tuple[int, ...]


class Ending(StrEnum):
    """How the drive of a scenario ended."""

    COMPLETED = "completed"
    UNREACHABLE = "unreachable"
    UNOBSERVABLE = "unobservable"
    CRASHED = "crashed"
    UNHEALED = "unhealed"
    CALLED_OFF = "called off"
    LATE = "late"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class StepRecord:
    """What the ledger holds of one step: how it ended, why, and all evidence it gave.

    `detail` is one sentence; `traceback` is filled where the scenario crashed.
    """

    scenario: str
    ending: Ending
    detail: str
    traceback: str
    started_seconds: float
    seconds: float
    evidence: tuple[Evidence, ...]
