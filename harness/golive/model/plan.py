"""A plan: what a run will do, what it cannot do and why. Written before anything is touched."""

from collections.abc import Mapping
from dataclasses import dataclass

from golive.model.checklist import Item, Waiver
from golive.model.slo import Slo


@dataclass(frozen=True)
class Step:
    """One scenario of a plan. With a reason in `blocked` it will not run and is INCONCLUSIVE."""

    scenario: str
    suite: str
    statement: str
    needs: tuple[str, ...]
    deadline_seconds: float
    remediation: str
    blocked: tuple[str, ...] = ()
    radius: tuple[str, ...] = ()
    """What it breaks while it runs, and mends again."""


@dataclass(frozen=True)
class Plan:
    """All that judging and reporting need besides the ledger; `plan.json` holds exactly this.

    `gaps` are reasons why the run as a whole cannot be GO (a suite that was asked for is empty).
    `started` is UTC, ISO 8601.
    """

    run: str
    golive: str
    target: str
    environment: str
    base_url: str
    profile: str
    started: str
    capabilities: tuple[str, ...]
    left_out: Mapping[str, str]
    slo: Slo
    steps: tuple[Step, ...]
    items: tuple[Item, ...]
    waivers: tuple[Waiver, ...]
    gaps: tuple[str, ...]
    seed: str = ""
    """What everything random was drawn from; the same one repeats the faults."""
    workers: int = 1
    """How many processes make load."""
    optional: tuple[str, ...] = ()
    """Findings that the whole checklist only recommends, whichever of its items are planned."""
    commit: str = ""
    """What was checked out where the run was started, empty where that is no repository."""
    deployed: str = ""
    """When golive last deployed to it from this machine, or rolled back; empty = not known."""
