"""Who can write there can have the workers read whatever they like."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, Who, every, refused, scenario


@scenario(
    needs=[Capability.S3],
    evidence=Setting,
    check=every(refused),
    remediation="Remove the bucket's policy for everybody: mc anonymous set none.",
)
def s3_writing(gate: Gate) -> Iterator[Setting]:
    """A stranger may not write to the bucket."""
    yield gate.audit.bucket.word(Who.STRANGER, "PUT", f"{gate.marker}-never-stored")
