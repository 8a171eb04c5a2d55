"""THR-602, test 1: the health check answers 200."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from golive.api import Capability, Gate, Ruling, Slo, UnreachableError, failed, passed, scenario


@dataclass(frozen=True)
class Answer:
    """One address and what it answered; `status` is None where nothing answered."""

    address: str
    status: int | None
    milliseconds: float
    error: str


def every_address_is_healthy(seen: Sequence[Answer], _slo: Slo) -> Ruling:
    """The balancer and each node answer 200."""
    slowest = max(answer.milliseconds for answer in seen)
    sick = [answer for answer in seen if answer.status != HTTPStatus.OK]
    if sick:
        told = "; ".join(f"{one.address} {one.error or f'answered {one.status}'}" for one in sick)
        return failed(told, addresses=len(seen), sick=len(sick))
    return passed(f"200 at all {len(seen)} addresses", addresses=len(seen), slowest_ms=slowest)


@scenario(
    needs=[Capability.HTTP],
    evidence=Answer,
    check=every_address_is_healthy,
    remediation="Look at the log of the node that does not answer 200 and start it again.",
)
def health(gate: Gate) -> Iterator[Answer]:
    """The health check answers 200 through the balancer and on every API node."""
    addresses = {"balancer": gate.url(""), **gate.target.nodes}
    for name, base_url in addresses.items():
        address = f"{name} {base_url}{gate.target.target.health}"
        try:
            reply = gate.http.request("GET", f"{base_url}{gate.target.target.health}")
        except UnreachableError as error:
            yield Answer(address, None, 0.0, error.reason)
        else:
            yield Answer(address, reply.status, reply.milliseconds, "")
