"""A file on the disk of one node is not there on the others."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.env_file"],
    evidence=Setting,
    check=every(one_of("s3")),
    remediation="Set FILESYSTEM_DISK=s3.",
)
def env_files(gate: Gate) -> Iterator[Setting]:
    """Files go to the bucket."""
    yield gate.audit.files.variable("FILESYSTEM_DISK")
