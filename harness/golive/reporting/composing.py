"""Composes the report of a judged run."""

from golive.model.ledger import Ledger
from golive.model.plan import Plan
from golive.model.report import Report
from golive.model.verdict import Verdict
from golive.reporting.headline import headline
from golive.reporting.next_steps import next_steps
from golive.reporting.tally import Tally
from golive.reporting.views import views_of


def compose(plan: Plan, ledger: Ledger, verdict: Verdict) -> Report:
    """Put together what a reader is told; the exporters render this and nothing else."""
    return Report(
        plan=plan,
        verdict=verdict,
        steps=ledger.steps,
        operations=ledger.operations,
        seconds=ledger.seconds,
        headline=headline(plan, ledger, verdict),
        next_steps=next_steps(plan, ledger, verdict),
        counts=Tally.of(verdict.findings).counts,
        views=tuple(views_of(ledger.steps, plan.slo)),
    )
