"""The flow of a run where its end goes wrong."""

import pytest

from golive import gate
from golive.errors import HealError
from golive.model.settings import Selection, Settings


@pytest.fixture
def resolved(healthy_url, write_target) -> gate.Resolved:
    """A run that asks for health and nothing else."""
    selection = Selection(scenarios=("smoke.health",))
    return gate.resolve(Settings(write_target(healthy_url), selection))


def test_what_is_left_broken_at_the_end_has_a_report_that_says_so(resolved, tmp_path) -> None:
    """Healing at the end of a run fails: the ledger is sealed, judged, rendered, and names it."""

    def heal() -> None:
        raise HealError("the proxy is still down")

    with gate.executing(resolved, tmp_path) as (execution, recorder):
        execution.preflight()
        for step in resolved.plan.steps:
            execution.perform(step)
        execution._target._open.callback(heal)

    conclusion = gate.conclude(recorder.folder, resolved.catalog)
    assert conclusion.unhealed == "the proxy is still down"
    assert (recorder.folder / "report.html").exists()
    assert conclusion.report.verdict.findings[0].outcome == "PASS"
