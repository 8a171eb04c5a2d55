"""Tells the person who waits how a run goes on: a spinner on a terminal, plain lines elsewhere."""

from pathlib import Path

from rich.markup import escape
from rich.status import Status

from golive.cli.console import err, explain
from golive.config.secrets import printable
from golive.gate import Conclusion
from golive.model.finding import Finding
from golive.model.outcome import Decision, Outcome
from golive.model.plan import Plan, Step
from golive.model.wording import WAIVED

STYLES = {Outcome.PASS: "green", Outcome.FAIL: "bold red", Outcome.INCONCLUSIVE: "bold yellow"}
DECISION_STYLES = {
    Decision.GO: "bold white on green",
    Decision.NO_GO: "bold white on red",
    Decision.UNPROVEN: "bold black on yellow",
}


class Narration:
    """Prints to stderr, so that stdout stays free for `--json`."""

    def __init__(self) -> None:
        self._status: Status | None = None

    def line(self, text: str) -> None:
        """One line of progress."""
        self._busy(text) if err.is_terminal else err.print(printable(text), markup=False)

    def began(self, plan: Plan, folder: Path) -> None:
        """Say what will be gated."""
        self.done()
        statements = "1 statement" if len(plan.steps) == 1 else f"{len(plan.steps)} statements"
        err.print(
            f"[bold]{escape(printable(plan.target))}[/] ({plan.environment}) at "
            f"{escape(printable(plan.base_url))}: {statements}, profile {plan.profile}"
        )
        for part, reason in plan.left_out.items():
            err.print(f"  left out: {part}: {printable(reason)}", markup=False)
        touched = sorted({what for step in plan.steps if not step.blocked for what in step.radius})
        if touched:
            err.print(f"[bold]It will break, and mend again[/] (seed {escape(plan.seed)}):")
            for what in touched:
                err.print(f"  {printable(what)}", markup=False)
        del folder

    def started(self, step: Step) -> None:
        """Show which statement is being tried."""
        if err.is_terminal:
            self._busy(f"{step.scenario}: {step.statement}")

    def found(self, finding: Finding) -> None:
        """Print the finding of a step."""
        style = "bold yellow" if finding.waived else STYLES[finding.outcome]
        word = WAIVED.upper() if finding.waived else finding.outcome
        err.print(
            f"  [{style}]{word:<12}[/] {finding.id:<24} "
            f"{escape(printable(finding.summary))} [dim]({finding.seconds:.1f} s)[/]"
        )

    def done(self) -> None:
        """End the spinner."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def _busy(self, text: str) -> None:
        message = escape(printable(text))
        if self._status is None:
            self._status = err.status(message)
            self._status.start()
        else:
            self._status.update(message)


def tell_conclusion(conclusion: Conclusion) -> None:
    """Print the verdict, why, and what to do next."""
    report = conclusion.report
    decision = report.verdict.decision
    err.print()
    _, _, why = report.headline.partition(": ")
    err.print(f"[{DECISION_STYLES[decision]}] {decision} [/] {escape(printable(why))}")
    for reason in report.verdict.reasons:
        err.print(f"  - {printable(reason)}", markup=False)
    if decision is not Decision.GO and report.next_steps:
        err.print("[bold]What to do[/]")
        for step in report.next_steps:
            err.print(f"  - {printable(step)}", markup=False)
    if conclusion.unhealed:
        err.print("[bold white on red] LEFT BROKEN [/]", end=" ")
        err.print(printable(conclusion.unhealed), markup=False)
    for sentence in conclusion.unrendered:
        explain(sentence)
    page = conclusion.folder / "report.html"
    err.print(f"report: {page if page.exists() else conclusion.folder}", markup=False)
