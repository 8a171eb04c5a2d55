"""A hole that is known is used."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Profile, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.requirements"],
    evidence=Setting,
    check=every(one_of("")),
    remediation="Raise the version of what is named, and lock again.",
    profile=Profile.FULL,
    deadline_seconds=60.0,
)
def advisories(gate: Gate) -> Iterator[Setting]:
    """No package of the service has a known hole."""
    yield from gate.audit.advisories()
