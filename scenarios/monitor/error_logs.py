"""THR-604: zero 500 errors, by the logs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.api import Capability, Gate, Ruling, Slo, failed, inconclusive, passed, scenario


@dataclass(frozen=True)
class LogLook:
    """What was added to a log since the look before; `begun` is where the next look begins."""

    at_seconds: float
    place: str
    begun: str
    lines: int
    server_errors: int
    errors: int
    example: str
    error: str


def no_server_error(seen: Sequence[LogLook], _slo: Slo) -> Ruling:
    """No line tells of an answer of 500 or above."""
    last = [one for one in seen if one.at_seconds == seen[-1].at_seconds]
    count = sum(one.server_errors for one in last)
    told = {
        "server_errors": count,
        "error_lines": sum(one.errors for one in last),
        "lines": sum(one.lines for one in last),
    }
    if count:
        example = next(one for one in last if one.server_errors)
        return failed(f"{count} lines of 5xx, in {example.place}: {example.example}", **told)
    if unread := [f"{one.place}: {one.error}" for one in last if one.error]:
        return inconclusive(f"not read: {'; '.join(unread)}", **told)
    more = f", {told['error_lines']} at level error" if told["error_lines"] else ""
    return passed(f"no 5xx in {told['lines']} new lines{more}", **told)


@scenario(
    needs=[Capability.LOGS],
    evidence=LogLook,
    check=no_server_error,
    remediation="Look for the request ids of these lines in all logs.",
)
def error_logs(gate: Gate) -> Iterator[LogLook]:
    """No new line of the logs tells of an answer of 500 or above."""
    for tail in gate.watch.logs():
        yield LogLook(
            at_seconds=gate.watch.at_seconds,
            place=tail.file,
            begun=tail.begun,
            lines=tail.lines,
            server_errors=tail.server_errors,
            errors=tail.errors,
            example=tail.example,
            error=tail.error,
        )
