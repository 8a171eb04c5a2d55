"""The flow of a run, and the only place where the verbs meet.

    settings -> target   = resolve(settings)
                plan     = make_plan(target, catalog)
                ledger   = execute(plan, recorder)
                findings = judge(ledger, plan)
                verdict  = decide(findings, plan, ledger)  (the plan holds checklist and waivers)
                report   = compose(plan, ledger, verdict)
                render(report)

`conclude` is the second half; it reads the run folder and nothing else, so that an old run can be
judged again.
"""

import secrets as randomness
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import golive
from golive.adapters.connections import Connections
from golive.adapters.deploying.records import Records
from golive.adapters.git import commit_of
from golive.adapters.load.crew import Crew
from golive.catalog.catalog import Catalog
from golive.config.secrets import read_secrets, redact, register_service
from golive.config.target_file import read_target, secret_names
from golive.config.waivers import read_waivers
from golive.errors import HealError, LedgerError
from golive.judging import comparing
from golive.judging.comparing import JudgedRun
from golive.judging.decide import decide, waive
from golive.judging.judge import judge, judge_step
from golive.judging.watching import judge_checks, judge_watch
from golive.ledger.conclusion import remove_text, write_findings, write_text
from golive.ledger.logbook import LogbookFolder, whose
from golive.ledger.reading import read_ledger, read_logbooks, read_plan
from golive.ledger.recorder import RunRecorder
from golive.ledger.watching import is_watch, read_watch
from golive.model.comparison import Comparison
from golive.model.evidence import Ending
from golive.model.exporter import Exporter
from golive.model.finding import Finding
from golive.model.ledger import Ledger
from golive.model.monitoring.overall import gaps
from golive.model.monitoring.records import WatchHistory
from golive.model.monitoring.story import tell
from golive.model.monitoring.uptime import State
from golive.model.plan import Plan, Step
from golive.model.report import Report
from golive.model.scenario import Scenario
from golive.model.settings import Selection, Settings
from golive.model.target import Target
from golive.planning.planner import Entries, Occasion, choose, gaps_of, make_plan
from golive.reporting.composing import compose
from golive.reporting.watching import watch_page
from golive.running.execution import Execution, execute

NOBODY: AbstractContextManager[Crew | None] = nullcontext()
"""No crew: each load has processes of its own."""

HEALING = "healing"
"""The step of a run that heals what its scenarios have left broken."""


@dataclass(frozen=True)
class Conclusion:
    """A finished run: its report, where it lies, and whether it was interrupted.

    `unrendered` says which exporters crashed, and how; `unhealed`, how the target is left
    broken (empty = it is not).
    """

    folder: Path
    report: Report
    interrupted: bool = False
    unrendered: tuple[str, ...] = ()
    unhealed: str = ""


@dataclass(frozen=True)
class Resolved:
    """Settings made whole: the target, its secrets, the catalog and the plan."""

    target: Target
    secrets: Mapping[str, str]
    catalog: Catalog
    plan: Plan
    logbooks: tuple[LogbookFolder, ...] = ()
    """Those of the checklists that were asked for."""


class Narrator(Protocol):
    """Is told how a run goes on, for the person who waits for it."""

    def began(self, plan: Plan, folder: Path) -> None:
        """The plan is made and saved; nothing was touched yet."""

    def started(self, step: Step) -> None:
        """A step is being driven."""

    def found(self, finding: Finding) -> None:
        """A step was driven; this is what its evidence says so far."""


def run(
    settings: Settings,
    narrator: Narrator,
    crew: AbstractContextManager[Crew | None] = NOBODY,
    entrance: str = "",
) -> Conclusion:
    """Gate a target: plan, execute, judge, report. Load is made by the crew, where one gathers;
    `entrance` is another address than the target's own.
    """
    resolved = resolve(settings, entrance)
    with crew as gathered, executing(resolved, settings.out, gathered) as (execution, recorder):
        narrator.began(resolved.plan, recorder.folder)
        finished = execute(execution, resolved.plan, _Preview(resolved, recorder, narrator))
    return replace(conclude(recorder.folder, resolved.catalog), interrupted=not finished)


def resolve(settings: Settings, entrance: str = "") -> Resolved:
    """Read the target file and its secrets, load the catalog, make the plan. Touches nothing."""
    target = read_target(settings.target_file)
    if entrance:
        target = replace(target, target=replace(target.target, base_url=entrance))
    secrets = read_secrets(secret_names(target), settings.target_file)
    register_service(target.audit.env_file)
    catalog = Catalog.of(settings.catalogs)
    entries = replace(_entries(catalog), waivers=read_waivers(settings.target_file))
    plan = plan_for(target, entries, settings.selection)
    deployed = Records.of(target, redact).changed()
    plan = replace(plan, commit=commit_of(Path.cwd(), settings.lists), deployed=deployed)
    names = dict.fromkeys(item.list for item in plan.items if item.is_step)
    about = _whose(plan)
    books = tuple(LogbookFolder.of(settings.lists, name, plan.target, about) for name in names)
    return Resolved(target, secrets, catalog, plan, books)


def _whose(plan: Plan) -> str:
    return whose(plan.target, plan.environment, plan.base_url)


def foresee(settings: Settings) -> tuple[tuple[Scenario, ...], tuple[str, ...]]:
    """What a run with these settings would try, in its order, and its gaps. Needs no target."""
    entries = _entries(Catalog.of(settings.catalogs))
    return choose(entries, settings.selection), gaps_of(entries, settings.selection)


def _entries(catalog: Catalog) -> Entries:
    empty = tuple(str(root) for root in catalog.empty_roots())
    return Entries(
        scenarios=catalog.scenarios, pairs=catalog.pairs, items=catalog.items, empty=empty
    )


def plan_for(target: Target, entries: Entries, selection: Selection) -> Plan:
    """The plan of a run that starts now."""
    now = datetime.now(UTC)
    selection = replace(selection, seed=selection.seed or randomness.token_hex(4))
    occasion = Occasion(
        run=f"{now:%Y%m%dT%H%M%SZ}-{randomness.token_hex(3)}",
        started=now.isoformat(timespec="milliseconds"),
        golive=golive.__version__,
        seed=selection.seed,
    )
    return make_plan(target, entries, selection, occasion)


@contextmanager
def executing(
    resolved: Resolved, out: Path, crew: Crew | None = None
) -> Iterator[tuple[Execution, RunRecorder]]:
    """A plan ready to be executed; its ledger is sealed at the end, whatever happened."""
    plan = resolved.plan
    recorder = RunRecorder(out / plan.run, plan, redact)
    try:
        with Connections(
            resolved.target, resolved.secrets, plan.run, plan.seed, plan.workers
        ) as connections:
            connections.crew = crew
            yield Execution(plan, resolved.catalog.judged, recorder, connections), recorder
    except HealError as error:
        # Left broken is the worst there is, and all the more a reason for a report that says so.
        recorder.step(HEALING).finish(Ending.UNHEALED, str(error))
    finally:
        for book in resolved.logbooks:
            recorder.copy(book)
        recorder.seal()


def conclude(folder: Path, catalog: Catalog) -> Conclusion:
    """Judge what a run folder holds and write findings, verdict and reports into it."""
    plan, ledger = _read(folder, catalog)
    if is_watch(folder):
        report = _report_of_watch(read_watch(folder), plan, ledger, catalog)
    else:
        verdict = decide(judge(ledger, plan, catalog.judged), plan, ledger)
        report = compose(plan, ledger, verdict)
    write_findings(folder, report.verdict.findings)
    broken = dict.fromkeys(step.detail for step in ledger.steps if step.ending is Ending.UNHEALED)
    unrendered = tuple(render(report, folder, catalog))
    return Conclusion(folder, report, unrendered=unrendered, unhealed="\n".join(broken))


def compare(before: Path, after: Path, catalog: Catalog) -> Comparison:
    """What changed between two finished runs, both judged from their folders now."""
    return comparing.compare(_judged(before, catalog), _judged(after, catalog))


def _judged(folder: Path, catalog: Catalog) -> JudgedRun:
    plan, ledger = _read(folder, catalog)
    return JudgedRun(plan, ledger, decide(judge(ledger, plan, catalog.judged), plan, ledger))


def _report_of_watch(history: WatchHistory, plan: Plan, ledger: Ledger, catalog: Catalog) -> Report:
    judged = judge_checks(history, ledger, plan, catalog.judged)
    story = tell(history, judged, plan.slo)
    findings = judge_watch(judged, history, ledger, plan)
    missing = gaps(history, story.uptime.seconds(State.UNWATCHED))
    whole = replace(plan, gaps=(*plan.gaps, *missing))
    verdict = decide(findings, whole, ledger)
    return replace(compose(whole, ledger, verdict), watch=watch_page(story))


def _read(folder: Path, catalog: Catalog) -> tuple[Plan, Ledger]:
    """What a run folder holds, for a catalog that can judge it."""
    plan = read_plan(folder)
    missing = [step.scenario for step in plan.steps if step.scenario not in catalog.judged]
    if missing:
        raise LedgerError(
            f"the catalog does not have what run {plan.run} was made with: {', '.join(missing)}",
            remedy="Name the run's own folders again: --catalog DIR. The run stays as it is.",
        )
    return plan, replace(read_ledger(folder), logbooks=read_logbooks(folder, _whose(plan)))


def render(report: Report, folder: Path, catalog: Catalog) -> Iterator[str]:
    """Write the report in every format; yields a sentence for each exporter that crashed."""
    for exporter in catalog.exporters.values():
        try:
            text = _rendered(exporter, report)
        except KeyboardInterrupt:
            raise
        # One exporter must not cost the others, whatever it does.
        except BaseException as error:  # noqa: BLE001
            remove_text(folder, exporter.file_name)
            yield f"exporter {exporter.id} crashed: {type(error).__name__}: {error}"
        else:
            write_text(folder, exporter.file_name, text)


def _rendered(exporter: Exporter, report: Report) -> str:
    text = exporter.render(report)
    if not isinstance(text, str):
        raise TypeError(f"it returned {type(text).__name__}, not text")
    return text


def preview(step: Step, recorder: RunRecorder, resolved: Resolved) -> Finding:
    """The finding of a step while the run goes on; the verdict is judged from the sealed ledger."""
    ledger = Ledger(tuple(recorder.steps), tuple(recorder.operations), recorder.seconds)
    plan = resolved.plan
    return waive(judge_step(step, ledger, plan.slo, resolved.catalog.judged), plan)


@dataclass(frozen=True)
class _Preview:
    """Turns records into findings for the narrator."""

    resolved: Resolved
    recorder: RunRecorder
    narrator: Narrator

    def started(self, step: Step) -> None:
        self.narrator.started(step)

    def finished(self, step: Step) -> None:
        self.narrator.found(preview(step, self.recorder, self.resolved))
