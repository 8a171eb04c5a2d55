"""Performs the steps of a deploy and, where one fails, those that undo it.

The record is kept before and after every step, so that a golive that was killed leaves word.
"""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from golive.errors import GoliveError, StepFailedError
from golive.model.deploying import (
    LOOKS,
    Act,
    Deploy,
    DeployOutcome,
    DeployRecord,
    DeployStep,
    StepRecord,
    StepState,
    last_line,
    steps_back,
    steps_of,
)


class Operator(Protocol):
    """Does what a step says. Raises StepFailedError."""

    def perform(self, step: DeployStep, version: str) -> str:
        """Do it; what it printed."""


class Watcher(Protocol):
    """Is told how a deploy goes on."""

    def began(self, step: StepRecord) -> None:
        """A step was begun."""

    def ended(self, step: StepRecord) -> None:
        """It has ended, in whatever way."""


@dataclass
class Rollout:
    """One deploy under way. `nodes` have an address; `keep` writes the record down."""

    deploy: Deploy
    nodes: Collection[str]
    operator: Operator
    watcher: Watcher
    keep: Callable[[DeployRecord], None]
    record: DeployRecord

    def forward(self) -> DeployRecord:
        """Deploy; roll back by itself where a step fails after the first change."""
        try:
            for step in steps_of(self.deploy, self.nodes):
                said = self._perform(step, self.record.release, back=False)
                if step.act is Act.PREPARE and (release := last_line(said)):
                    self.record = replace(self.record, release=release)
        except KeyboardInterrupt:
            return self._give_up("interrupted")
        except GoliveError as error:
            return self._give_up(f"{self.record.last} failed: {error}")
        return self._end(DeployOutcome.DEPLOYED, "")

    def look(self) -> None:
        """Only the steps that change nothing. Raises StepFailedError."""
        for step in steps_of(self.deploy, ()):
            if step.act in LOOKS:
                self._perform(step, self.record.release, back=False)

    def back(self, reason: str, touched: Sequence[str]) -> DeployRecord:
        """Have the servers run what they ran before, the last one that was changed first."""
        problems: list[str] = []
        given_up: set[str] = set()
        try:
            for step in steps_back(self.deploy, touched):
                if self._is_better_left(step.node, given_up):
                    continue
                try:
                    self._perform(step, self.record.previous, back=True)
                except GoliveError as error:
                    given_up.add(step.node)
                    problems.append(f"{step.title}: {error}")
        except KeyboardInterrupt:
            problems.append("interrupted while rolling back")
        if problems:
            whole = "\n".join((reason, "and it could not be rolled back:", *problems))
            return self._end(DeployOutcome.LEFT, whole)
        return self._end(DeployOutcome.ROLLED_BACK, reason)

    def _is_better_left(self, node: str, given_up: Collection[str]) -> bool:
        """Whether steps for a server would say nothing, or do harm: its own start has failed, or
        that of another one with an address, and those that are left must go on serving.
        """
        if not node:
            return False
        return node in given_up or (
            node in self.nodes and any(one in self.nodes for one in given_up)
        )

    def _give_up(self, reason: str) -> DeployRecord:
        if not self.record.touched:
            return self._end(DeployOutcome.NOT_BEGUN, reason)
        return self.back(reason, self.record.touched)

    def _perform(self, step: DeployStep, version: str, *, back: bool) -> str:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        begun = StepRecord(step.act, step.node, back, started=now)
        before = self.record.steps
        self._keep((*before, begun), back=back)
        self.watcher.began(begun)
        start = time.monotonic()
        state, said = StepState.FAILED, "interrupted"
        try:
            said = self._performed(step, version)
            state = StepState.DONE
        except GoliveError as error:
            said = str(error)
            raise
        finally:
            seconds = round(time.monotonic() - start, 3)
            ended = replace(begun, state=state, seconds=seconds, said=said.strip())
            self._keep((*before, ended), back=back)
            self.watcher.ended(ended)
        return said

    def _performed(self, step: DeployStep, version: str) -> str:
        try:
            return self.operator.perform(step, version)
        except GoliveError as error:
            if step.act is Act.FINISH:
                return f"not tidied up: {error}"
            raise
        # A defect of ours must not leave servers half way either.
        except Exception as error:
            raise StepFailedError(f"golive failed: {type(error).__name__}: {error}") from error

    def _keep(self, steps: tuple[StepRecord, ...], *, back: bool) -> None:
        self.record = replace(self.record, steps=steps)
        try:
            self.keep(self.record)
        except GoliveError:
            # Rolling back is worth more than the word of it.
            if not back:
                raise

    def _end(self, outcome: DeployOutcome, reason: str) -> DeployRecord:
        self.record = replace(self.record, outcome=outcome, reason=reason)
        try:
            self.keep(self.record)
        except GoliveError as error:
            self.record = replace(self.record, reason=f"{reason}\n{error}".strip())
        return self.record
