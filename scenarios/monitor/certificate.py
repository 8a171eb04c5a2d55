"""A certificate that expires takes the service with it, on a day that is known before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.api import Capability, Gate, Ruling, Slo, failed, passed, scenario

LEAST_DAYS = 14.0


@dataclass(frozen=True)
class Validity:
    """How long a certificate is still valid; `address` is empty where none is https://."""

    at_seconds: float
    place: str
    days_left: float
    subject: str
    error: str


def outlives(seen: Sequence[Validity], _slo: Slo) -> Ruling:
    """Every certificate is valid for two more weeks."""
    last = [one for one in seen if one.at_seconds == seen[-1].at_seconds and one.place]
    if not last:
        return passed("no address is https://, so that no certificate can expire")
    if unread := [f"{one.place}: {one.error}" for one in last if one.error]:
        return failed("; ".join(unread))
    first = min(last, key=lambda one: one.days_left)
    told = f"{first.place} ({first.subject}): {first.days_left:.1f} days left"
    rule = failed if first.days_left < LEAST_DAYS else passed
    return rule(told, days_left=round(first.days_left, 2), objective=LEAST_DAYS)


@scenario(
    needs=[Capability.HTTP],
    evidence=Validity,
    check=outlives,
    remediation="Renew the certificate, and find out why that did not happen by itself.",
)
def certificate(gate: Gate) -> Iterator[Validity]:
    """No certificate expires within two weeks."""
    at = gate.watch.at_seconds
    found = gate.watch.certificates()
    for one in found:
        yield Validity(at, one.address, one.days_left, one.subject, one.error)
    if not found:
        yield Validity(at, "", 0.0, "", "")
