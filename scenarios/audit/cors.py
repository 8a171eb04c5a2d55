"""Each answer is read by the page of whoever has a user's browser open."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, answers, every, one_of, scenario


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(one_of("")),
    remediation="Name the pages that may, and never send the caller's own Origin back.",
)
def cors(gate: Gate) -> Iterator[Setting]:
    """No foreign page may read answers."""
    for method, path in answers(gate):
        reply = gate.http.request(
            method, gate.url(path), headers={"Origin": "https://golive.invalid"}
        )
        allowed = reply.headers.get("access-control-allow-origin", "")
        yield Setting(f"{method} {path}", "access-control-allow-origin", allowed)
