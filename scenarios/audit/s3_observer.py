"""A gate that can write is a fault waiting to happen."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, Who, every, refused, scenario


@scenario(
    needs=[Capability.S3],
    evidence=Setting,
    check=every(refused),
    remediation="Give the observer a policy with GetObject and ListBucket only.",
)
def s3_observer(gate: Gate) -> Iterator[Setting]:
    """The observer cannot write to the bucket."""
    yield gate.audit.bucket.word(Who.OBSERVER, "PUT", f"{gate.marker}-never-stored")
