"""One id through balancer, node and worker makes a night short."""

from collections.abc import Iterator, Sequence

from golive.api import Capability, Gate, Setting, every, scenario


def is_passed_on(setting: Setting) -> str:
    """Both the node and the log get it."""
    return "" if setting.value else "must be set"


def _variable(sent: Sequence[Setting]) -> str:
    return str(sent[0].value).split()[-1] if sent else ""


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.nginx_config"],
    evidence=Setting,
    check=every(is_passed_on),
    remediation="proxy_set_header X-Request-ID, and the same variable in log_format.",
)
def nginx_request_id(gate: Gate) -> Iterator[Setting]:
    """The balancer gives each request an id, and logs it."""
    sent = [
        one
        for one in gate.audit.files.nginx("proxy_set_header")
        if str(one.value).lower().startswith("x-request-id ")
    ]
    yield sent[0] if sent else Setting("nginx", "X-Request-ID")
    formats = gate.audit.files.nginx("log_format")
    ids = [one for one in formats if _variable(sent) in str(one.value)]
    yield Setting("nginx", "log_format with the id", ids[0].value if ids and sent else None)
