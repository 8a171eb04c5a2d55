"""The ledger of one run, as it is read back from disk."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from golive.model.evidence import StepRecord
from golive.model.logbook import Logbook
from golive.model.operation import Operation


@dataclass(frozen=True)
class Ledger:
    """Everything that was recorded. `damage` says why it must not be trusted (empty = intact)."""

    steps: tuple[StepRecord, ...]
    operations: tuple[Operation, ...]
    seconds: float
    damage: str = ""
    logbooks: Mapping[str, Logbook] = field(default_factory=dict)
    """What people signed and commands said, by checklist, as it was when the run ended."""

    def step(self, scenario: str) -> StepRecord | None:
        """The record of one scenario, None where it was not run."""
        return next((record for record in self.steps if record.scenario == scenario), None)
