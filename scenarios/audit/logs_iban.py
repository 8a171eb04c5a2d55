"""Accounts of people do not belong into logs."""

from collections.abc import Iterator
from random import Random

from schwifty import IBAN

from golive.api import Capability, Gate, Setting, leaves_no_trace, scenario, traces


@scenario(
    needs=[Capability.LOGS, Capability.HTTP],
    evidence=Setting,
    check=leaves_no_trace,
    remediation="Mask account numbers in everything that is logged.",
)
def logs_iban(gate: Gate) -> Iterator[Setting]:
    """An account number that a caller sends does not get into the logs."""
    chance = Random(gate.marker)  # noqa: S311 - test data, no secret
    canary = IBAN.random(country_code="DE", random=chance).compact
    seen = f"{gate.marker}-logs_iban"
    gate.http.request(
        "POST", gate.url(f"/{seen}?iban={canary}"), form={"iban": canary, "bank_account": canary}
    )
    if gate.target.webhook is not None:
        # Where callers' fields are read.
        fields = {"unique_id": canary, "signature": "0" * 40, "bank_account_number": canary}
        gate.http.request("POST", gate.url(gate.target.webhook.path), form=fields)
    yield from traces(gate, seen, canary)
