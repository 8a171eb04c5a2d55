"""Every error that golive raises on purpose, and the exit code each one ends the command with.

GoliveError                     3   what was asked cannot be done; says what to do next
├── ConfigurationError          3   a flag, an environment variable or a secret is missing or wrong
│   └── TargetFileError         3   a target file: all of its problems at once, with line numbers
├── CatalogError                3   a catalog file cannot be loaded
├── ChecklistError              3   what was asked of a checklist cannot be done
├── LedgerError                 3   a run folder cannot be read or written
├── DeploymentError             3   the reference deployment cannot be started or stopped
│   └── ProvisioningError       3   a server is not to be had on this machine
├── TrackerError                3   an issue tracker refuses, or does not answer
├── DeployError                 3   a deploy is refused before anything was touched
├── EscalationError             -   nobody could be told of an incident; recorded
├── HealError                   4   a fault could not be healed: the loudest error there is
├── NotRecoveredError           -   the target did not come back after a fault healed; recorded
├── StepFailedError             -   a step of a deploy failed; it is rolled back
├── NotSupervisedError          -   a process that was ended did not come back by itself; recorded
├── UnreachableError            -   the target did not answer; recorded as evidence
└── UnobservableError           -   the gate was not let in to look; recorded as evidence

A scenario that finds something wrong is a finding, never an exception.
"""

from dataclasses import dataclass


class GoliveError(Exception):
    """What was asked cannot be done. `remedy` is the next step in one sentence."""

    exit_code = 3

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n{self.remedy}" if self.remedy else self.message


class ConfigurationError(GoliveError):
    """A flag, an environment variable or a secret is missing or wrong."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a file: where (1-based line, 0 = the whole file), which key, and why."""

    line: int
    key: str
    reason: str

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        return f"{place}{self.key}: {self.reason}"


class TargetFileError(ConfigurationError):
    """A target file that cannot be used; carries every problem found."""

    def __init__(self, path: str, problems: tuple[Problem, ...]) -> None:
        lines = "\n".join(f"  {problem}" for problem in problems)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(
            f"{path}: {count}\n{lines}",
            remedy="The keys are described in docs/target.md; targets/ has examples.",
        )
        self.problems = problems


class CatalogError(GoliveError):
    """A catalog file cannot be loaded."""


class ChecklistError(GoliveError):
    """What was asked of a checklist cannot be done, as a signature that nothing bears out."""


class LedgerError(GoliveError):
    """A run folder cannot be read or written."""


class DeploymentError(GoliveError):
    """The reference deployment cannot be started or stopped."""


class ProvisioningError(DeploymentError):
    """A server is not to be had on this machine."""


class TrackerError(GoliveError):
    """An issue tracker refuses what was asked, or does not answer."""


class DeployError(GoliveError):
    """A deploy, or a roll-back, is refused before anything was touched."""


class StepFailedError(GoliveError):
    """A step of a deploy failed: what was changed before is undone."""


class EscalationError(GoliveError):
    """A channel did not take a message: the watch goes on, the report says so."""


class HealError(GoliveError):
    """A fault could not be healed: the target is left broken."""

    exit_code = 4


class NotRecoveredError(GoliveError):
    """The target did not come back after its faults had healed: nothing more may be broken."""


class NotSupervisedError(GoliveError):
    """A role that was killed did not come back by itself, so that golive had to start it."""


class UnreachableError(GoliveError):
    """The target did not answer at `address`; the step that needed it fails."""

    def __init__(self, capability: str, address: str, reason: str) -> None:
        super().__init__(f"{address}: {reason}")
        self.capability = capability
        self.address = address
        self.reason = reason


class UnobservableError(GoliveError):
    """The gate was not let in to look: credentials refused, no permission, a query that fails.

    That says nothing about the target: what needed the look is INCONCLUSIVE.
    """

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason
