"""Tells the person at the terminal how a watch goes on: a line for every check."""

from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape

from golive.cli.console import err
from golive.cli.narration import STYLES
from golive.config.secrets import printable
from golive.model.finding import Grade
from golive.model.monitoring.incidents import Incident, Judged
from golive.model.monitoring.records import WatchOrder
from golive.model.monitoring.story import Story
from golive.model.monitoring.wording import clock
from golive.model.outcome import Outcome
from golive.model.plan import Plan
from golive.model.wording import duration


class WatchNarration:
    """Prints to stderr, so that stdout stays free for `--json`."""

    def __init__(self) -> None:
        self._opened: set[int] = set()
        self._closed: set[int] = set()

    def watching(self, plan: Plan, order: WatchOrder, folder: Path, since_seconds: float) -> None:
        """Say what is watched, for how long, and who will be told."""
        checks = len(order.schedule.due_seconds)
        real = duration(order.schedule.seconds / order.scale)
        pace = f", {order.scale:g} times as fast" if order.scale != 1 else ""
        err.print(
            f"[bold]{escape(printable(plan.target))}[/] ({plan.environment}) at "
            f"{escape(printable(plan.base_url))}: {checks} checks in {real}{pace}"
        )
        if since_seconds > order.probe_seconds:
            err.print(f"going on at {clock(since_seconds)}", markup=False)
        told = ", ".join(order.channels) or "nobody: the target file has no [[monitor.escalate]]"
        err.print(f"incidents are told to: {told}", markup=False)
        for step in plan.steps:
            if step.blocked:
                err.print(
                    f"  cannot look: {step.scenario}: {'; '.join(step.blocked)}", markup=False
                )
        err.print(f"run: {folder} (Ctrl-C ends it with a report)", markup=False)

    def looked(self, check: Sequence[Judged], story: Story) -> None:
        """One line for a check, and one for every incident that began or ended."""
        if not check:
            return
        findings = [one.finding for one in check]
        counts = {word: sum(one.outcome is word for one in findings) for word in Outcome}
        worst = next((word for word in (Outcome.FAIL, Outcome.PASS) if counts[word]), Outcome.PASS)
        idle = sum(one.grade is Grade.IDLE for one in findings)
        blind = counts[Outcome.INCONCLUSIVE] - idle
        parts = [f"{counts[Outcome.PASS]} hold"]
        parts += [f"{counts[Outcome.FAIL]} fail"] if counts[Outcome.FAIL] else []
        parts += [f"{blind} blind"] if blind else []
        parts += [f"{idle} without traffic"] if idle else []
        called = "" if check[0].is_scheduled else " (called by the probes)"
        up = story.uptime.ratio
        uptime = f"uptime {up:.3%}" if up is not None else "uptime unknown"
        err.print(
            f"  {clock(check[0].at_seconds)}  [{STYLES[worst]}]{', '.join(parts)}[/], "
            f"{uptime}{called}"
        )
        for one in story.incidents:
            self._tell(one)

    def _tell(self, one: Incident) -> None:
        if one.number not in self._opened:
            self._opened.add(one.number)
            style = "bold white on red" if one.is_critical else "bold yellow"
            err.print(f"  [{style}]incident {one.number}, {one.severity}[/]: ", end="")
            err.print(f"{one.scenario}: {printable(one.cause)}", markup=False)
        if one.ends_seconds is not None and one.number not in self._closed:
            self._closed.add(one.number)
            err.print(f"  incident {one.number} is over at {clock(one.ends_seconds)}", markup=False)
