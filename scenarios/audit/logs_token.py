"""Whoever reads logs could act as any customer."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, leaves_no_trace, scenario, traces


@scenario(
    needs=[Capability.LOGS, Capability.HTTP],
    evidence=Setting,
    check=leaves_no_trace,
    remediation="Log neither the header Authorization nor the arguments of addresses.",
)
def logs_token(gate: Gate) -> Iterator[Setting]:
    """A token that a caller sends does not get into the logs."""
    canary = f"canary{gate.marker[-6:]}token"
    seen = f"{gate.marker}-logs_token"
    gate.http.request(
        "GET",
        gate.url(f"/{seen}?token={canary}"),
        headers={"Authorization": f"Bearer {canary}"},
    )
    if gate.target.uploads is not None:
        # Where tokens are read.
        path = gate.target.uploads.status.partition(" ")[2].replace("{id}", gate.marker)
        gate.http.request("GET", gate.url(path), headers={"Authorization": f"Bearer {canary}"})
    yield from traces(gate, seen, canary)
