"""A node that the balancer does not know is paid for and idle."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from golive.api import Capability, Gate, Ruling, Setting, Slo, failed, passed, scenario


def knows_all(seen: Sequence[Setting], _slo: Slo) -> Ruling:
    """By address."""
    listed = {str(one.value).split()[0] for one in seen if one.name == "server"}
    nodes = {str(one.value) for one in seen if one.name != "server"}
    if missing := sorted(nodes - listed):
        return failed(f"the upstream lacks {', '.join(missing)}")
    return passed(f"{len(nodes)} nodes of {len(listed)} in the upstream", nodes=len(nodes))


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.nginx_config", "nodes"],
    evidence=Setting,
    check=knows_all,
    remediation="List each node of [nodes] in the upstream.",
)
def nginx_nodes(gate: Gate) -> Iterator[Setting]:
    """The balancer knows every node."""
    yield from (one for one in gate.audit.files.nginx("server") if "upstream" in one.place)
    for name, url in gate.target.nodes.items():
        address = gate.target.audit.upstream.get(name, urlsplit(url).netloc)
        yield Setting("target file", f"node {name}", address)
