"""`pytest --golive target.toml`: every scenario of the plan is a test item with its finding.

Without a target the reference deployment is started, once a session. One process drives one target,
so the items are not split over several workers.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from golive import gate
from golive.adapters.faults.abandoned import heal_abandoned
from golive.config.secrets import printable
from golive.config.target_file import read_target
from golive.errors import GoliveError
from golive.ledger.folder import evidence_file
from golive.ledger.recorder import RunRecorder
from golive.model.finding import Finding
from golive.model.outcome import Outcome
from golive.model.profile import Profile
from golive.model.scenario import Scenario
from golive.model.settings import Selection, Settings
from golive.running.execution import Execution

REFERENCE = "<reference>"
"""The value of `--golive` without a file; it is no target file, so nobody names it by mistake."""

WHOLE_RUN = "gate"
"""The item that stands for the run as a whole; it is there only where that cannot be GO."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of this plugin."""
    group = parser.getgroup("golive", "gate a deployment")
    group.addoption(
        "--golive",
        nargs="?",
        const=REFERENCE,
        metavar="TARGET.toml",
        help="gate this target; without a file, start the reference deployment and gate it",
    )
    group.addoption(
        "--golive-profile",
        choices=[profile.value for profile in Profile],
        default=Profile.QUICK.value,
        help="how much is run (default: quick)",
    )
    group.addoption(
        "--golive-only",
        default="",
        metavar="SUITES",
        help="comma-separated suites or scenario ids",
    )
    group.addoption(
        "--golive-catalog",
        action="append",
        default=[],
        type=Path,
        metavar="DIR",
        help="a folder with your own scenarios/, checklists/, reports/",
    )
    group.addoption(
        "--golive-out", default=Path("runs"), type=Path, metavar="DIR", help="where runs are kept"
    )
    group.addoption(
        "--golive-allow-inconclusive",
        action="store_true",
        help="skip what could not be judged instead of failing it",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the plugin's state when `--golive` is given."""
    config.addinivalue_line("markers", "golive: a scenario of golive's catalog")
    target = config.getoption("--golive")
    if target is None:
        return
    if target != REFERENCE and not target.endswith(".toml"):
        raise pytest.UsageError(
            f"--golive takes a target file (.toml), not {target!r}; "
            "write test paths before it: pytest tests --golive"
        )
    try:
        if target != REFERENCE:
            read_target(Path(target))
        session = GateSession(config)
        suites = {scenario.suite for scenario in session.scenarios}
    except GoliveError as error:
        raise pytest.UsageError(str(error)) from error
    for suite in sorted(suites):
        config.addinivalue_line("markers", f"{suite}: scenarios of golive's suite {suite}")
    config.pluginmanager.register(session, "golive-session")


class GateSession:
    """One gate run, spread over the items of a pytest session."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._open = ExitStack()
        self._selected: tuple[str, ...] = ()
        self._begun: tuple[gate.Resolved, Execution, RunRecorder] | None = None
        self._obstacle: BaseException | None = None
        self._conclusion: gate.Conclusion | None = None
        self.allow_inconclusive: bool = config.getoption("--golive-allow-inconclusive")
        self.out: Path = config.getoption("--golive-out")
        self.scenarios, self.gaps = gate.foresee(self.settings)

    @cached_property
    def settings(self) -> Settings:
        """The run's settings; the reference deployment fills in its target file later."""
        option = self._config.getoption
        return Settings(
            target_file=Path(option("--golive")),
            selection=Selection.of(Profile(option("--golive-profile")), option("--golive-only")),
            catalogs=tuple(option("--golive-catalog")),
            out=self.out,
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        """Add one item for each scenario, before `-k` and `-m` choose among all items."""
        collector = GateCollector.from_parent(
            session, name="golive", nodeid="golive", gate_session=self
        )
        entries = list(collector.collect())
        items.extend(entries)
        # pytest counts what is reported, and says "collected 8 items".
        report = pytest.CollectReport(collector.nodeid, "passed", None, [*entries])
        session.ihook.pytest_collectreport(report=report)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep what `-k` and `-m` left over: only that is planned."""
        chosen = [item.name for item in session.items if isinstance(item, ScenarioItem)]
        self._selected = tuple(chosen)

    def perform(self, scenario: str) -> Finding:
        """Drive one scenario and judge it; the first call begins the run."""
        resolved, execution, recorder = self._run()
        step = next(step for step in resolved.plan.steps if step.scenario == scenario)
        if not step.blocked:
            execution.perform(step)
        return gate.preview(step, recorder, resolved)

    def evidence(self, finding: Finding) -> str:
        """Path of the evidence of a finding."""
        return str(self.folder / evidence_file(finding.id)) if finding.evidence else ""

    @property
    def folder(self) -> Path:
        """The run folder; only once the run has begun."""
        if self._begun is None:
            raise LookupError("the run has not begun")
        return self._begun[2].folder

    def _run(self) -> tuple[gate.Resolved, Execution, RunRecorder]:
        """The one run of the session; what kept it from beginning is tried once, told each time."""
        if self._obstacle is not None:
            raise self._obstacle
        if self._begun is not None:
            return self._begun
        try:
            return self._begin()
        except BaseException as obstacle:
            self._obstacle = obstacle
            self._open.close()
            raise

    def _begin(self) -> tuple[gate.Resolved, Execution, RunRecorder]:
        heal_abandoned(self._tell)
        settings = self.settings
        if self._config.getoption("--golive") == REFERENCE:
            settings = replace(settings, target_file=self._start_reference())
        selection = Selection(settings.selection.profile, scenarios=self._selected)
        resolved = gate.resolve(replace(settings, selection=selection))
        # `-k` and `-m` narrow the run on purpose; what was asked for and is not there stays a gap.
        resolved = replace(resolved, plan=replace(resolved.plan, gaps=self.gaps))
        execution, recorder = self._open.enter_context(gate.executing(resolved, self.out))
        # From here on there is something to report, even if the preflight is interrupted.
        self._begun = resolved, execution, recorder
        execution.preflight()
        return self._begun

    def _tell(self, line: str) -> None:
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.ensure_newline()
            reporter.write_line(f"golive: {printable(line)}")

    def _start_reference(self) -> Path:
        from golive.adapters.deployments import reference_deployment

        deployment = self._open.enter_context(reference_deployment(progress=lambda _line: None))
        return Path(deployment.target_file)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Seal the ledger, judge it, render the reports, stop the reference deployment."""
        self._open.close()
        if self._begun is None:
            return
        resolved, _execution, recorder = self._begun
        self._conclusion = gate.conclude(recorder.folder, resolved.catalog)
        unproven = self._conclusion.report.verdict.gaps and not self.allow_inconclusive
        # Both may be known at the end only, when no item is left to say so.
        if (unproven or self._conclusion.unhealed) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the verdict and where the report is."""
        if self._conclusion is not None:
            terminalreporter.section("golive")
            terminalreporter.line(self._conclusion.report.headline)
            if self._conclusion.unhealed:
                terminalreporter.line(f"left broken: {printable(self._conclusion.unhealed)}")
            terminalreporter.line(f"report: {self._conclusion.folder / 'report.html'}")


class GateCollector(pytest.Collector):
    """The parent of all gate items."""

    def __init__(self, *, gate_session: GateSession, **options: Any) -> None:
        super().__init__(**options)
        self.gate_session = gate_session

    def collect(self) -> Iterator["GateItem"]:
        """One item for each scenario, and one for what is wrong with the run as a whole."""
        for scenario in self.gate_session.scenarios:
            yield ScenarioItem.from_parent(self, name=scenario.id, scenario=scenario)
        if self.gate_session.gaps:
            yield GapItem.from_parent(self, name=WHOLE_RUN)


class NotPassedError(Exception):
    """A finding that is not PASS; the exception's text is what pytest shows."""


class GateItem(pytest.Item):
    """What the gate adds to a test session."""

    parent: GateCollector

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The finding as text; a defect of golive itself keeps its traceback."""
        if excinfo.errisinstance((NotPassedError, GoliveError)):
            return printable(str(excinfo.value))
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the item comes from, for pytest's listings."""
        return self.config.rootpath / "golive", None, self.name

    def fail_inconclusive(self, summary: str, text: str) -> None:
        """Fail, or skip where that was asked for."""
        if self.parent.gate_session.allow_inconclusive:
            pytest.skip(printable(f"inconclusive: {summary}"))
        raise NotPassedError(text)


class ScenarioItem(GateItem):
    """One scenario."""

    def __init__(self, *, scenario: Scenario, **options: Any) -> None:
        super().__init__(**options)
        self.scenario = scenario
        self.add_marker("golive")
        self.add_marker(scenario.suite)

    def runtest(self) -> None:
        """Drive the scenario; anything but PASS fails, unless a waiver accepts it."""
        session = self.parent.gate_session
        finding = session.perform(self.scenario.id)
        text = _text(finding, session.evidence(finding))
        self.user_properties.extend(
            [("outcome", finding.outcome.value), ("summary", printable(finding.summary))]
        )
        if finding.waived:
            pytest.skip(printable(f"waived, {finding.outcome}: {finding.summary}"))
        if finding.outcome is Outcome.INCONCLUSIVE:
            self.fail_inconclusive(finding.summary, text)
        if finding.outcome is Outcome.FAIL:
            raise NotPassedError(text)


class GapItem(GateItem):
    """The run as a whole, where it cannot be GO: no scenario carries that."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.add_marker("golive")

    def runtest(self) -> None:
        """Tell every gap."""
        gaps = self.parent.gate_session.gaps
        self.fail_inconclusive(gaps[0], "\n".join(f"{Outcome.INCONCLUSIVE}: {gap}" for gap in gaps))


def _text(finding: Finding, evidence: str) -> str:
    lines = [
        f"{finding.outcome} {finding.id}: {finding.summary}",
        f"statement: {finding.statement}",
        f"remediation: {finding.remediation}",
    ]
    if evidence:
        lines.append(f"evidence: {evidence}")
    return "\n".join([*lines, finding.traceback]).rstrip()
