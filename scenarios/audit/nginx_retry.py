"""A POST may have taken effect before its node failed."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, scenario


def sends_once(setting: Setting) -> str:
    """The default does not either."""
    said = str(setting.value or "").split()
    return "must not hold non_idempotent" if "non_idempotent" in said else ""


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.nginx_config"],
    evidence=Setting,
    check=every(sends_once),
    remediation="Leave non_idempotent out of proxy_next_upstream.",
)
def nginx_retry(gate: Gate) -> Iterator[Setting]:
    """The balancer never sends a POST to a second node."""
    yield from gate.audit.files.nginx("proxy_next_upstream")
