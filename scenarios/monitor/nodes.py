"""The balancer hides a node that is away; its load has to go somewhere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from golive.api import Capability, Gate, Ruling, Slo, UnreachableError, failed, passed, scenario

TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True)
class NodeAnswer:
    """What a node answered; `status` is 0 where nothing did."""

    at_seconds: float
    place: str
    status: int
    milliseconds: float
    error: str


def all_are_well(seen: Sequence[NodeAnswer], _slo: Slo) -> Ruling:
    """Every node answers 200."""
    last = [one for one in seen if one.at_seconds == seen[-1].at_seconds]
    sick = [one for one in last if one.status != HTTPStatus.OK]
    figures = {"sick": len(sick), "nodes": len(last)}
    if sick:
        told = "; ".join(f"{one.place} {one.error or f'answered {one.status}'}" for one in sick)
        return failed(told, **figures)
    return passed(f"200 at all {len(last)} nodes", **figures)


@scenario(
    needs=[Capability.HTTP],
    requires=["nodes"],
    evidence=NodeAnswer,
    check=all_are_well,
    remediation="Look at the log of the node that does not answer 200 and start it again.",
)
def nodes(gate: Gate) -> Iterator[NodeAnswer]:
    """Every API node is well, past the balancer."""
    at = gate.watch.at_seconds
    for name, base_url in gate.target.nodes.items():
        url = f"{base_url}{gate.target.target.health}"
        try:
            reply = gate.http.request("GET", url, timeout_seconds=TIMEOUT_SECONDS)
        except UnreachableError as error:
            yield NodeAnswer(at, name, 0, 0.0, error.reason)
        else:
            yield NodeAnswer(at, name, reply.status, reply.milliseconds, "")
