"""One plain sentence: what was gated, what was decided and why."""

from collections.abc import Iterator

from golive.model.evidence import Ending
from golive.model.finding import Finding
from golive.model.ledger import Ledger
from golive.model.outcome import Decision, Outcome
from golive.model.plan import Plan
from golive.model.verdict import Verdict
from golive.reporting.tally import Tally, names, shortened


def headline(plan: Plan, ledger: Ledger, verdict: Verdict) -> str:
    """`NO_GO: 2 of 8 statements about reference (local) do not hold: smoke.health, …`."""
    tally = Tally.of(verdict.findings)
    clauses = [
        _lead(plan, verdict, tally),
        *_asides(verdict.decision, tally),
        *_open_items(verdict),
        *_circumstances(verdict, ledger),
    ]
    return f"{verdict.decision}: {'; '.join(clauses)}"


def _lead(plan: Plan, verdict: Verdict, tally: Tally) -> str:
    """The clause that carries the decision."""
    about = f"about {plan.target} ({plan.environment})"
    total = len(verdict.findings)
    if not total and verdict.items:
        proven = [item for item in verdict.items if item.outcome is Outcome.PASS]
        return f"{len(proven)} of {len(verdict.items)} checklist items {about} are proven"
    if not total:
        return f"nothing {about} was judged"
    if verdict.decision is Decision.NO_GO and tally.failed:
        verb = "does not hold" if len(tally.failed) == 1 else "do not hold"
        return f"{_of(len(tally.failed), total)} {about} {verb}: {names(tally.failed)}"
    if verdict.decision is Decision.UNPROVEN and tally.inconclusive:
        undecided = tally.inconclusive
        return f"{_of(len(undecided), total)} {about} could not be judged: {names(undecided)}"
    passed = len(tally.passed)
    verb = "holds" if passed == 1 else "hold"
    if not passed:
        return f"no statement {about} was proven"
    if passed < total:
        return f"{_of(passed, total)} {about} {verb}"
    return f"{'the one statement' if total == 1 else f'all {total} statements'} {about} {verb}"


def _of(count: int, total: int) -> str:
    return f"{count} of {total} {'statement' if total == 1 else 'statements'}"


def _asides(decision: Decision, tally: Tally) -> Iterator[str]:
    """What the lead does not say of the other findings."""
    # A failure that did not lead to NO_GO is one that no checklist item requires; likewise below.
    if tally.failed and decision is not Decision.NO_GO:
        verb = "does not hold, but is" if len(tally.failed) == 1 else "do not hold, but are"
        yield _aside(tally.failed, f"{verb} only recommended")
    if tally.inconclusive and decision is Decision.NO_GO:
        yield _aside(tally.inconclusive, "could not be judged")
    if tally.inconclusive and decision is Decision.GO:
        verb = "is" if len(tally.inconclusive) == 1 else "are"
        yield _aside(tally.inconclusive, f"could not be judged, but {verb} only recommended")
    if tally.waived:
        yield _aside(tally.waived, "is waived" if len(tally.waived) == 1 else "are waived")


def _open_items(verdict: Verdict) -> Iterator[str]:
    """Items that wait for a command or a signature, which no finding tells."""
    waiting = [one for one in verdict.items if one.lacks and one.level == "must"]
    if waiting:
        verb = "item is" if len(waiting) == 1 else "items are"
        yield f"{len(waiting)} checklist {verb} not proven: {shortened(one.id for one in waiting)}"


def _aside(findings: tuple[Finding, ...], what: str) -> str:
    return f"{len(findings)} {what}: {names(findings)}"


def _circumstances(verdict: Verdict, ledger: Ledger) -> Iterator[str]:
    """What says something of the run as a whole."""
    yield from verdict.gaps[:1]
    if (more := len(verdict.gaps) - 1) > 0:
        yield f"{more} more gaps of this kind" if more > 1 else "one more gap of this kind"
    if any(step.ending is Ending.INTERRUPTED for step in ledger.steps):
        yield "the run was interrupted"
