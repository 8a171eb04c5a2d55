"""TRACE gives a page of a foreign site the headers that it may not see."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, answers, every, scenario

REFUSED = 400


def is_refused(setting: Setting) -> str:
    """Any refusal will do."""
    return "" if int(str(setting.value)) >= REFUSED else "must be refused"


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(is_refused),
    remediation="Refuse TRACE at the balancer.",
)
def method_trace(gate: Gate) -> Iterator[Setting]:
    """TRACE is refused."""
    for _, path in answers(gate):
        reply = gate.http.request("TRACE", gate.url(path))
        yield Setting(f"TRACE {path}", "status", reply.status)
