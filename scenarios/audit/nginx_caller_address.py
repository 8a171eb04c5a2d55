"""A caller must not choose the address that the service sees."""

from collections.abc import Iterator, Sequence

from golive.api import Capability, Gate, Ruling, Setting, Slo, failed, passed, scenario

ENDING_WITH_IT = ("$proxy_add_x_forwarded_for", "$remote_addr")


def tells_the_truth(seen: Sequence[Setting], _slo: Slo) -> Ruling:
    """The real address, and the chain with it at its end."""
    said = [str(one.value or "") for one in seen]
    real = [one for one in said if one.startswith("X-Real-IP ")]
    chain = [one for one in said if one.startswith("X-Forwarded-For ")]
    if not real or any("$remote_addr" not in one for one in real):
        return failed("X-Real-IP must be $remote_addr")
    if not chain or not all(one.endswith(ENDING_WITH_IT) for one in chain):
        return failed("X-Forwarded-For must end with the caller's address")
    return passed("; ".join([*real, *chain]))


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.nginx_config"],
    evidence=Setting,
    check=tells_the_truth,
    remediation="proxy_set_header X-Real-IP $remote_addr; and X-Forwarded-For "
    "$proxy_add_x_forwarded_for;.",
)
def nginx_caller_address(gate: Gate) -> Iterator[Setting]:
    """The balancer says who the caller is, whatever the caller says."""
    yield from gate.audit.files.nginx("proxy_set_header")
