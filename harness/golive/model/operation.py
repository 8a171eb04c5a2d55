"""Operations: what was asked of the target and what is known of it, in Jepsen's four words."""

from dataclasses import dataclass
from enum import StrEnum

from golive.model.facts import Facts


class Phase(StrEnum):
    """`info` means that nobody knows whether the call took effect."""

    INVOKE = "invoke"
    OK = "ok"
    FAIL = "fail"
    INFO = "info"


@dataclass(frozen=True)
class Operation:
    """One line of `operations.ndjson`.

    `number` pairs an invoke with its completion; `at_seconds` counts from the start of the run on a
    monotonic clock; `process` is the scenario, `name` the call (`GET /health`).
    """

    number: int
    phase: Phase
    process: str
    name: str
    at_seconds: float
    facts: Facts
