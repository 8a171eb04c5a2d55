"""Scenarios that hold the target against its contract: one for each kind of broken promise.

All of them share one exploration of the run. The evidence is what the checks of one kind saw.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from golive.model.contract import Broken
from golive.model.finding import Ruling, inconclusive, passed
from golive.model.outcome import Outcome
from golive.model.ports import Gate
from golive.model.slo import Slo

QUICK_CASES = 12
"""Generated cases for each call; the ones at the edges of the schemas come on top of them."""

LONGEST_SUMMARY = 160


@dataclass(frozen=True)
class Explored:
    """What the checks of one kind saw: how often they looked, and every promise that was broken.

    The columns of `broken` are those of `Broken`.
    """

    cases: int
    operations: int
    checked: int
    broken: tuple[tuple[str | int, ...], ...]
    problem: str


def explored(gate: Gate, *checks: str, cases: int = QUICK_CASES) -> Explored:
    """What these checks saw when the target was explored."""
    found = gate.contract.explore(cases)
    # A call that never came to its answer broke every promise about it.
    broken = [one for one in found.broken if one.check in {*checks, "network"}]
    return Explored(
        cases=found.cases,
        operations=len(found.operations),
        checked=sum(times for name, times in found.checked if name in checks),
        broken=tuple(astuple(one) for one in broken),
        problem=found.problem,
    )


def nothing_broken(seen: Sequence[Explored], _slo: Slo) -> Ruling:
    """No answer broke a promise of this kind."""
    last = seen[-1]
    broken = [Broken(*row) for row in last.broken]  # type: ignore[arg-type]
    figures = {"cases": last.cases, "operations": last.operations, "checked": last.checked}
    if broken:
        return _told(broken, figures)
    if last.problem:
        return inconclusive(f"the contract could not be explored: {last.problem}", **figures)
    if not last.checked:
        return inconclusive("no answer was held against the contract", **figures)
    return passed(
        f"{last.checked} answers of {last.operations} calls kept it ({last.cases} cases)", **figures
    )


def _told(broken: list[Broken], figures: dict[str, int]) -> Ruling:
    first = broken[0]
    more = f", and {len(broken) - 1} more" if len(broken) > 1 else ""
    what = first.what if len(first.what) <= LONGEST_SUMMARY else f"{first.what[:LONGEST_SUMMARY]}…"
    summary = f"{first.operation}: {what}{more}"
    return Ruling(Outcome.FAIL, summary, {**figures, "broken": len(broken)}, witness=story(broken))


def story(broken: Sequence[Broken]) -> str:
    """Every broken promise, with the line that shows it again."""
    return "\n".join(
        f"{one.operation} ({one.times}x): {one.what}\n    {one.curl}".rstrip() for one in broken
    )
