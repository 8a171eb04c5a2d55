"""What to do about a verdict: each step is one short sentence, and none is said twice."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from golive.model.evidence import Ending, StepRecord
from golive.model.finding import Finding
from golive.model.ledger import Ledger
from golive.model.outcome import Decision, Outcome
from golive.model.plan import Plan, Step
from golive.model.verdict import Verdict
from golive.reporting.tally import Tally, names

ONWARD = {
    "local": "Gate the deployment that goes live: `golive run TARGET.toml --profile standard`.",
    "staging": "Deploy, then prove production: `golive smoke TARGET.toml`.",
    "production": "Go live, and watch it closely for the first 24 hours.",
}
"""What follows a GO, by the environment that was gated."""


def next_steps(plan: Plan, ledger: Ledger, verdict: Verdict) -> tuple[str, ...]:
    """Mend what failed, make provable what could not be judged; after a GO, what comes next."""
    tally = Tally.of(verdict.findings)
    steps = [
        *_grouped((finding, _remedy(finding)) for finding in tally.failed),
        *_grouped((finding, _proof(finding, plan, ledger)) for finding in tally.inconclusive),
        *(f"Close the gap: {gap}." for gap in verdict.gaps if gap != ledger.damage),
        *_waivers(plan, verdict),
        *_checklists(verdict),
    ]
    if verdict.decision is Decision.GO:
        steps += _onward(plan)
    else:
        steps.append("Then run the gate again.")
    return tuple(dict.fromkeys(steps))


def _grouped(advice: Iterable[tuple[Finding, str]]) -> Iterator[str]:
    """One sentence for all findings that need the same."""
    groups: dict[str, list[Finding]] = {}
    for finding, text in advice:
        groups.setdefault(text, []).append(finding)
    for text, findings in groups.items():
        yield f"{names(findings)}: {text}"


def _remedy(finding: Finding) -> str:
    return finding.remediation or f"Look at its evidence; {finding.summary}."


def _proof(finding: Finding, plan: Plan, ledger: Ledger) -> str:
    """What would make an inconclusive finding provable."""
    step = next((step for step in plan.steps if step.scenario == finding.id), None)
    record = ledger.step(finding.id)
    if step and step.blocked:
        return f"This cannot be judged while {' and '.join(step.blocked)}."
    if ledger.damage:
        return f"Run it again, for its record proves nothing: {ledger.damage}."
    if record is None:
        return "Run it again: it was not reached."
    return _proof_after(finding, step, record)


def _proof_after(finding: Finding, step: Step | None, record: StepRecord) -> str:
    """The same for a scenario that was begun."""
    if record.ending is Ending.INTERRUPTED:
        return "Run it again and let it finish: the run was interrupted."
    if record.ending is Ending.CALLED_OFF:
        return f"Mend that first: {record.detail}."
    if record.ending is Ending.LATE:
        limit = f"{step.deadline_seconds:g} s" if step else "its deadline"
        return f"Find out what takes longer than {limit}, or allow it more time."
    if record.ending is Ending.UNOBSERVABLE:
        return f"Let the gate look: {record.detail}."
    if record.ending is Ending.CRASHED:
        return "Mend the scenario: it crashed, and its traceback says where."
    if finding.traceback:
        return "Mend the check: it crashed, and its traceback says where."
    return f"It could not be decided ({finding.summary}). {finding.remediation}".rstrip()


def _waivers(plan: Plan, verdict: Verdict) -> Iterator[str]:
    """Waivers that end, or have ended, while what they cover still does not hold."""
    today = datetime.fromisoformat(plan.started).date()
    unproven = {finding.id for finding in verdict.findings if finding.outcome is not Outcome.PASS}
    for waiver in plan.waivers:
        if waiver.id in unproven and waiver.expires < today:
            day = waiver.expires.isoformat()
            yield f"{waiver.id}: Mend it or have its waiver renewed, which expired on {day}."
        elif waiver.id in unproven:
            yield f"{waiver.id}: Mend it before its waiver expires on {waiver.expires.isoformat()}."


def _checklists(verdict: Verdict) -> Iterator[str]:
    """Lists that wait for commands or people."""
    waiting = [item.id.partition(".")[0] for item in verdict.items if item.lacks]
    for name in dict.fromkeys(waiting):
        yield f"Work through the checklist: `golive checklist run {name} TARGET.toml`."


def _onward(plan: Plan) -> Iterator[str]:
    if plan.left_out:
        parts = ", ".join(plan.left_out)
        yield f"Prove elsewhere what this deployment leaves out: {parts}."
    if plan.environment == "staging" and plan.profile == "quick":
        yield "Gate it longer before the deploy: `golive run TARGET.toml --profile standard`."
    if plan.environment in ONWARD:
        yield ONWARD[plan.environment]
