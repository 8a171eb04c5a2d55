"""Compares two judged runs of one target: which findings changed, what got slower or faster.

A difference counts where its interval lies beyond chance, beyond what is worth telling, and beyond
what a server that does nothing varied by, which was loaded on the same machine before and after
each run.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from golive.errors import LedgerError
from golive.judging.load_figures import CONFIDENCE, Figure, figures_of, stages_of
from golive.model.comparison import Change, Changed, Comparison, Difference
from golive.model.facts import revive
from golive.model.finding import Finding
from golive.model.ledger import Ledger
from golive.model.load.records import Loaded
from golive.model.load.ruling import LEAST_PROCESSOR_SHARE, fell_behind
from golive.model.load.stolen import taken_by_the_host
from golive.model.plan import Plan
from golive.model.slo import Slo
from golive.model.verdict import Verdict
from golive.model.wording import word_of

VARIANT = " (variant: "
SHOWN = 5
RANKS = ("failed", "inconclusive", "waived", "passed")


@dataclass(frozen=True)
class JudgedRun:
    """A run with what was judged of it."""

    plan: Plan
    ledger: Ledger
    verdict: Verdict

    @cached_property
    def loads(self) -> Mapping[str, Loaded]:
        """The evidence of its loads, by scenario."""
        found = {}
        for step in self.ledger.steps:
            for evidence in step.evidence:
                # A catalog of the user's may have evidence of the same name.
                if evidence.kind == Loaded.__name__:
                    with suppress(TypeError):
                        found[step.scenario] = revive(Loaded, evidence.facts)
        return found

    @cached_property
    def findings(self) -> Mapping[str, Finding]:
        """Its findings by name."""
        return {one.id: one for one in self.verdict.findings}


def compare(before: JudgedRun, after: JudgedRun) -> Comparison:
    """What changed. Raises LedgerError where the runs cannot be compared."""
    if reason := next(_reasons(before, after), ""):
        raise LedgerError(
            f"the runs cannot be compared: {reason}", remedy="`golive runs` lists the runs."
        )
    return Comparison(
        target=after.plan.target,
        profile=after.plan.profile,
        before=before.plan.run,
        after=after.plan.run,
        verdict_before=before.verdict.decision,
        verdict_after=after.verdict.decision,
        findings=tuple(_changed(before, after)),
        differences=tuple(_differences(tuple(_figures(before, after)))),
        untold=tuple(_untold(before, after)),
        notes=tuple(_notes(before.plan, after.plan)),
    )


def _reasons(before: JudgedRun, after: JudgedRun) -> Iterator[str]:
    """Why the runs cannot be compared."""
    one, two = before.plan, after.plan
    for run in (before, after):
        if run.ledger.damage:
            yield f"{run.plan.run} proves nothing: {run.ledger.damage}"
    if one.run == two.run:
        yield "it is twice the same run"
    for name in ("target", "environment", "profile"):
        here, there = (str(getattr(plan, name)).partition(VARIANT)[0] for plan in (one, two))
        if here != there:
            yield f"their {name} differs ({here}, {there})"
    yield from _other_scenarios(before, after)


def _other_scenarios(before: JudgedRun, after: JudgedRun) -> Iterator[str]:
    ours, theirs = ({step.scenario for step in run.plan.steps} for run in (before, after))
    if ours != theirs:
        yield f"only one of them has {', '.join(sorted(ours ^ theirs)[:SHOWN])}"
    for name in sorted(before.loads.keys() & after.loads.keys()):
        # A load that was stopped early has not reached all of its stages.
        both = zip(stages_of(before.loads[name]), stages_of(after.loads[name]), strict=False)
        if any((one.stage, one.seconds) != (two.stage, two.seconds) for one, two in both):
            yield f"the stages of {name} are others"


def _changed(before: JudgedRun, after: JudgedRun) -> Iterator[Changed]:
    """Findings with another outcome."""
    for name, now in after.findings.items():
        then = before.findings.get(name)
        if then is None or word_of(then) == word_of(now):
            continue
        is_worse = RANKS.index(word_of(now)) < RANKS.index(word_of(then))
        change = Change.WORSE if is_worse else Change.BETTER
        yield Changed(name, word_of(then), word_of(now), now.summary, change)


def _untold(before: JudgedRun, after: JudgedRun) -> Iterator[str]:
    """Which loads cannot be compared, although both runs planned them."""
    planned = [step.scenario for step in after.plan.steps if step.suite == "load"]
    for name in sorted({*planned, *before.loads, *after.loads}):
        for run in (before, after):
            if reason := _unfit(run.loads.get(name), run.plan.slo):
                yield f"{name} of {run.plan.run}: {reason}"


def _unfit(loaded: Loaded | None, slo: Slo) -> str:
    """Why a load says nothing about how fast the target is (empty = it does)."""
    if loaded is None or not loaded.seconds:
        return "nothing was measured"
    if loaded.processor_share < LEAST_PROCESSOR_SHARE:
        return f"the machine was busy: {loaded.processor_share:.0%} of a processor were left"
    if taken := taken_by_the_host(loaded):
        return taken
    if not loaded.bare:
        return "nothing says what the machine could do"
    if loaded.problem:
        return loaded.problem
    late = [one.stage for one in stages_of(loaded) if fell_behind(one, slo)]
    return f"the generator could not keep up in {late[0]}" if late else ""


def _notes(before: Plan, after: Plan) -> Iterator[str]:
    for name in ("golive", "workers", "base_url", "target"):
        one, two = getattr(before, name), getattr(after, name)
        if one != two:
            yield f"{name} was {one}, and is {two}"
    if before.slo != after.slo:
        yield "the limits of [slo] differ"


def _figures(before: JudgedRun, after: JudgedRun) -> Iterator[Figure]:
    """The figures of the loads of both runs that say how fast the target is."""
    for name, now in after.loads.items():
        then = before.loads.get(name)
        fit = not _unfit(then, before.plan.slo) and not _unfit(now, after.plan.slo)
        if then is not None and fit:
            yield from figures_of(name, then, now, after.plan.slo)


def _differences(figures: Sequence[Figure]) -> Iterator[Difference]:
    """What became of them; what can show nothing makes the others no less sure (Tarone 1990)."""
    telling = sum(one.can_tell for one in figures)
    confidence = 1 - (1 - CONFIDENCE) / max(1, telling)
    found = [one.difference(confidence) for one in figures if one.can_tell or one.is_shown]
    stages = list(dict.fromkeys((one.scenario, one.stage) for one in found))
    yield from sorted(found, key=lambda one: stages.index((one.scenario, one.stage)))
