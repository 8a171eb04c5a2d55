"""People type their password into the wrong field."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, leaves_no_trace, scenario, traces


@scenario(
    needs=[Capability.LOGS, Capability.HTTP],
    evidence=Setting,
    check=leaves_no_trace,
    remediation="Log no bodies, and mask by key what is logged.",
)
def logs_password(gate: Gate) -> Iterator[Setting]:
    """A password that a caller sends does not get into the logs."""
    canary = f"canary{gate.marker[-6:]}pass"
    seen = f"{gate.marker}-logs_password"
    gate.http.request(
        "POST",
        gate.url(f"/{seen}"),
        form={"password": canary, "signature": canary, "unique_id": canary},
    )
    if gate.target.webhook is not None:
        # Where callers' fields are read: refused, since it is signed with the canary.
        fields = {"unique_id": canary, "signature": canary, "password": canary}
        gate.http.request("POST", gate.url(gate.target.webhook.path), form=fields)
    yield from traces(gate, seen, canary)
