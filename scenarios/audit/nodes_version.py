"""Half a release is none."""

import json
from collections.abc import Iterator, Sequence

from golive.api import (
    Capability,
    Gate,
    Ruling,
    Setting,
    Slo,
    failed,
    inconclusive,
    passed,
    scenario,
)


def all_the_same(seen: Sequence[Setting], _slo: Slo) -> Ruling:
    """One version, and known."""
    versions = sorted({str(one.value or "") for one in seen})
    if not all(versions):
        return inconclusive("the health check does not tell the version")
    told = "; ".join(f"{one.place} {one.value}" for one in seen)
    return passed(told, nodes=len(seen)) if len(versions) == 1 else failed(told, nodes=len(seen))


def _at(body: bytes, path: str) -> str:
    try:
        value = json.loads(body)
        for name in path.split("."):
            value = value[name]
    except (ValueError, LookupError, TypeError):
        return ""
    return str(value)


@scenario(
    needs=[Capability.HTTP],
    requires=["nodes"],
    evidence=Setting,
    check=all_the_same,
    remediation="Deploy the release to the nodes that lag behind.",
)
def nodes_version(gate: Gate) -> Iterator[Setting]:
    """All nodes run the same version."""
    for name, url in gate.target.nodes.items():
        reply = gate.http.request("GET", f"{url}{gate.target.target.health}")
        yield Setting(name, "version", _at(reply.body, gate.target.audit.version))
