"""All that a catalog file may import: the nouns, and the decorators that make an entry of them."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from golive.api.auditing import (
    REFUSALS,
    answers,
    between,
    every,
    headers,
    hidden,
    leaves_no_trace,
    limited,
    of_role,
    one_of,
    private,
    refused,
    secrets_of,
    statuses,
    traces,
)
from golive.api.bulk import Bulk, Heavy, Took, upload_watched, watched, within_limits
from golive.api.contracting import QUICK_CASES, Explored, explored, nothing_broken
from golive.api.filing import Filer, Part, accepted, file_all
from golive.api.hostile import (
    REFUSED,
    Case,
    Forger,
    Tried,
    all_refused,
    attempt,
    forge_all,
    wrong_with,
)
from golive.api.loading import loads
from golive.api.monitoring import (
    Buckets,
    Figures,
    Probed,
    buckets,
    figures,
    latency_within,
    nothing_before,
    probed,
    probes_of,
    silence,
    uptime_of,
    worst_of,
)
from golive.api.workbooks import row, sheet, workbook
from golive.errors import UnobservableError, UnreachableError
from golive.model.answer import mismatch
from golive.model.audit import LEAST_CHARACTERS
from golive.model.audit_ports import Who
from golive.model.drill import Drill, Workload
from golive.model.evidence import Ending, Evidence, StepRecord
from golive.model.exporter import Exporter
from golive.model.fault import Blow, Fault, FaultsPort, Inject, Injection, Stream
from golive.model.finding import (
    Finding,
    Grade,
    Ruling,
    critical,
    failed,
    idle,
    inconclusive,
    passed,
)
from golive.model.history.records import Demands
from golive.model.load.knee import Knee
from golive.model.load.shape import Stage, hold, ramp, steps
from golive.model.load.traffic import LoadPlan, Mix
from golive.model.monitoring.burn import Burn, burns
from golive.model.monitoring.burn import budget as budget_of
from golive.model.monitoring.counters import increase, latest, pairs, total
from golive.model.monitoring.ports import Scrape
from golive.model.monitoring.uptime import Stretch
from golive.model.monitoring.wording import clock, minutes, span_of
from golive.model.notification import Notification
from golive.model.operation import Operation, Phase
from golive.model.outcome import Decision, Outcome
from golive.model.plan import Plan, Step
from golive.model.ports import (
    Debtor,
    File,
    Gate,
    Listed,
    Objects,
    QueueDepth,
    Reply,
    Sheet,
    Stored,
    Uploaded,
)
from golive.model.profile import Profile
from golive.model.raw import RawReply, Sending, as_bytes, request
from golive.model.report import Report
from golive.model.scenario import Scenario
from golive.model.setting import Setting
from golive.model.slo import Slo
from golive.model.target import Capability, ExpectedAnswer, Target
from golive.model.verdict import ItemOutcome, Verdict
from golive.model.view import Picture, Table, View
from golive.model.wording import WORDS, duration, visible, when, word_of

__all__ = [
    "LEAST_CHARACTERS",
    "QUICK_CASES",
    "REFUSALS",
    "REFUSED",
    "WORDS",
    "Blow",
    "Buckets",
    "Bulk",
    "Burn",
    "Capability",
    "Case",
    "Debtor",
    "Decision",
    "Demands",
    "Drill",
    "Ending",
    "Evidence",
    "ExpectedAnswer",
    "Explored",
    "Exporter",
    "Fault",
    "FaultsPort",
    "Figures",
    "File",
    "Filer",
    "Finding",
    "Forger",
    "Gate",
    "Grade",
    "Heavy",
    "Injection",
    "ItemOutcome",
    "Knee",
    "Listed",
    "LoadPlan",
    "Mix",
    "Notification",
    "Objects",
    "Operation",
    "Outcome",
    "Part",
    "Phase",
    "Picture",
    "Plan",
    "Probed",
    "Profile",
    "QueueDepth",
    "RawReply",
    "Reply",
    "Report",
    "Ruling",
    "Scenario",
    "Scrape",
    "Sending",
    "Setting",
    "Sheet",
    "Slo",
    "Stage",
    "Step",
    "StepRecord",
    "Stored",
    "Stream",
    "Stretch",
    "Table",
    "Target",
    "Took",
    "Tried",
    "UnobservableError",
    "UnreachableError",
    "Uploaded",
    "Verdict",
    "View",
    "Who",
    "Workload",
    "accepted",
    "all_refused",
    "answers",
    "as_bytes",
    "attempt",
    "between",
    "buckets",
    "budget_of",
    "burns",
    "clock",
    "critical",
    "duration",
    "every",
    "explored",
    "exporter",
    "failed",
    "fault",
    "figures",
    "file_all",
    "forge_all",
    "headers",
    "hidden",
    "hold",
    "idle",
    "inconclusive",
    "increase",
    "latency_within",
    "latest",
    "leaves_no_trace",
    "limited",
    "loads",
    "minutes",
    "mismatch",
    "nothing_before",
    "nothing_broken",
    "of_role",
    "one_of",
    "pairs",
    "passed",
    "private",
    "probed",
    "probes_of",
    "ramp",
    "refused",
    "request",
    "row",
    "scenario",
    "secrets_of",
    "sheet",
    "silence",
    "span_of",
    "statuses",
    "steps",
    "total",
    "traces",
    "upload_watched",
    "uptime_of",
    "visible",
    "watched",
    "when",
    "within_limits",
    "word_of",
    "workbook",
    "worst_of",
    "wrong_with",
]

E = TypeVar("E")

DEADLINE_SECONDS = 45.0


def scenario(  # noqa: PLR0913 - what a scenario declares, by keyword only
    *,
    needs: Sequence[Capability],
    evidence: type[E],
    check: Callable[[Sequence[E], Slo], Ruling],
    remediation: str,
    requires: Sequence[str] = (),
    profile: Profile = Profile.QUICK,
    deadline_seconds: float = DEADLINE_SECONDS,
) -> Callable[[Callable[[Gate], Iterator[E]]], Scenario]:
    """Make a scenario of the decorated drive function.

    The first line of its docstring is the statement that the finding proves or refutes.
    """

    def make(drive: Callable[[Gate], Iterator[E]]) -> Scenario:
        return Scenario(
            statement=(drive.__doc__ or "").strip().partition("\n")[0],
            needs=tuple(needs),
            requires=tuple(requires),
            evidence=evidence,
            drive=drive,
            check=check,
            remediation=remediation,
            profile=profile,
            deadline_seconds=deadline_seconds,
        )

    return make


def fault(inject: Inject) -> Fault:
    """Make a fault of the decorated function, which gives the context in which it is there.

    The first line of its docstring says what is broken meanwhile.
    """
    return Fault(summary=(inject.__doc__ or "").strip().partition("\n")[0], inject=inject)


def exporter(*, file_name: str) -> Callable[[Callable[[Report], str]], Exporter]:
    """Make an exporter of the decorated render function; `file_name` is what it writes in a run."""

    def make(render: Callable[[Report], str]) -> Exporter:
        summary = (render.__doc__ or "").strip().partition("\n")[0]
        return Exporter(file_name=file_name, summary=summary, render=render)

    return make
