"""Compares two judged runs of one target: which findings changed, what got slower or faster.

A difference counts where its interval lies beyond chance, beyond what is worth telling, and beyond
what a server that does nothing varied by, which was loaded on the same machine before and after
each run.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from golive.errors import LedgerError
from golive.judging.shifts import Shift, episodes, likely_by_chance, shift
from golive.model.comparison import Change, Changed, Comparison, Difference
from golive.model.facts import revive
from golive.model.finding import Finding
from golive.model.history.records import revived
from golive.model.ledger import Ledger
from golive.model.load.records import ALL, Loaded, Measured, Second
from golive.model.load.ruling import LEAST_PROCESSOR_SHARE, fell_behind
from golive.model.plan import Plan
from golive.model.slo import Slo
from golive.model.verdict import Verdict
from golive.model.wording import word_of

CONFIDENCE = 0.95
"""Of all figures together: the more are compared, the surer each has to be."""

WORTH_TELLING = 1.05
"""Less than this ratio is nobody's concern."""

PARTS = {"p50": "p50", "p95": "p95", "p99": "p95"}
"""The percentiles of a second, and which one of the server that does nothing says how much the
machine varies: its own p99 is of too few requests.
"""

VARIANT = " (variant: "
FIGURES = len(PARTS) + 2
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
    pairs = _pairs(before, after)
    stages = sum(len(one.stages) for one in pairs)
    confidence = 1 - (1 - CONFIDENCE) / max(1, stages * FIGURES)
    return Comparison(
        target=after.plan.target,
        profile=after.plan.profile,
        before=before.plan.run,
        after=after.plan.run,
        verdict_before=before.verdict.decision,
        verdict_after=after.verdict.decision,
        findings=tuple(_changed(before, after)),
        differences=tuple(found for one in pairs for found in one.differences(confidence)),
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
        both = zip(_stages(before.loads[name]), _stages(after.loads[name]), strict=False)
        if any((one.stage, one.seconds) != (two.stage, two.seconds) for one, two in both):
            yield f"the stages of {name} are others"


def _stages(loaded: Loaded) -> list[Measured]:
    return [one for one in revived(Measured, loaded.stages) if one.stage != ALL]


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
    if not loaded.bare:
        return "nothing says what the machine could do"
    if loaded.problem:
        return loaded.problem
    late = [one.stage for one in _stages(loaded) if fell_behind(one, slo)]
    return f"the generator could not keep up in {late[0]}" if late else ""


def _notes(before: Plan, after: Plan) -> Iterator[str]:
    for name in ("golive", "workers", "base_url", "target"):
        one, two = getattr(before, name), getattr(after, name)
        if one != two:
            yield f"{name} was {one}, and is {two}"
    if before.slo != after.slo:
        yield "the limits of [slo] differ"


def _pairs(before: JudgedRun, after: JudgedRun) -> "list[_Pair]":
    """The loads of both runs that say how fast the target is."""
    return [
        _Pair(name, before.loads[name], now, after.plan.slo)
        for name, now in after.loads.items()
        if not _unfit(before.loads.get(name), before.plan.slo) and not _unfit(now, after.plan.slo)
    ]


@dataclass(frozen=True)
class _Pair:
    """A load, before and after."""

    scenario: str
    before: Loaded
    after: Loaded
    slo: Slo

    @cached_property
    def stages(self) -> list[Measured]:
        names = {one.stage for one in _stages(self.before)}
        return [one for one in _stages(self.after) if one.stage in names]

    def differences(self, confidence: float) -> Iterator[Difference]:
        """Every figure of every stage."""
        for stage in self.stages:
            then, now = (_seconds(loaded, stage) for loaded in (self.before, self.after))
            for part, of_bare in PARTS.items():
                yield self._latency(stage, part, (then, now), of_bare, confidence)
            for what, is_bad in _BAD.items():
                bad = tuple([is_bad(one, self.slo) for one in some] for some in (then, now))
                yield self._episodes(stage, what, bad, confidence)

    def _latency(
        self,
        stage: Measured,
        part: str,
        seconds: tuple[Sequence[Second], Sequence[Second]],
        of_bare: str,
        confidence: float,
    ) -> Difference:
        then, now = ([getattr(one, f"felt_{part}_ms") for one in some] for some in seconds)
        then, now = ([value for value in some if value > 0] for some in (then, now))
        found = shift(then, now, confidence)
        return Difference(
            scenario=self.scenario,
            stage=stage.stage,
            what=part,
            before=round(_middle(then), 3),
            after=round(_middle(now), 3),
            unit="ms",
            times=round(found.times, 3) if found else 0.0,
            low=round(found.low, 3) if found else 0.0,
            high=round(found.high, 3) if found else 0.0,
            change=_meaning(found, self._drift(of_bare)),
            counts=not stage.may_be_slow,
        )

    def _episodes(
        self, stage: Measured, what: str, bad: tuple[list[bool], ...], confidence: float
    ) -> Difference:
        then, now = (episodes(some) for some in bad)
        chance = likely_by_chance(then, len(bad[0]), now, len(bad[1]))
        change = Change.CHANCE
        if chance < 1 - confidence:
            change = Change.WORSE if now * len(bad[0]) > then * len(bad[1]) else Change.BETTER
        return Difference(
            scenario=self.scenario,
            stage=stage.stage,
            what=what,
            before=then,
            after=now,
            unit="",
            times=0.0,
            low=0.0,
            high=0.0,
            change=change,
            counts=not stage.may_be_slow,
        )

    def _drift(self, part: str) -> float:
        """By how much a server that does nothing varied on the machine of the two runs."""
        values = [
            value
            for loaded in (self.before, self.after)
            for one in revived(Measured, loaded.bare)
            if (value := getattr(one, f"felt_{part}_ms")) > 0
        ]
        return max(values) / min(values) if values else 1.0


_BAD: Mapping[str, Callable[[Second, Slo], bool]] = {
    "times beyond the limit": lambda one, slo: one.felt_p95_ms >= slo.p95_ms,
    "times with failed or dropped requests": lambda one, _slo: one.failed + one.dropped > 0,
}
"""What a second is counted for; several in a row count once."""


def _seconds(loaded: Loaded, stage: Measured) -> list[Second]:
    """The seconds that lie wholly within a stage."""
    begin, end = stage.began_seconds, stage.began_seconds + stage.seconds
    seconds = revived(Second, loaded.seconds)
    return [one for one in seconds if begin <= one.second and one.second + 1 <= end]


def _meaning(found: Shift | None, drift: float) -> Change:
    """What a shift says."""
    if found is None:
        return Change.SHORT
    for bound, change in ((WORTH_TELLING, Change.CHANCE), (drift, Change.MACHINE)):
        if 1 / bound <= found.high and found.low <= bound:
            return change
    return Change.WORSE if found.times > 1 else Change.BETTER


def _middle(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else 0.0
