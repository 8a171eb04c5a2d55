"""What tells the test data of one step from all other data."""

import random
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class StepIdentity:
    """A step of a run. The same scenario in another run draws other identities."""

    run: str
    scenario: str

    @property
    def marker(self) -> str:
        """Marks test data, so that a person can tell it from real data."""
        return f"golive-{self.run.rpartition('-')[2]}"

    @cached_property
    def fresh(self) -> random.Random:
        """A source of identities that occur in no other run."""
        return random.Random(f"{self.run}/{self.scenario}")  # noqa: S311 - test data, no secret
