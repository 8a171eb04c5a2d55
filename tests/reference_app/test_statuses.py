"""Statuses of payments."""

from functools import reduce
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_app.webhooks.notification import from_fields
from reference_app.webhooks.statuses import (
    STATUS_ORDER,
    UNKNOWN,
    PaymentState,
    map_emp_status,
    state_of,
    stronger,
)

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


def state(status: str, event: str = "") -> PaymentState:
    """The state that a notification with these words announces."""
    return state_of(from_fields({"unique_id": "a", "status": status, "event": event}))


@pytest.mark.parametrize(
    "status, event, announced",
    [
        ("approved", "chargeback", "chargebacked"),
        ("chargebacked", "chargeback_reversal", "chargeback_reversed"),
        ("nonsense", "second_chargeback", "second_chargebacked"),
        ("approved", "retrieval_request", "approved"),
        ("chargebacked", "nonsense", "chargebacked"),
    ],
)
def test_an_event_can_say_more_than_the_status(status: str, event: str, announced: str) -> None:
    """A chargeback is one even where the status is still that of the sale."""
    assert state(status, event).status == announced


words = st.sampled_from([*GATEWAY_STATUSES, "nonsense"])
events = st.sampled_from(["", "chargeback", "chargeback_reversal", "retrieval_request"])


@given(st.lists(st.tuples(words, events), min_size=1, unique=True), st.randoms())
def test_any_order_of_the_same_notifications_ends_in_one_state(
    said: list[tuple[str, str]], random: Random
) -> None:
    """Not only the same status: decided by the same notification."""
    shuffled = [*said]
    random.shuffle(shuffled)
    ends = [
        max((state(*notification) for notification in order), key=PaymentState.strength)
        for order in (said, shuffled)
    ]
    assert ends[0] == ends[1]
    assert len({state(*words).strength() for words in said}) == len(said)
