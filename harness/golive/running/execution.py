"""Executes a plan step by step; every ending is recorded, none is judged."""

import traceback
from collections.abc import Mapping
from functools import partial
from typing import Protocol

from golive.errors import (
    HealError,
    NotRecoveredError,
    UnobservableError,
    UnreachableError,
)
from golive.model.evidence import Ending, StepRecord
from golive.model.plan import Plan, Step
from golive.model.ports import Gate, RunLedger, StepLedger
from golive.model.scenario import Scenario
from golive.model.target import Capability
from golive.running.attempts import attempt_all
from golive.running.deadline import DeadlinePassed, deadline

PREFLIGHT = "preflight"
PREFLIGHT_SECONDS = 10.0

ENDINGS: Mapping[type[BaseException], Ending] = {
    UnreachableError: Ending.UNREACHABLE,
    UnobservableError: Ending.UNOBSERVABLE,
    HealError: Ending.UNHEALED,
    DeadlinePassed: Ending.LATE,
}


class Connections(Protocol):
    """How scenarios reach the target."""

    def reach(self, need: Capability, recorder: StepLedger) -> None:
        """Touch what a capability needs. Raises UnreachableError, within five seconds."""

    def gate(self, step: Step, recorder: StepLedger) -> Gate:
        """What a scenario is handed."""


class Execution:
    """A plan being executed."""

    def __init__(
        self, plan: Plan, scenarios: Mapping[str, Scenario], ledger: RunLedger, target: Connections
    ) -> None:
        self._plan = plan
        self._scenarios = scenarios
        self._ledger = ledger
        self._target = target
        self._out_of_reach: dict[str, BaseException] = {}
        self._no_more_faults = ""

    def preflight(self) -> None:
        """Touch everything that the steps need, at once, so that a dead target is known early."""
        needs = {need for step in self._plan.steps if not step.blocked for need in step.needs}
        recorder = self._ledger.step(PREFLIGHT)
        probes = {
            need: partial(self._target.reach, Capability[need.upper()], recorder)
            for need in sorted(needs)
        }
        self._out_of_reach = attempt_all(probes, PREFLIGHT_SECONDS)

    def perform(self, step: Step) -> StepRecord:
        """Drive one step's scenario and record what it saw and how it ended.

        An interruption is recorded, then raised again.
        """
        recorder = self._ledger.step(step.scenario)
        if step.radius and self._no_more_faults:
            return recorder.finish(Ending.CALLED_OFF, self._no_more_faults)
        try:
            self._drive(step, recorder)
        except NotRecoveredError as error:
            # What it saw is evidence enough; only nothing more may be broken.
            self._no_more_faults = f"the target did not recover from {step.scenario}: {error}"
        except tuple(ENDINGS) as error:
            if isinstance(error, HealError):
                self._no_more_faults = f"a fault of {step.scenario} did not heal"
            return recorder.finish(ENDINGS[type(error)], str(error))
        except KeyboardInterrupt:
            recorder.finish(Ending.INTERRUPTED, "Ctrl-C")
            raise
        # Whatever a scenario does, even `sys.exit(0)`, is recorded, then judged.
        except BaseException as error:  # noqa: BLE001
            detail = f"{type(error).__name__}: {error}"
            return recorder.finish(Ending.CRASHED, detail, traceback.format_exc())
        return recorder.finish(Ending.COMPLETED)

    def _drive(self, step: Step, recorder: StepLedger) -> None:
        self._require_reachable(step)
        with deadline(step.deadline_seconds):
            gate = self._target.gate(step, recorder)
            for seen in self._scenarios[step.scenario].drive(gate):
                recorder.see(seen)

    def _require_reachable(self, step: Step) -> None:
        # A target that is away is worse than one that we may not look into.
        missing = [need for need in step.needs if need in self._out_of_reach]
        if not missing:
            return
        need = min(missing, key=lambda one: _is_our_own(self._out_of_reach[one]))
        error = self._out_of_reach[need]
        if isinstance(error, TimeoutError):
            address = f"{need} of {self._plan.base_url}"
            raise UnreachableError(need, address, str(error)) from error
        raise error


def _is_our_own(error: BaseException) -> bool:
    """Whether it says nothing about the target."""
    return not isinstance(error, UnreachableError | TimeoutError)


class Watcher(Protocol):
    """Is told how a run goes on, for people who watch."""

    def started(self, step: Step) -> None:
        """A step is being driven."""

    def finished(self, step: Step) -> None:
        """A step was dealt with; the ledger holds its record, unless the plan blocked it."""


def execute(execution: Execution, plan: Plan, watcher: Watcher) -> bool:
    """Perform every step that can be; False when the run was interrupted."""
    try:
        execution.preflight()
        for step in plan.steps:
            watcher.started(step)
            if not step.blocked:
                execution.perform(step)
            watcher.finished(step)
    except KeyboardInterrupt:
        return False
    return True
