"""The balancer, the node and the caller must speak of the same id."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, answers, every, scenario


def is_the_same(setting: Setting) -> str:
    """The one that was sent."""
    return "" if setting.value else "must be the one that was sent"


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(is_the_same),
    remediation="Keep X-Request-ID if it is sane, in the balancer and in the service.",
)
def header_request_id_kept(gate: Gate) -> Iterator[Setting]:
    """A caller's own request id comes back."""
    sent = f"{gate.marker}-own-id"
    for method, path in answers(gate):
        reply = gate.http.request(method, gate.url(path), headers={"X-Request-ID": sent})
        came = reply.headers.get("x-request-id", "")
        yield Setting(f"{method} {path}", "own id comes back", came == sent)
