"""The ledger of one run, as it is read back from disk."""

from dataclasses import dataclass

from golive.model.evidence import StepRecord
from golive.model.operation import Operation


@dataclass(frozen=True)
class Ledger:
    """Everything that was recorded. `damage` says why it must not be trusted (empty = intact)."""

    steps: tuple[StepRecord, ...]
    operations: tuple[Operation, ...]
    seconds: float
    damage: str = ""

    def step(self, scenario: str) -> StepRecord | None:
        """The record of one scenario, None where it was not run."""
        return next((record for record in self.steps if record.scenario == scenario), None)
