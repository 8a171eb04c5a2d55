"""A node with another configuration fails for some, and nobody can tell why."""

from collections.abc import Iterator, Sequence

from golive.api import (
    Capability,
    Gate,
    Ruling,
    Setting,
    Slo,
    answers,
    failed,
    passed,
    scenario,
)


def all_alike(seen: Sequence[Setting], _slo: Slo) -> Ruling:
    """Status and names of headers, for each kind of answer."""
    nodes = {one.place for one in seen}
    for name in {one.name for one in seen}:
        said = {one.place: str(one.value) for one in seen if one.name == name}
        if len(set(said.values())) > 1:
            return failed(f"{name}: " + "; ".join(f"{node} {what}" for node, what in said.items()))
    return passed(f"{len(nodes)} nodes, {len(seen)} answers alike", nodes=len(nodes))


@scenario(
    needs=[Capability.HTTP],
    requires=["nodes"],
    evidence=Setting,
    check=all_alike,
    remediation="Deploy the same configuration to every node.",
)
def nodes_alike(gate: Gate) -> Iterator[Setting]:
    """All nodes answer alike."""
    for name, url in gate.target.nodes.items():
        for method, path in answers(gate):
            reply = gate.http.request(method, f"{url}{path}")
            told = sorted(set(reply.headers) - {"date", "connection", "keep-alive"})
            yield Setting(name, f"{method} {path}", f"{reply.status} {' '.join(told)}")
