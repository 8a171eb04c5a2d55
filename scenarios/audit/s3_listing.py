"""Names of files are names of customers."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, Who, every, refused, scenario


@scenario(
    needs=[Capability.S3],
    evidence=Setting,
    check=every(refused),
    remediation="Remove the bucket's policy for everybody: mc anonymous set none.",
)
def s3_listing(gate: Gate) -> Iterator[Setting]:
    """A stranger may not list the bucket."""
    yield gate.audit.bucket.word(Who.STRANGER, "GET", query="list-type=2")
