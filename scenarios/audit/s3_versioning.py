"""A file that was overwritten by mistake is gone otherwise."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, scenario


def is_enabled(setting: Setting) -> str:
    """The store's own word."""
    return "" if "<Status>Enabled</Status>" in str(setting.value) else "must be enabled"


@scenario(
    needs=[Capability.S3],
    evidence=Setting,
    check=every(is_enabled),
    remediation="mc version enable ALIAS/BUCKET.",
)
def s3_versioning(gate: Gate) -> Iterator[Setting]:
    """The bucket keeps versions."""
    yield gate.audit.bucket.text("versioning")
