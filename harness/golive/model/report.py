"""What a reader is told: exporters render this and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass

from golive.model.evidence import StepRecord
from golive.model.monitoring.page import WatchPage
from golive.model.operation import Operation
from golive.model.plan import Plan
from golive.model.verdict import Verdict
from golive.model.view import View


@dataclass(frozen=True)
class Report:
    """One run, judged. `headline` is one sentence; `next_steps` say what to do about it."""

    plan: Plan
    verdict: Verdict
    steps: tuple[StepRecord, ...]
    operations: tuple[Operation, ...]
    seconds: float
    headline: str
    next_steps: tuple[str, ...]
    counts: Mapping[str, int]
    """Findings by word: passed, failed, inconclusive, waived."""
    views: tuple[View, ...] = ()
    """Pictures and tables of findings that have some."""
    watch: WatchPage | None = None
    """Of a watch: what happened when."""
