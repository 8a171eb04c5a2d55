"""Calls that need a credential are closed without one."""

from collections.abc import Iterator

from golive.api import Capability, Explored, Gate, explored, nothing_broken, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["contract.openapi or uploads.token_env"],
    evidence=Explored,
    check=nothing_broken,
    remediation="Check the credential before anything else on the call that the curl line shows.",
    deadline_seconds=170.0,
)
def authentication(gate: Gate) -> Iterator[Explored]:
    """A call that the contract protects is refused without a credential and with a wrong one."""
    yield explored(gate, "ignored_auth")
