"""Callers of the contract that was promised before go on working."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.api import Capability, Gate, Ruling, Slo, failed, passed, scenario


@dataclass(frozen=True)
class Compared:
    """The older contract, and what of the newer one breaks its callers."""

    baseline: str
    breaking: tuple[str, ...]


def nobody_breaks(seen: Sequence[Compared], _slo: Slo) -> Ruling:
    """Nothing that callers of the older contract send or read has gone."""
    compared = seen[-1]
    if compared.breaking:
        return failed("; ".join(compared.breaking), breaking=len(compared.breaking))
    return passed(f"callers of {compared.baseline} go on working")


@scenario(
    needs=[Capability.HTTP],
    requires=["contract.baseline"],
    evidence=Compared,
    check=nobody_breaks,
    remediation="Keep what was promised beside what is new, or agree with every caller on a day "
    "and store the new contract as the baseline.",
)
def compatibility(gate: Gate) -> Iterator[Compared]:
    """The contract breaks no caller of the stored one."""
    yield Compared(str(gate.target.contract.baseline), tuple(gate.contract.breaking()))
