"""Uploaded files hold names and accounts of people."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, Who, every, refused, scenario


@scenario(
    needs=[Capability.S3],
    evidence=Setting,
    check=every(refused),
    remediation="Remove the bucket's policy for everybody: mc anonymous set none.",
)
def s3_reading(gate: Gate) -> Iterator[Setting]:
    """A stranger may not read from the bucket."""
    # One that is there: of others a store says "denied" to whoever may read but not list.
    key = gate.audit.bucket.some_key() or f"{gate.marker}-no-such-key"
    yield gate.audit.bucket.word(Who.STRANGER, "GET", key)
