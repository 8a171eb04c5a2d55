"""Signatures, expiries and orders of events are told by clocks."""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from time import time

from golive.api import Capability, Gate, Setting, between, every, scenario

UNCERTAIN_SECONDS = 0.3
all_agree = every(between(-1.0 - UNCERTAIN_SECONDS, 1.0 + UNCERTAIN_SECONDS))


def _date(gate: Gate, address: str) -> float:
    told = gate.http.request("GET", address).headers.get("date", "")
    return parsedate_to_datetime(told).timestamp() if told else 0.0


@scenario(
    needs=[Capability.HTTP],
    requires=["nodes"],
    evidence=Setting,
    check=all_agree,
    remediation="Let every machine keep its time by NTP.",
)
def nodes_clock(gate: Gate) -> Iterator[Setting]:
    """The clock of every node agrees with this machine's within a second."""
    for name, url in {"balancer": gate.url(""), **gate.target.nodes}.items():
        address = f"{url}{gate.target.target.health}"
        first = _date(gate, address)
        # The header tells whole seconds: at the moment it changes, it is known better.
        changed = gate.until(
            lambda address=address: _date(gate, address),
            lambda date, first=first: date != first,
            within_seconds=1.5,
        )
        ahead = round(changed - time(), 2) if changed and changed != first else None
        yield Setting(name, "clock ahead, s", ahead, "" if ahead is not None else "no Date header")
