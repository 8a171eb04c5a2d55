"""A stolen key must not open what the service does not need."""

from collections.abc import Iterator, Sequence

from golive.api import Capability, Gate, Ruling, Setting, Slo, Who, failed, passed, scenario


def sees_one(seen: Sequence[Setting], _slo: Slo) -> Ruling:
    """Its own bucket or, where it may list none at all, nothing."""
    listed, own = seen
    others = sorted(set(str(listed.value or "").split()) - {str(own.value)})
    if others:
        return failed(f"it sees {len(others)} others", others=len(others))
    return passed(f"it sees {listed.value or 'none'}")


@scenario(
    needs=[Capability.S3],
    requires=["audit.env_file"],
    evidence=Setting,
    check=sees_one,
    remediation="Give the service a policy for this one bucket.",
)
def s3_service_buckets(gate: Gate) -> Iterator[Setting]:
    """The service's key sees no bucket but its own."""
    yield gate.audit.bucket.buckets(Who.SERVICE)
    section = gate.target.observe.s3
    yield Setting("target file", "bucket", section.bucket if section else None)
