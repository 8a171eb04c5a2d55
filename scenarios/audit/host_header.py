"""A link made of the Host header leads people to the attacker."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, answers, every, scenario

FOREIGN = "golive-foreign.invalid"


def is_not_there(setting: Setting) -> str:
    """Neither in a header nor in the body."""
    return "must not" if setting.value else ""


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(is_not_there),
    remediation="Build links from the configured address, not from the request.",
)
def host_header(gate: Gate) -> Iterator[Setting]:
    """The service makes no links of a foreign Host header."""
    for method, path in answers(gate):
        reply = gate.http.request(method, gate.url(path), headers={"Host": FOREIGN})
        told = FOREIGN in str(dict(reply.headers)) or FOREIGN.encode() in reply.body
        yield Setting(f"{method} {path}", "foreign host comes back", told)
