"""Chains of calls by the contract's links: what was created can be asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.api import (
    QUICK_CASES,
    Capability,
    Explored,
    Gate,
    Ruling,
    Slo,
    explored,
    inconclusive,
    nothing_broken,
    passed,
    scenario,
)

CHECKS = ("use_after_free", "ensure_resource_availability")


@dataclass(frozen=True)
class Chains(Explored):
    """The same, and how often each link led to an answer: the link, the number."""

    followed: tuple[tuple[str, int], ...]


def links_hold(seen: Sequence[Chains], slo: Slo) -> Ruling:
    """What was created was found by each link, and nothing outlived its deletion."""
    last = seen[-1]
    ruling = nothing_broken(seen, slo)
    if last.broken or last.problem:
        return ruling
    if not last.followed:
        return inconclusive("no link of the contract led from one answer to another")
    links = len(last.followed)
    steps = sum(times for _, times in last.followed)
    return passed(f"{steps} steps over {links} links found what they should", steps=steps)


@scenario(
    needs=[Capability.HTTP],
    evidence=Chains,
    check=links_hold,
    remediation="Follow the link of the finding by hand: create, then ask for what was created.",
    deadline_seconds=170.0,
)
def stateful(gate: Gate) -> Iterator[Chains]:
    """What one call creates is found by the calls that the contract links to it."""
    found = gate.contract.explore(QUICK_CASES)
    yield Chains(**vars(explored(gate, *CHECKS)), followed=found.followed)
