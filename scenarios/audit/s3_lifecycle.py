"""Versions that are never removed fill the disk in a year."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, scenario


def has_a_rule(setting: Setting) -> str:
    """At least one that is enabled and makes something expire."""
    said = str(setting.value)
    enabled = "<Status>Enabled</Status>" in said and "Expiration>" in said
    return "" if enabled else "must hold an enabled rule"


@scenario(
    needs=[Capability.S3],
    evidence=Setting,
    check=every(has_a_rule),
    remediation="mc ilm rule add --noncurrent-expire-days 30 ALIAS/BUCKET.",
)
def s3_lifecycle(gate: Gate) -> Iterator[Setting]:
    """The bucket removes old versions by a rule."""
    yield gate.audit.bucket.text("lifecycle")
