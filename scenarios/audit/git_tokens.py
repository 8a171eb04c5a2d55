"""Keys of providers are found in a repository by machines, in minutes."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, between, every, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.git_repository"],
    evidence=Setting,
    check=every(between(0, 0)),
    remediation="Revoke what is named, then remove it from the history with git filter-repo.",
)
def git_tokens(gate: Gate) -> Iterator[Setting]:
    """No private key and no provider's token is in the source or its history."""
    yield from gate.audit.repository.leaks()
