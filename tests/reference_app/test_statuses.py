"""Statuses of payments."""

from functools import reduce
from itertools import permutations

import pytest

from reference_app.webhooks.statuses import STATUS_ORDER, UNKNOWN, map_emp_status, stronger

GATEWAY_STATUSES = [
    "approved",
    "declined",
    "pending",
    "pending_async",
    "in_progress",
    "refunded",
    "voided",
    "error",
    "unsuccessful",
    "new",
    "user",
    "timeout",
    "chargebacked",
    "chargeback_reversed",
    "pre_arbitrated",
    "enabled",
    "disabled",
    "success",
    "submitted",
    "pending_hold",
    "second_chargebacked",
    "represented",
    "active",
    "invalidated",
    "chargeback_reversal",
    "representment_reversed",
    "pending_review",
]
NOT_OF_A_PAYMENT = {"enabled", "disabled", "success", "active", "invalidated"}


@pytest.mark.parametrize("status", GATEWAY_STATUSES)
def test_every_payment_status_of_the_gateway_is_known(status: str) -> None:
    """Only statuses that no payment has map to unknown."""
    assert (map_emp_status(status) == UNKNOWN) == (status in NOT_OF_A_PAYMENT)


@pytest.mark.parametrize(
    "spelling", ["chargeback reversed", "Chargeback_Reversed", "chargeback-reversed"]
)
def test_spellings_of_the_documentation_are_understood(spelling: str) -> None:
    """The documentation writes one status in several ways."""
    assert map_emp_status(spelling) == "chargeback_reversed"


def test_final_state_is_the_same_for_every_order() -> None:
    """Late and shuffled notifications end where the ordered ones do."""
    statuses = ["nonsense", "pending_async", "approved", "chargebacked", "second_chargebacked"]
    for arrived in permutations(statuses):
        assert reduce(stronger, map(map_emp_status, arrived)) == "second_chargebacked"


def test_late_approval_does_not_undo_a_chargeback() -> None:
    """The money is gone, whatever arrives afterwards."""
    for late in ("approved", "pending", "declined", "error", "voided", "refunded", UNKNOWN):
        assert stronger("chargebacked", late) == "chargebacked"


def test_whatever_is_mapped_has_a_rank() -> None:
    """No status can come out of the map that the order does not know."""
    assert {map_emp_status(status) for status in GATEWAY_STATUSES} <= set(STATUS_ORDER)
