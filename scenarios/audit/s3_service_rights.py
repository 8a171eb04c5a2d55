"""The store's administrator can read and remove everything of everybody."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, Who, every, refused, scenario


@scenario(
    needs=[Capability.S3],
    requires=["audit.env_file"],
    evidence=Setting,
    check=every(refused),
    remediation="Make a user of its own for the service; keep the root key out of its environment.",
)
def s3_service_rights(gate: Gate) -> Iterator[Setting]:
    """The service's key is no administrator of the store."""
    for query in ("policy", "lifecycle", "versioning"):
        yield gate.audit.bucket.word(Who.SERVICE, "GET", query=query)
