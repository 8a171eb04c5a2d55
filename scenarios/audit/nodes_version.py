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
    """One version of the nodes, one release of the servers, and known."""
    told = "; ".join(str(one) for one in seen)
    known = {(one.name, one.value) for one in seen if not one.unknown}
    if len(known) > len({name for name, _ in known}):
        return failed(told, looked_at=len(seen))
    if unknown := next((one for one in seen if one.unknown), None):
        return inconclusive(f"{unknown.place}: {unknown.unknown}")
    return passed(told, looked_at=len(seen))


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
    remediation="Deploy the release to the nodes and workers that lag behind.",
)
def nodes_version(gate: Gate) -> Iterator[Setting]:
    """All nodes run the same version, and so does every worker that a deploy replaces."""
    for name, url in gate.target.nodes.items():
        reply = gate.http.request("GET", f"{url}{gate.target.target.health}")
        version = _at(reply.body, gate.target.audit.version)
        unknown = "" if version else "the health check does not tell the version"
        yield Setting(name, "version", version or None, unknown)
    yield from gate.audit.releases.running()
