"""Scenarios: one statement about the target, how to drive it, and the check that judges it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from golive.model.finding import Ruling
from golive.model.load.traffic import LoadPlan
from golive.model.ports import Gate
from golive.model.profile import Profile
from golive.model.slo import Slo
from golive.model.target import Capability

Drive = Callable[[Gate], Iterator[Any]]
Check = Callable[[Sequence[Any], Slo], Ruling]


@dataclass(frozen=True)
class Scenario:
    """One catalog file. `id` and `suite` come from its path.

    `needs` are capabilities, `requires` single keys of the target file (`observe.sql.debtors`, or
    either of two: `observe.s3.key or observe.sql.object_key`);
    `evidence` is the frozen dataclass that `drive` yields and `check` is given back.
    """

    statement: str
    needs: tuple[Capability, ...]
    requires: tuple[str, ...]
    evidence: type[Any]
    drive: Drive
    check: Check
    remediation: str
    profile: Profile
    deadline_seconds: float
    id: str = ""
    suite: str = ""
    radius: tuple[str, ...] = ()
    """What it breaks while it runs, and mends again."""
    load: LoadPlan | None = None
    """The load that it makes, for those who repeat it with another tool."""
